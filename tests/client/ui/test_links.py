"""Links that the desktop opens: the app tells it once, and the app that runs takes them."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from client.join_code import Invitation
from client.store import actions, group_actions
from client.theme.metrics import WINDOW_HEIGHT, WINDOW_WIDTH
from tests.client.ui import scenes
from tests.client.ui.display import Display, open_display
from tests.client.ui.hand import Hand, wait_for_window, wait_until
from tests.client.ui.stage import Stage

ROOT = Path(__file__).parents[3]
LINK = "dindin://join/K7MQ4P"
# Nobody listens there: the app shows its first screen all the same.
SERVER = "http://127.0.0.1:9"
Play = Callable[..., Stage]


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Display]:
    """A display for the app alone, whose pixels can be read."""
    frames = tmp_path / "frames"
    frames.mkdir()
    display = open_display(frames=frames)
    yield display
    display.close()


@pytest.fixture
def desktop(tmp_path: Path, screen: Display) -> dict[str, str]:
    """The environment of a user who has nothing yet but a screen."""
    kept = {name: value for name, value in os.environ.items() if name != "DINDIN_HOME"}
    folders = {f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("DATA", "CONFIG", "CACHE")}
    return {**kept, **folders, "HOME": str(tmp_path), "DISPLAY": screen.name}


@pytest.fixture
def app(desktop: dict[str, str], screen: Display, tmp_path: Path) -> Iterator[Hand]:
    """The app as a process of its own, started by hand."""
    command = [sys.executable, "-m", "client", "--server", SERVER]
    with (
        (tmp_path / "app.log").open("w") as log,
        subprocess.Popen(command, cwd=ROOT, env=desktop, stdout=log, stderr=log) as process,
    ):
        try:
            yield wait_for_window(screen, (WINDOW_WIDTH, WINDOW_HEIGHT))
        finally:
            process.terminate()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="entries are how Linux desktops do it")
def test_what_the_desktop_was_told_brings_links_to_the_app_that_runs(
    app: Hand, desktop: dict[str, str], tmp_path: Path
) -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(tmp_path / "data" / "applications" / "dindin.desktop", "utf-8")
    command = parser["Desktop Entry"]["Exec"].replace("%u", LINK)
    corners = (0, 0), (WINDOW_WIDTH, WINDOW_HEIGHT)
    before = app.look(*corners)
    opened = subprocess.run(
        ["/bin/sh", "-c", command], cwd="/", env=desktop, timeout=60, check=False, capture_output=True, text=True
    )  # fmt: skip
    # It has ended although its window would have stayed: another has taken the link.
    assert (opened.returncode, opened.stderr) == (0, "")
    wait_until(lambda: app.look(*corners) != before, "the form that the link leads to")


def test_an_app_with_a_folder_of_its_own_leaves_the_desktop_alone(
    desktop: dict[str, str], tmp_path: Path, screen: Display
) -> None:
    own = {**desktop, "DINDIN_HOME": str(tmp_path / "own")}
    command = [sys.executable, "-m", "client", "--server", SERVER]
    with subprocess.Popen(command, cwd=ROOT, env=own) as process:
        try:
            wait_for_window(screen, (WINDOW_WIDTH, WINDOW_HEIGHT))
        finally:
            process.terminate()
    assert not (tmp_path / "data" / "applications").exists()


@pytest.mark.parametrize(
    "invitation", [Invitation(code="K7MQ4P"), Invitation(group_token="Kd9_x-2f")], ids=["session", "group"]
)
def test_the_app_follows_a_link_while_it_runs(play: Play, invitation: Invitation) -> None:
    stage = play(scenes.at_home())
    stage.app.follow(invitation)
    assert stage.calls == [("follow", invitation)]


def test_an_invitation_to_a_group_leads_there_from_wherever_one_is(play: Play) -> None:
    stage = play(replace(scenes.at_home(), groups=()))
    stage.app.root.navigator.open_on_top("preferences")
    stage.dispatch(group_actions.GroupInvited("Kd9_x-2f"))
    assert (stage.screen.name, stage.screen.ids.groups.form) == ("groups", "join")


def test_an_invitation_to_a_session_closes_what_lies_on_top_of_home(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.go_to("me")
    stage.app.root.navigator.open_on_top("preferences")
    stage.dispatch(actions.Invited("K7MQ4P"))
    assert (stage.screen.name, stage.screen.ids.code.text) == ("home", "K7MQ4P")


def test_an_invitation_brings_the_guests_form(play: Play) -> None:
    stage = play(scenes.signed_out())
    stage.dispatch(actions.Invited("K7MQ4P"))
    assert (stage.screen.mode, stage.screen.ids.code.text) == ("guest", "K7MQ4P")
