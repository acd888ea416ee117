"""Whether the system is dark, as it says itself."""

from __future__ import annotations

import subprocess

import pytest

from client.system_look import is_system_dark


@pytest.mark.parametrize(
    ("platform", "answer", "dark"),
    [
        ("linux", "'prefer-dark'\n", True),
        ("linux", "'default'\n", False),
        ("darwin", "Dark\n", True),
        ("darwin", "", False),
        ("ios", "Dark", False),
    ],
)
def test_what_the_system_says(platform: str, answer: str, dark: bool) -> None:
    assert is_system_dark(platform, lambda _command: answer) == dark


@pytest.mark.parametrize(
    "problem", [FileNotFoundError("gsettings"), subprocess.TimeoutExpired("gsettings", 2)]
)
def test_a_system_that_does_not_say_is_light(problem: Exception) -> None:
    def fails(_command: tuple[str, ...]) -> str:
        raise problem

    assert not is_system_dark("linux", fails)


@pytest.mark.parametrize("platform", ["android", "win32"])
def test_what_is_not_there_is_light(platform: str) -> None:
    assert not is_system_dark(platform)
