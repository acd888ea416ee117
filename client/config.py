"""Where the client finds its server and keeps its files. Environment variables decide:

- `DINDIN_SERVER`: the server's address, as in https://dindin.example. Without it, `HOST` and `PORT` of a
  server on this machine (127.0.0.1 and 8000 when not set).
- `DINDIN_HOME`: a folder for this client's files, so that several clients can run on one machine. Without
  it, the platform's folder for application data.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

EVERY_ADDRESS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  (a server's setting that no client can connect to)


class ConfigurationError(ValueError):
    """A setting makes no sense; the text says which one and what it should look like."""


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """`own_home` tells that the folder was chosen, so that nothing is shared with other clients."""

    server_url: str
    home: Path
    own_home: bool

    @property
    def live_url(self) -> str:
        """The address of the live socket."""
        return "ws" + self.server_url.removeprefix("http") + "/api/v1/live"


def load_config(environment: Mapping[str, str] | None = None) -> ClientConfig:
    """Read the settings; raises `ConfigurationError`."""
    environment = os.environ if environment is None else environment
    chosen = environment.get("DINDIN_HOME")
    home = (
        Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("dindin", appauthor=False))
    )
    return ClientConfig(server_address(environment), home, own_home=bool(chosen))


def server_address(environment: Mapping[str, str]) -> str:
    """The server's address without a slash at its end; raises `ConfigurationError`."""
    given = environment.get("DINDIN_SERVER", "").strip()
    if not given:
        host, port = environment.get("HOST", ""), environment.get("PORT") or "8000"
        given = f"http://{'127.0.0.1' if host in EVERY_ADDRESS else host}:{port}"
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
