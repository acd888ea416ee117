"""What the environment says about a run on one machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from dotenv import dotenv_values

from deploy.local.errors import LocalError

REPOSITORY = Path(__file__).parents[2]
_LAST_PORT = 65535


@dataclass(frozen=True)
class RunOptions:
    """Where a run listens, where it keeps what it makes, and which data servers are the operator's own.

    Attributes:
        host: Address the API listens on.
        port: Port the API listens on.
        data_dir: Absolute folder of everything that is kept between runs.
        api_processes: Number of gunicorn workers.
        production: Whether APP_ENV says production (then no secret is made up).
        own_mongodb: Whether MONGODB_URI is set.
        own_valkey: Whether REDIS_URL or REDIS_HOST is set.
        environment: What child processes get on top of this process's own environment.
    """

    host: str
    port: int
    data_dir: Path
    api_processes: int
    production: bool
    own_mongodb: bool
    own_valkey: bool
    environment: Mapping[str, str]

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Take the options out of `environment`, with the defaults of a development run.

        Raises:
            LocalError: a value is malformed; the message names it.
        """
        host = environment.get("HOST") or "127.0.0.1"
        data_dir = Path(environment.get("DATA_DIR") or ".data")
        return cls(
            host=host,
            port=_number(environment, "PORT", 8000, _LAST_PORT),
            data_dir=(REPOSITORY / data_dir).resolve(),
            api_processes=_number(environment, "WEB_CONCURRENCY", 2, 64),
            production=environment.get("APP_ENV", "").lower() == "production",
            own_mongodb=bool(environment.get("MONGODB_URI")),
            own_valkey=bool(environment.get("REDIS_URL") or environment.get("REDIS_HOST")),
            environment=dict(environment),
        )

    @property
    def base_url(self) -> str:
        """Where a program on this machine reaches the API."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def read_environment() -> dict[str, str]:
    """Return this process's environment, and beneath it what `.env` in the repository says."""
    written = {name: value for name, value in dotenv_values(REPOSITORY / ".env").items() if value is not None}
    return {**written, **os.environ}


def _number(environment: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise LocalError(
            f"{name} must be a whole number from 1 to {most}, not {text!r}: change or remove it."
        )
    return int(text)
