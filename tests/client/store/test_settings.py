"""The settings of this device: what is chosen, what is kept, and the look for another server."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from client.config import load_config
from client.net.values import User
from client.store import actions
from client.store.runner import CommandRunner
from client.store.settings.actions import ServerAsked, ServerFound, ServerNotFound
from client.store.settings.commands import SettingsCommands
from client.store.settings.file import SETTINGS_FILE, read_settings, write_settings
from client.store.settings.state import Chosen, ServerCheck, Settings
from client.store.state import AppState
from client.store.store import Store
from tests.client.ui.recording_settings import Surroundings, settings_commands
from tests.waiting import eventually

ANA = User("a" * 24, "ana@example.com", "Ana", "free")
CHOSEN = Chosen("dark", 150, reduced_motion=True, language="de", server="https://dindin.example")


class Desk:
    """The commands with a store and a file of their own."""

    def __init__(self, home: Path) -> None:
        self.store = Store()
        self.path = home / "deep" / SETTINGS_FILE
        self.around = Surroundings()
        self.log_outs = 0
        self.commands = settings_commands(self.store, self.path, self.around, self._log_out)

    @property
    def settings(self) -> Settings:
        return self.store.state.settings

    def _log_out(self) -> None:
        self.log_outs += 1


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_each_choice_holds_at_once_and_is_kept(desk: Desk) -> None:
    desk.commands.choose_look("dark")
    desk.commands.choose_text_percent(150)
    desk.commands.choose_reduced_motion(True)
    desk.commands.choose_language("de")
    kept = replace(CHOSEN, server="")
    assert desk.settings.chosen == kept == read_settings(desk.path)


@pytest.mark.parametrize(("wished", "chosen"), [(50, 100), (100, 100), (175, 175), (900, 200)])
def test_text_is_at_most_twice_as_large(desk: Desk, wished: int, chosen: int) -> None:
    desk.commands.choose_text_percent(wished)
    assert desk.settings.chosen.text_percent == chosen


@pytest.mark.parametrize(
    ("look", "system_dark", "dark"),
    [("system", True, True), ("system", False, False), ("light", True, False), ("dark", False, True)],
)
def test_light_and_dark_come_before_what_the_system_says(
    desk: Desk, look: str, system_dark: bool, dark: bool
) -> None:
    desk.around.dark = system_dark
    desk.commands.look_around()
    desk.commands.choose_look(look)
    assert desk.settings.dark == dark


def test_settings_stay_when_somebody_logs_out(desk: Desk) -> None:
    desk.commands.choose_look("dark")
    desk.store.dispatch(actions.SignedIn(ANA))
    desk.store.dispatch(actions.SignedOut())
    assert desk.settings.chosen.look == "dark"


# What is kept


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_settings(tmp_path / "a.json", CHOSEN)
    assert read_settings(tmp_path / "a.json") == CHOSEN


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        ("", Chosen()),
        ("[]", Chosen()),
        ('{"look": "pink", "text_percent": "big", "reduced_motion": 1, "server": 5}', Chosen()),
        ('{"look": ["dark"], "text_percent": 1000}', Chosen(text_percent=200)),
        ('{"look": "dark"}', Chosen(look="dark")),
    ],
)
def test_what_makes_no_sense_is_as_usual(tmp_path: Path, kept: str, read: Chosen) -> None:
    path = tmp_path / SETTINGS_FILE
    path.write_text(kept, "utf-8")
    assert read_settings(path) == read


def test_a_disk_that_takes_nothing_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "deep").write_text("a file where a folder should be")
    desk = Desk(tmp_path)
    desk.commands.choose_look("dark")
    assert desk.settings.dark
    assert "could not be kept" in caplog.text


@pytest.mark.parametrize(
    ("environment", "server"),
    [
        ({}, "https://dindin.example"),
        ({"DINDIN_SERVER": "https://other.example"}, "https://other.example"),
        ({"PORT": "9000"}, "http://127.0.0.1:9000"),
    ],
)
def test_the_chosen_server_is_used_unless_one_is_named(
    tmp_path: Path, environment: dict[str, str], server: str
) -> None:
    write_settings(tmp_path / SETTINGS_FILE, CHOSEN)
    assert load_config({**environment, "DINDIN_HOME": str(tmp_path)}).server_url == server


def test_a_chosen_server_that_is_none_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text(json.dumps({"server": "nowhere"}), "utf-8")
    assert load_config({"DINDIN_HOME": str(tmp_path)}).server_url == "http://127.0.0.1:8000"


# Another server


def test_a_server_that_answers_is_found(desk: Desk) -> None:
    desk.commands.check_server("dindin.example/")
    assert desk.settings.check == ServerCheck("found", "https://dindin.example")
    desk.commands.drop_server_check()
    assert desk.settings.check == ServerCheck()


def test_a_server_that_does_not_answer_is_said(desk: Desk) -> None:
    desk.commands.check_server("http://away.example")
    assert desk.settings.check.status == "failed"
    assert "away.example" in desk.settings.check.error


def test_an_address_that_is_none_is_said_with_an_example(desk: Desk) -> None:
    desk.commands.check_server("ftp://dindin.example")
    assert desk.settings.check.status == "failed"
    assert "https://dindin.example" in desk.settings.check.error


def test_an_answer_about_another_server_than_the_last_one_asked_is_ignored(desk: Desk) -> None:
    desk.store.dispatch(ServerAsked("https://new.example"))
    desk.store.dispatch(ServerFound("https://old.example"))
    desk.store.dispatch(ServerNotFound("https://old.example", "Away."))
    assert desk.settings.check == ServerCheck("asking", "https://new.example")


def test_another_server_is_asked_while_one_does_not_answer(tmp_path: Path) -> None:
    store, may_answer = Store(), threading.Event()

    def ask(address: str) -> None:
        if address == "https://slow.example":
            assert may_answer.wait(60)

    runner = CommandRunner(store, on_signed_out=lambda _reason: None)
    commands = SettingsCommands(
        store=store,
        runner=runner,
        path=tmp_path / SETTINGS_FILE,
        ask_server=ask,
        log_out=lambda: None,
        is_system_dark=lambda: False,
    )
    try:
        commands.check_server("slow.example")
        commands.check_server("dindin.example")
        eventually(lambda: store.state.settings.check == ServerCheck("found", "https://dindin.example"))
    finally:
        may_answer.set()
        runner.stop()


def test_moving_logs_out_and_is_kept(desk: Desk) -> None:
    desk.store.dispatch(actions.SignedIn(ANA))
    desk.commands.move_to_server("https://dindin.example")
    assert desk.log_outs == 1
    assert desk.settings.moving_to == "https://dindin.example"
    assert read_settings(desk.path).server == "https://dindin.example"


def test_who_is_not_logged_in_need_not_log_out(desk: Desk) -> None:
    desk.store.dispatch(actions.SignedOut())
    desk.commands.move_to_server("https://dindin.example")
    assert desk.log_outs == 0


def test_the_store_tells_every_action_to_who_wants_to_know() -> None:
    heard: list[object] = []
    store = Store(AppState())
    store.on_action = heard.append
    store.dispatch(actions.NoticeDismissed())
    assert heard == [actions.NoticeDismissed()]
