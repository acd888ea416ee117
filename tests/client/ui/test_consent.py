"""Diet and allergies are asked about before they are kept; what one accepts by coming in can be read there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from client.net.values import Consent, ConsentText, Preferences
from client.store import account_actions, actions
from client.widgets.reading import heading_of, words_of
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]
AGREED = account_actions.DietConsentLoaded(Consent("special_category", given=True, up_to_date=True))
NOT_AGREED = account_actions.DietConsentLoaded(Consent("special_category"))
OUTDATED = account_actions.DietConsentLoaded(Consent("special_category", given=True, up_to_date=False))
TERMS = ConsentText("terms", "2026-11-23", "# Terms\n\nBe **kind**.\n\n- One.\n- Two.\n")
PRIVACY = ConsentText("privacy", "2026-11-23", "# Privacy\n\nWe keep little.\n")


def preferences(play: Play, state: Any) -> Stage:
    stage = play(state)
    stage.app.root.navigator.open_on_top("preferences")
    stage.driver.wait(0.4)
    return stage


def shown(widget: Any) -> bool:
    return widget.get_root_window() is not None


def chips(stage: Stage) -> list[Any]:
    return [*stage.screen.ids.dietary.children, *stage.screen.ids.allergies.children]


def test_before_one_has_agreed_nothing_can_be_chosen(play: Play) -> None:
    stage = preferences(play, scenes.not_asked_yet())
    assert "your health or your faith" in stage.screen.ids.question.text
    assert "#" not in stage.screen.ids.question.text
    assert all(chip.disabled for chip in chips(stage))
    assert not shown(stage.screen.ids.save)
    assert not shown(stage.screen.ids.withdraw)
    stage.driver.press(stage.screen.ids.agree)
    assert stage.calls == [("load_preferences",), ("agree_to_diet",)]
    stage.dispatch(AGREED)
    assert not shown(stage.screen.ids.agree)
    assert not any(chip.disabled for chip in chips(stage))
    assert shown(stage.screen.ids.save)


def test_the_consent_is_looked_up_each_time_one_comes_here(play: Play) -> None:
    stage = preferences(play, scenes.at_home())
    assert ("load_diet_consent",) in stage.commands.calls


def test_changed_words_are_asked_about_again(play: Play) -> None:
    stage = preferences(play, scenes.at_home())
    stage.dispatch(OUTDATED)
    assert shown(stage.screen.ids.agree)
    assert shown(stage.screen.ids.withdraw)  # something is kept, and may be deleted
    assert all(chip.disabled for chip in chips(stage))


def test_without_the_servers_words_one_can_try_again(play: Play) -> None:
    stage = preferences(play, replace(scenes.not_asked_yet(), texts={}, diet_consent=None))
    assert not shown(stage.screen.ids.agree)
    before = stage.commands.calls.count(("load_diet_consent",))
    stage.driver.press(stage.screen.ids.retry)
    assert stage.commands.calls.count(("load_diet_consent",)) == before + 1
    stage.dispatch(actions.CommandStarted("load_diet_consent"))
    assert not shown(stage.screen.ids.retry)


def test_taking_it_back_says_what_goes_and_asks_first(play: Play) -> None:
    stage = preferences(play, scenes.at_home())
    stage.screen.ids.withdraw.dispatch("on_release")
    question = stage.app.root.ids.question
    assert question.open
    assert (question.title, question.no) == ("Delete your diet and allergies?", "Keep them")
    assert ("withdraw_diet",) not in stage.calls
    question.confirm()
    assert stage.calls[-1] == ("withdraw_diet",)


def test_what_was_chosen_and_not_saved_goes_with_the_consent(play: Play) -> None:
    stage = preferences(play, scenes.at_home())
    stage.screen.dietary = ["halal"]
    assert stage.screen.changed
    stage.dispatch(actions.PreferencesLoaded(Preferences()), NOT_AGREED)
    assert (stage.screen.dietary, stage.screen.allergies, stage.screen.changed) == ([], [], False)


@pytest.mark.parametrize("mode", ["register", "guest"])
def test_what_one_accepts_can_be_read_where_one_does(play: Play, mode: str) -> None:
    stage = play(replace(scenes.signed_out(), texts={"terms": TERMS, "privacy": PRIVACY}))
    assert not shown(stage.screen.ids.accepting)
    stage.screen.switch(mode)
    stage.driver.wait(0.3)
    assert shown(stage.screen.ids.accepting)
    stage.screen.ids.accepting.ids.read.dispatch("on_release")
    stage.driver.wait(0.4)
    sheet = stage.app.root.ids.reading
    assert sheet.open
    sections = reversed(sheet.ids.sections.children)
    assert [section.heading for section in sections] == ["Terms", "Privacy"]
    stage.driver.key(27)
    assert not sheet.open


def test_texts_that_have_not_come_are_asked_for_once_more(play: Play) -> None:
    stage = play(scenes.keeping_account())
    before = stage.commands.calls.count(("load_texts",))
    assert before
    stage.screen.read_texts()
    assert stage.commands.calls.count(("load_texts",)) == before + 1
    [section] = stage.app.root.ids.reading.ids.sections.children
    assert "have not come" in section.words


def test_texts_are_shown_without_their_marks() -> None:
    assert heading_of(TERMS.text) == "Terms"
    assert words_of(TERMS.text) == "Be kind.\n\n•  One.\n\n•  Two."
    assert (heading_of("plain"), words_of("plain")) == ("", "plain")
