"""What screens share that are about one thing which has to be fetched: on its way, not come, or shown."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from client.screens.base import AppScreen
from client.store.listing import Fetched


class FetchedScreen(AppScreen):
    """Its rules go by `state`; `error` says why the last attempt failed, `stale` that what is shown is older."""

    state = StringProperty("waiting")  # waiting, failed, shown
    stale = BooleanProperty(False)
    error = StringProperty("")
    loading = BooleanProperty(False)

    def show_status(self, known: Fetched[Any]) -> None:
        """Follow how it stands with the thing."""
        failed = known.status == "failed"
        there = known.thing is not None
        self.loading, self.error = known.status == "loading", known.error
        self.stale = failed and there
        self.state = "shown" if there else "failed" if failed else "waiting"
