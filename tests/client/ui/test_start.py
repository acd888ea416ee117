"""Starting the app where it cannot start: one sentence each, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from client.main import configure_kivy, may_have_screen

ROOT = Path(__file__).parents[3]
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")


def start(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if name not in SCREENS}
    return subprocess.run(
        [sys.executable, "-m", "client", *arguments],
        env={**bare, "DINDIN_HOME": str(home), **environment},
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a screen")
@pytest.mark.parametrize("display", ["", ":987"], ids=["no screen", "a screen that does not answer"])
def test_without_a_screen_one_sentence_is_said(tmp_path: Path, display: str) -> None:
    ended = start(tmp_path, DISPLAY=display)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith("DinDin needs a screen")
    assert ended.stderr.count("\n") == 1


def test_a_senseless_server_is_named(tmp_path: Path) -> None:
    ended = start(tmp_path, "--server", "nowhere", DISPLAY=":987")
    assert ended.returncode == 1
    assert "nowhere" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    ended = start(tmp_path, "dindin://join/nowhere", DISPLAY=":987")
    assert ended.returncode == 1
    assert "dindin://join/nowhere" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"ANDROID_ARGUMENT": "/data/app"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_only_linux_tells_beforehand(platform: str, environment: dict[str, str], expected: bool) -> None:
    assert may_have_screen(platform, environment) is expected


def test_what_the_user_has_set_for_kivy_stays() -> None:
    environment = {"SDL_VIDEODRIVER": "offscreen", "KIVY_LOG_MODE": "KIVY"}
    configure_kivy(environment)
    assert environment["SDL_VIDEODRIVER"] == "offscreen"
    assert environment["KIVY_LOG_MODE"] == "KIVY"
    assert environment["KIVY_NO_ARGS"] == "1"
