"""The group's energy as a small chart."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from client.net.values import Energy
from client.theme.rules import load_rules
from client.widgets import buttons, text
from client.words import _, marked

load_rules(__file__, buttons, text)

LEVELS = ("low", "medium", "high")
MEANINGS = {
    "low": marked("Low energy: close by and quick to make."),
    "medium": marked("Medium energy: a balanced mix."),
    "high": marked("High energy: bring on the ambitious ones."),
}


class EnergyBar(BoxLayout):
    """How many voted for one level."""

    label = StringProperty("")
    votes = NumericProperty(0)
    share = NumericProperty(0)
    chosen = BooleanProperty(False)


class EnergyChart(BoxLayout):
    """Three bars and one sentence; nothing before all votes are in (docs/product.md S3)."""

    energy = ObjectProperty(None, allownone=True)
    sentence = StringProperty("")

    def on_energy(self, _chart: EnergyChart, energy: Energy | None) -> None:
        if energy is None:
            self.sentence = ""
            return
        self.sentence = _(MEANINGS[energy.level])
        counts = [getattr(energy.votes, level) for level in LEVELS]
        most = max(*counts, 1)
        for level, votes in zip(LEVELS, counts, strict=True):
            bar = self.ids[level]
            bar.votes = votes
            bar.share = votes / most
            bar.chosen = level == energy.level
