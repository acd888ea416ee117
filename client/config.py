"""Where the client finds its server and keeps its files. Environment variables decide:

- `DINDIN_SERVER`: the server's address, as in https://dindin.example. Without it, `HOST` and `PORT` of a
  server on this machine, where one of them is set; else the server chosen in the app's settings; else port 8000
  of this machine.
- `DINDIN_HOME`: a folder for this client's files, so that several clients can run on one machine. Without
  it, the platform's folder for application data.
- `DINDIN_SENTRY_DSN`: where errors are reported, as in https://KEY@sentry.example/1. Without it, nowhere; with it,
  the app's settings say so.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from client.store.settings.file import SETTINGS_FILE, read_settings

SERVER_VARIABLES = ("DINDIN_SERVER", "HOST", "PORT")
EVERY_ADDRESS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  (a server's setting that no client can connect to)


class ConfigurationError(ValueError):
    """A setting makes no sense; the text says which one and what it should look like."""


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """`own_home` tells that the folder was chosen, so that nothing is shared with other clients.

    `sentry_dsn` is empty where errors are reported to nobody.
    """

    server_url: str
    home: Path
    own_home: bool
    sentry_dsn: str = ""

    @property
    def live_url(self) -> str:
        """The address of the live socket."""
        return "ws" + self.server_url.removeprefix("http") + "/api/v1/live"

    @property
    def reports_go_to(self) -> str:
        """The host that is told of errors, as people may know it; empty where none is."""
        return urlsplit(self.sentry_dsn).hostname or ""


def load_config(environment: Mapping[str, str] | None = None) -> ClientConfig:
    """Read the settings; raises `ConfigurationError`."""
    environment = os.environ if environment is None else environment
    chosen = environment.get("DINDIN_HOME")
    home = (
        Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("dindin", appauthor=False))
    )
    server = server_address(environment)
    if not any(environment.get(name) for name in SERVER_VARIABLES):
        server = _chosen_server(home) or server
    dsn = checked_dsn(environment.get("DINDIN_SENTRY_DSN", ""))
    return ClientConfig(server, home, own_home=bool(chosen), sentry_dsn=dsn)


def server_address(environment: Mapping[str, str]) -> str:
    """The server's address without a slash at its end; raises `ConfigurationError`."""
    given = environment.get("DINDIN_SERVER", "").strip()
    if not given:
        host, port = environment.get("HOST", ""), environment.get("PORT") or "8000"
        given = f"http://{'127.0.0.1' if host in EVERY_ADDRESS else host}:{port}"
    return checked_address(given)


def checked_address(given: str) -> str:
    """An address without spaces around it and a slash at its end; raises `ConfigurationError`."""
    given = given.strip()
    try:
        parts = urlsplit(given)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(
            f"DINDIN_SERVER is {given!r}: it should look like https://dindin.example or http://127.0.0.1:8000."
        )
    return given.rstrip("/")


def checked_dsn(given: str) -> str:
    """A DSN without spaces around it, or nothing; raises `ConfigurationError`."""
    given = given.strip()
    try:
        parts = urlsplit(given)
        usable = (
            parts.scheme in {"http", "https"} and parts.hostname and parts.username and (parts.port or True)
        )
        usable = usable and parts.path.rpartition("/")[2].isdecimal()
    except ValueError:
        usable = False
    if given and not usable:
        raise ConfigurationError(
            "DINDIN_SENTRY_DSN makes no sense: it should look like https://KEY@sentry.example/1, as Sentry shows it in "
            "a project's settings. Leave it empty to report errors to nobody."
        )
    return given


def _chosen_server(home: Path) -> str:
    chosen = read_settings(home / SETTINGS_FILE).server
    try:
        return checked_address(chosen) if chosen else ""
    except ConfigurationError:
        # Written by hand, or by another version: the settings are the place to choose another one.
        return ""
