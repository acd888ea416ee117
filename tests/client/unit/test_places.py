"""Where the user is: places with their stacks, and what lies on top of a session."""

from __future__ import annotations

import pytest

from client.screens.places import Visit, Whereabouts, open_places


@pytest.fixture
def where() -> Whereabouts:
    there = Whereabouts("restoring")
    there.follow("home")
    return there


def screens_back_to_the_system(where: Whereabouts) -> list[str]:
    """What is shown, and what each step back shows after it."""
    seen = [where.here.screen]
    while where.go_back():
        seen.append(where.here.screen)
    return seen


def test_one_begins_at_home(where: Whereabouts) -> None:
    assert (where.here, where.place) == (Visit("home"), "tonight")
    assert "tonight" in open_places()


def test_back_leads_down_the_stack_then_to_tonight_then_out(where: Whereabouts) -> None:
    where.go_to("me")
    where.open(Visit("preferences"))
    assert screens_back_to_the_system(where) == ["preferences", "me", "home"]


def test_each_place_keeps_its_own_stack(where: Whereabouts) -> None:
    where.go_to("me")
    where.open(Visit("account"))
    where.go_to("groups")
    assert where.here == Visit("groups")
    where.go_to("me")
    assert where.here == Visit("account")


def test_who_chooses_the_place_where_they_are_gets_to_its_start(where: Whereabouts) -> None:
    where.go_to("me")
    where.open(Visit("account"))
    where.go_to("me")
    assert where.here == Visit("me")


def test_the_same_screen_about_something_else_is_another_one(where: Whereabouts) -> None:
    where.open(Visit("recipe", "a"))
    where.open(Visit("recipe", "b"))
    where.open(Visit("recipe", "b"))
    assert where.go_back()
    assert where.here == Visit("recipe", "a")


def test_a_session_has_no_places_and_closes_what_lies_on_it(where: Whereabouts) -> None:
    where.follow("swipe")
    where.open(Visit("recipe", "a"))
    assert (where.here, where.place) == (Visit("recipe", "a"), None)
    assert screens_back_to_the_system(where) == ["recipe", "swipe"]
    where.open(Visit("recipe", "a"))
    where.follow("match")
    assert where.here == Visit("match")


def test_after_a_session_one_comes_home_and_finds_the_other_places_as_they_were(where: Whereabouts) -> None:
    where.open(Visit("recipe", "a"))
    where.go_to("me")
    where.open(Visit("account"))
    where.follow("lobby")
    where.follow("home")
    assert where.here == Visit("home")
    where.go_to("me")
    assert where.here == Visit("account")


def test_who_made_an_account_on_the_way_goes_on_where_they_were(where: Whereabouts) -> None:
    where.go_to("me")
    where.open(Visit("preferences"))
    where.follow("claim")
    assert where.here == Visit("claim")
    where.follow("home")
    assert where.here == Visit("preferences")


def test_nothing_of_one_user_is_left_for_the_next(where: Whereabouts) -> None:
    where.go_to("me")
    where.open(Visit("account"))
    where.follow("welcome")
    where.follow("home")
    where.go_to("me")
    assert where.here == Visit("me")
