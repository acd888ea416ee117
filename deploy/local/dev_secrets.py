"""Secrets for trying out, made once and kept, so that people stay logged in over restarts."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

import pyrage
from dotenv import dotenv_values

from backend.key_format import new_key


def _random() -> str:
    return secrets.token_hex(32)


_MADE_UP: dict[str, Callable[[], str]] = {
    "SECRET_KEY": _random,
    "LEDGER_KEY": _random,
    "DATA_KEYS": lambda: new_key("k1"),
    "BACKUP_KEYS": lambda: str(pyrage.x25519.Identity.generate()),
}


def development_secrets(data_dir: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return each secret that `environment` lacks, from `data_dir`/dev.env (made on first use, 0600)."""
    path = data_dir / "dev.env"
    kept = {name: value for name, value in dotenv_values(path).items() if value} if path.exists() else {}
    missing = [name for name in _MADE_UP if name not in kept]
    if missing:
        kept |= {name: _MADE_UP[name]() for name in missing}
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(".fresh")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write("# Made up for development on this machine. Production sets its own.\n")
            file.writelines(f"{name}={value}\n" for name, value in kept.items())
        fresh.rename(path)
    return {name: kept[name] for name in _MADE_UP if not environment.get(name)}
