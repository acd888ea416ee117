"""The real settings in a file of their own; only the system and other servers are made up. Reports are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from client.net.errors import ApiError
from client.store.settings.commands import SettingsCommands
from client.store.store import Store


class AtOnce:
    """Does on the spot what `client.store.runner.CommandRunner` does in the background."""

    def in_background(self, work: Callable[[], None]) -> None:
        work()


class Surroundings:
    """What the settings ask the world: `dark` is the system's look, `servers` those that answer."""

    def __init__(self) -> None:
        self.dark = False
        self.servers = {"https://dindin.example"}

    def ask(self, address: str) -> None:
        if address not in self.servers:
            raise ApiError(0, "unreachable", f"Nothing answers at {address}.")

    def is_dark(self) -> bool:
        return self.dark


def settings_commands(
    store: Store, path: Path, around: Surroundings, log_out: Callable[[], None]
) -> SettingsCommands:
    """The real commands, without threads."""
    return SettingsCommands(
        store=store,
        runner=AtOnce(),
        path=path,
        ask_server=around.ask,
        log_out=log_out,
        is_system_dark=around.is_dark,
    )


class RecordedReports:
    """Implements `client.reporting.Reports`; a test that ends with `errors` fails."""

    def __init__(self) -> None:
        self.errors: list[tuple[str, BaseException]] = []

    def report(self, error: BaseException, where: str) -> None:
        self.errors.append((where, error))
