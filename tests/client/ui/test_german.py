"""The app in German, whose words are longer: nothing is cut off (docs/product.md K8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from kivy.uix.label import Label

from client import words
from client.theme.active import theme
from tests.client.ui import scenes
from tests.client.ui.stage import Stage
from tests.client.ui.test_large_text import cut_off, enlarged, seen
from tests.client.ui.test_shell import MOMENTS, OPENED

Play = Callable[..., Stage]


@pytest.fixture(autouse=True)
def _in_german() -> Iterator[None]:
    words.choose_language("de", {})
    yield
    words.choose_language(words.ENGLISH, {})
    theme.text_scale = 1


def labels_of(stage: Stage) -> list[Label]:
    return [widget for widget in stage.app.root.walk() if isinstance(widget, Label) and widget.text]


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("route", [*MOMENTS, *OPENED])
def test_nothing_is_cut_off(play: Play, route: str, percent: int) -> None:
    stage = play(enlarged(MOMENTS.get(route, scenes.at_home()), percent))
    if route in OPENED:
        stage.app.root.navigator.open_on_top(route)
    stage.driver.wait(0.6)
    found = [(label.text, cut_off(label)) for label in labels_of(stage) if seen(label)]
    assert [fault for fault in found if fault[1]] == []


def test_the_app_speaks_german(play: Play) -> None:
    stage = play(scenes.at_home())
    said = {label.text for label in labels_of(stage)}
    assert {"Session starten", "Freunde einladen", "Heute", "Gruppen"} <= said
    assert not {"Start a session", "Invite friends", "Tonight", "Groups"} & said


def test_a_language_is_chosen_and_the_system_asked_again(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.app.root.navigator.open_on_top("settings")
    stage.driver.wait(0.6)
    chips = {chip.value: chip for chip in stage.screen.ids.languages.children}
    assert {value: chip.text for value, chip in chips.items()} == {
        "": "Wie das System",
        "en": "English",
        "de": "Deutsch",
    }
    for wished in ("de", ""):
        stage.press_below(chips[wished])
        assert stage.store.state.settings.chosen.language == wished
        assert [value for value, chip in chips.items() if chip.chosen] == [wished]
