"""Changing the settings of this device: each choice holds at once and for later starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from client.config import ConfigurationError, checked_address
from client.net.errors import ApiError
from client.store.runner import CommandRunner
from client.store.settings import actions
from client.store.settings.file import write_settings
from client.store.settings.state import LARGEST_TEXT, SMALLEST_TEXT, Chosen, Look
from client.store.store import Store
from client.words import _

# Raises ApiError unless a DinDin server answers at the address.
AskServer = Callable[[str], None]


class SettingsCommands:
    """`path` is where the choices are kept, `log_out` ends the log-in, `is_system_dark` asks the system."""

    def __init__(
        self,
        *,
        store: Store,
        runner: CommandRunner,
        path: Path,
        ask_server: AskServer,
        log_out: Callable[[], None],
        is_system_dark: Callable[[], bool],
    ) -> None:
        self._store = store
        self._runner = runner
        self._path = path
        self._ask_server = ask_server
        self._log_out = log_out
        self._is_system_dark = is_system_dark

    def look_around(self) -> None:
        """Ask the system again whether it is dark."""
        self._runner.in_background(
            lambda: self._store.dispatch(actions.SystemLookKnown(self._is_system_dark()))
        )

    def choose_look(self, look: Look) -> None:
        """Light, dark, or as the system is."""
        self._choose(replace(self._chosen, look=look))

    def choose_text_percent(self, percent: int) -> None:
        """Larger text, from 100 to 200 percent."""
        self._choose(replace(self._chosen, text_percent=min(max(percent, SMALLEST_TEXT), LARGEST_TEXT)))

    def choose_reduced_motion(self, reduced: bool) -> None:
        """Less motion, or all of it."""
        self._choose(replace(self._chosen, reduced_motion=reduced))

    def choose_language(self, language: str) -> None:
        """Another language, from the next start on; empty for the system's."""
        self._choose(replace(self._chosen, language=language))

    def check_server(self, typed: str) -> None:
        """Look whether a DinDin server answers at an address, as somebody typed it."""
        try:
            address = checked_address(typed if "://" in typed else f"https://{typed}")
        except ConfigurationError:
            self._store.dispatch(actions.ServerAsked(typed))
            self._store.dispatch(
                actions.ServerNotFound(typed, _("It should look like https://dindin.example."))
            )
            return

        def ask() -> None:
            try:
                self._ask_server(address)
            except ApiError as error:
                self._store.dispatch(actions.ServerNotFound(address, error.detail))
            else:
                self._store.dispatch(actions.ServerFound(address))

        self._store.dispatch(actions.ServerAsked(address))
        # Beside one that is still asked about another address: its answer is not waited for any more.
        self._runner.in_background(ask)

    def drop_server_check(self) -> None:
        """Stay with the server there is."""
        self._store.dispatch(actions.ServerCheckDropped())

    def move_to_server(self, address: str) -> None:
        """Talk to another server, now and from the next start on. Whoever is logged in is logged out."""
        self._choose(replace(self._chosen, server=address))
        self._store.dispatch(actions.ServerMoveBegun(address))
        if self._store.state.auth.status == "signed_in":
            self._log_out()

    @property
    def _chosen(self) -> Chosen:
        return self._store.state.settings.chosen

    def _choose(self, chosen: Chosen) -> None:
        self._store.dispatch(actions.SettingsChosen(chosen))
        write_settings(self._path, chosen)
