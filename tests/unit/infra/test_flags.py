"""Feature flags: who wins, files that change and break, and that asking never fails."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest
import structlog

from backend.infra.flags import Flag, FlagProvider, Flags, FlagsUnreadable, read_flags

BROKEN = ["guests = maybe", "guests = 1", '{"guests": true}', "gusets = true", "[guests]\non = true"]


class Hand:
    """A clock's hand that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "flags.toml"


@pytest.fixture
def hand() -> Hand:
    return Hand()


def write(file: Path, text: str, at: int = 1) -> None:
    file.write_text(text)
    os.utime(file, (at, at))  # a second write within one tick must be seen as well


def test_by_default_each_has_its_own() -> None:
    flags = Flags(FlagProvider({}))
    assert {flag: flags.is_on(flag) for flag in Flag} == {flag: flag.default for flag in Flag}


def test_settings_win_over_the_file_and_that_over_the_default(file: Path) -> None:
    write(file, "guests = false\nreconsideration = false\n")
    flags = Flags(FlagProvider({Flag.GUESTS.key: True}, file))
    assert flags.is_on(Flag.GUESTS)
    assert not flags.is_on(Flag.RECONSIDERATION)
    assert flags.is_on(Flag.SPONSORED_CARDS)


def test_two_installations_in_one_process_do_not_meet() -> None:
    off, on = Flags(FlagProvider({"guests": False})), Flags(FlagProvider({"guests": True}))
    assert (off.is_on(Flag.GUESTS), on.is_on(Flag.GUESTS)) == (False, True)


def test_a_file_is_read_again_when_it_changed_and_at_most_once_a_second(file: Path, hand: Hand) -> None:
    flags = Flags(FlagProvider({}, file, hand))
    assert flags.is_on(Flag.GUESTS)  # there is no file yet
    write(file, "guests = false")
    assert flags.is_on(Flag.GUESTS)
    hand.at = 1.0
    assert not flags.is_on(Flag.GUESTS)
    write(file, "guests = true", at=2)
    hand.at = 2.0
    assert flags.is_on(Flag.GUESTS)


@pytest.mark.parametrize("text", BROKEN)
def test_a_file_that_breaks_changes_nothing_and_is_told_of_once(file: Path, hand: Hand, text: str) -> None:
    write(file, "guests = false")
    flags = Flags(FlagProvider({}, file, hand))
    assert not flags.is_on(Flag.GUESTS)
    write(file, text, at=2)
    with structlog.testing.capture_logs() as logs:
        for second in (1.0, 2.0, 3.0):
            hand.at = second
            assert not flags.is_on(Flag.GUESTS)
    assert [line["event"] for line in logs] == ["flags_unreadable"]
    assert logs[0]["in_force"] == {"guests": False}


def test_a_file_that_goes_changes_nothing(file: Path, hand: Hand) -> None:
    write(file, "guests = false")
    flags = Flags(FlagProvider({}, file, hand))
    assert not flags.is_on(Flag.GUESTS)
    file.unlink()
    hand.at = 1.0
    assert not flags.is_on(Flag.GUESTS)


class BrokenProvider(FlagProvider):
    """One that cannot answer."""

    def resolve_boolean_details(self, *_: object, **__: object) -> NoReturn:
        """Say nothing."""
        raise RuntimeError("broken")


def test_a_provider_that_breaks_leaves_the_default() -> None:
    flags = Flags(BrokenProvider({Flag.GUESTS.key: False}))
    assert flags.is_on(Flag.GUESTS) is Flag.GUESTS.default


def test_json_is_read_as_well(tmp_path: Path) -> None:
    file = tmp_path / "flags.json"
    file.write_text('{"guests": false, "sponsored_cards": true}')
    assert read_flags(file) == {"guests": False, "sponsored_cards": True}
    file.write_text("[]")
    with pytest.raises(FlagsUnreadable, match="one flag a line"):
        read_flags(file)


def test_a_misspelt_flag_is_named_with_those_there_are(file: Path) -> None:
    file.write_text("gusets = false")
    with pytest.raises(FlagsUnreadable, match="no such flag: gusets; there are sponsored_cards, guests"):
        read_flags(file)


@pytest.mark.parametrize("kind", ["string", "integer", "float", "object"])
def test_there_are_only_switches(kind: str) -> None:
    client = Flags(FlagProvider({}))._client
    assert getattr(client, f"get_{kind}_value")("guests", "default") == "default"
    assert client.get_boolean_value("nothing", True) is True
