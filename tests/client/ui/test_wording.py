"""Numbers in words."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from client.net.values import Card, Participant
from client.screens.match import match_words
from client.store.state import Connection
from client.widgets import wording
from client.widgets.banner import banner_words
from client.widgets.people import lobby_detail
from tests.client.ui import scenes


def card(**facts: object) -> Card:
    return Card("1" * 24, "recipe", "Title", **facts)  # type: ignore[arg-type]  # facts are Card's own fields


def words(shown: Card) -> list[str]:
    return [fact.text for fact in wording.facts_of(shown)]


def test_minutes() -> None:
    assert [wording.minutes_text(minutes) for minutes in (5, 60, 75)] == ["5 min", "1 h", "1 h 15 min"]


def test_long_names_are_cut() -> None:
    assert [wording.shortened(name, 8) for name in ("The club", "The clubs", "Single sign-on")] == [
        "The club",
        "The clu…",
        "Single…",
    ]


def test_days_are_those_of_this_device() -> None:
    noon = datetime(2026, 3, 1, 12).astimezone()
    moments = (
        noon + timedelta(hours=2), noon, noon - timedelta(hours=13), noon - timedelta(days=2),
        noon.replace(year=2025),
    )  # fmt: skip
    assert [wording.day_text(moment.timestamp(), noon.timestamp()) for moment in moments] == [
        "today", "today", "yesterday", "on 27 February", "on 1 March 2025",
    ]  # fmt: skip


def test_distances() -> None:
    assert [wording.distance_text(miles) for miles in (0.84, 9.96, 12.3)] == ["0.8 mi", "10.0 mi", "12 mi"]


def test_the_most_useful_facts_come_first() -> None:
    assert words(card(minutes=30, difficulty="easy", cuisines=("Thai",), dietary_tags=("halal",))) == [
        "30 min", "Easy", "Thai",
    ]  # fmt: skip


def test_what_the_subtitle_says_is_not_said_again() -> None:
    told = "Thai · 30 min · easy"
    shown = card(subtitle=told, minutes=30, difficulty="easy", cuisines=("Thai",), dietary_tags=("halal",))
    assert words(shown) == ["Halal"]


def test_tags_that_follow_from_others_are_left_out() -> None:
    assert wording.telling_tags(("vegetarian", "vegan", "pescatarian", "dairy-free", "halal")) == (
        "vegan",
        "halal",
    )
    assert wording.telling_tags(("pescatarian", "dairy-free")) == ("pescatarian", "dairy-free")


@pytest.mark.parametrize(
    ("seconds", "text"), [(300, "5:00"), (59.2, "1:00"), (9, "0:09"), (0, "0:00"), (-3, "0:00")]
)
def test_clock(seconds: float, text: str) -> None:
    assert wording.clock_text(seconds) == text


def test_emojis_are_spelled_out() -> None:
    assert (
        wording.in_letters("Yes \u2764\ufe0f \U0001f44d\U0001f3fd!")
        == "Yes :heavy black heart: :thumbs up sign:!"
    )
    assert wording.in_letters("Crème brûlée, 20 €") == "Crème brûlée, 20 €"


def test_what_could_not_be_drawn_or_would_turn_the_line_around_is_left_out() -> None:
    assert wording.in_letters("a\x00b\ud800c\u202ed\nE\tF") == "abcd E F"


def test_who_is_alone_in_a_group_is_no_number() -> None:
    assert [wording.people_text(count) for count in (1, 2, 50)] == [
        "Only you so far",
        "2 people",
        "50 people",
    ]


def test_lists_are_spoken() -> None:
    assert wording.spoken_list(["Ana"]) == "Ana"
    assert wording.spoken_list(["Ana", "Ben", "Cleo"]) == "Ana, Ben and Cleo"


@pytest.mark.parametrize(
    ("hour", "greeting"),
    [(2, "Still up, Ana?"), (7, "Good morning, Ana"), (12, "Good afternoon, Ana"), (19, "Good evening, Ana")],
)
def test_greetings_fit_the_hour(hour: int, greeting: str) -> None:
    assert wording.greeting(hour, "Ana Lindqvist") == greeting


def test_a_match_names_who_agreed() -> None:
    session = scenes.matched().session
    assert session is not None
    assert match_words(session) == "You, Ben and Cleo all like"


def test_the_banner_says_that_nothing_is_lost() -> None:
    assert banner_words(Connection("reconnecting"), 0) == "Connection lost. Reconnecting…"
    assert "3 swipes are kept" in banner_words(Connection("reconnecting", give_hint=True), 3)
    assert "One swipe is kept" in banner_words(Connection("reconnecting"), 1)


def test_a_lobby_says_what_each_is_doing() -> None:
    person = Participant("b" * 24, "Ben")
    assert lobby_detail(person) == "Choosing their energy"
    assert "nobody waits" in lobby_detail(Participant("b" * 24, "Ben", status="gone"))
    assert "lost" in lobby_detail(Participant("b" * 24, "Ben", status="away", ready=True))
