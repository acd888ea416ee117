"""The desktop entry that makes `dindin://` links open the app, read as desktops read such entries."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from pathlib import Path

import pytest

from client.desktop_entry import CHECKOUT, ENTRY_NAME, applications_folder, entry_text, register_links

SERVER = "https://dindin.example"


def parsed(content: str) -> configparser.SectionProxy:
    """The keys of an entry."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # the way to keep the keys' case
    parser.read_string(content)
    return parser["Desktop Entry"]


def words_of(entry: configparser.SectionProxy) -> list[str]:
    """The words of its command, as a desktop takes them apart: escapes of values first, then quotes, then `%`."""
    command = entry["Exec"].replace("\\\\", "\\")
    taken_apart = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\n' {command}"], capture_output=True, text=True, check=True
    )
    words = taken_apart.stdout.splitlines()
    return [word if word == "%u" else word.replace("%%", "%") for word in words]


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a user without anything yet, and without a desktop's tools."""
    monkeypatch.setenv("PATH", str(tmp_path / "tools"))
    return {"XDG_DATA_HOME": str(tmp_path / "data"), "HOME": str(tmp_path)}


def entry_of(desktop: dict[str, str]) -> Path:
    return Path(desktop["XDG_DATA_HOME"]) / "applications" / ENTRY_NAME


def test_the_entry_opens_links_with_this_checkout_and_server() -> None:
    entry = parsed(entry_text(SERVER))
    assert entry["MimeType"] == "x-scheme-handler/dindin;"
    assert Path(entry["Icon"]).is_file()
    assert words_of(entry) == [
        "env", f"PYTHONPATH={CHECKOUT}", f"DINDIN_SERVER={SERVER}", sys.executable, "-m", "client", "%u",
    ]  # fmt: skip


def test_a_packed_program_is_started_as_such() -> None:
    entry = parsed(entry_text(SERVER, python="/opt/dindin/dindin", packed=True))
    assert words_of(entry) == ["env", f"DINDIN_SERVER={SERVER}", "/opt/dindin/dindin", "%u"]


def test_nothing_is_quoted_without_need() -> None:
    """The plainest of openers, `xdg-open` without a desktop, does not know quotes."""
    entry = parsed(entry_text(SERVER, python="/home/ana/.venv/bin/python", checkout=Path("/home/ana/dindin")))
    assert '"' not in entry["Exec"]


@pytest.mark.parametrize("name", ["two words", "50%off", "a$b`c", 'say "hi"', "back\\slash"])
def test_strange_folders_stay_one_word(name: str) -> None:
    checkout = Path("/home/ana") / name
    entry = parsed(entry_text(SERVER, python=f"{checkout}/python", checkout=checkout))
    assert words_of(entry)[1] == f"PYTHONPATH={checkout}"
    assert words_of(entry)[3] == f"{checkout}/python"


def test_its_command_runs_from_anywhere(tmp_path: Path) -> None:
    words = [word if word != "%u" else "dindin://nowhere" for word in words_of(parsed(entry_text(SERVER)))]
    environment = {**os.environ, "DINDIN_HOME": str(tmp_path)}
    ended = subprocess.run(
        words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert "'dindin://nowhere' is no invitation" in ended.stderr


def test_it_is_written_once_and_again_when_it_differs(desktop: dict[str, str]) -> None:
    register_links(SERVER, desktop)
    path = entry_of(desktop)
    os.utime(path, (1, 1))
    register_links(SERVER, desktop)
    assert path.stat().st_mtime == 1
    register_links("https://other.example", desktop)
    assert "https://other.example" in path.read_text("utf-8")


def test_the_desktops_own_tools_are_told(desktop: dict[str, str], tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("xdg-mime", "update-desktop-database"):
        (tools / name).write_text(f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/told\n')
        (tools / name).chmod(0o755)
    register_links(SERVER, desktop)
    assert (tmp_path / "told").read_text().splitlines() == [
        f"update-desktop-database {entry_of(desktop).parent}",
        f"xdg-mime default {ENTRY_NAME} x-scheme-handler/dindin",
    ]


def test_a_folder_that_cannot_be_written_does_not_keep_the_app_from_starting(
    desktop: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    Path(desktop["XDG_DATA_HOME"]).write_text("in the way")
    register_links(SERVER, desktop)
    assert "links may not open the app" in caplog.text


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"XDG_DATA_HOME": "/data", "HOME": "/home/ana"}, Path("/data/applications")),
        ({"XDG_DATA_HOME": "data", "HOME": "/home/ana"}, Path("/home/ana/.local/share/applications")),
        ({"HOME": "/home/ana"}, Path("/home/ana/.local/share/applications")),
        ({}, None),
    ],
)
def test_where_entries_are_kept(environment: dict[str, str], folder: Path | None) -> None:
    assert applications_folder(environment) == folder
