"""Where the signed-in user's tokens are kept: the system's keyring, or an encrypted file of this machine."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import keyring
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringError

from client.net.sealed_file import SealedFile

log = logging.getLogger(__name__)

SERVICE = "DinDin"
FILE_NAME = "tokens.sealed"
FORMER_NAME = "tokens.json"
"""Where earlier versions kept the same, legible for everybody who gets hold of it."""
_PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What proves who we are; `expires_at` (local epoch seconds) is the access token's end."""

    access_token: str
    refresh_token: str
    expires_at: float


class TokenStore(Protocol):
    """Keeps one pair of tokens between runs. `kind` tells people where."""

    @property
    def kind(self) -> Literal["keyring", "file", "memory"]:
        """Which sort of place this is."""

    def load(self) -> Tokens | None:
        """The kept tokens; None when there are none or they cannot be read."""

    def save(self, tokens: Tokens) -> None:
        """Keep these instead of the former ones."""

    def clear(self) -> None:
        """Keep none."""


class KeyringTokens:
    """In the desktop's or phone's own store of secrets, one entry per server."""

    kind: Literal["keyring"] = "keyring"

    def __init__(self, server: str) -> None:
        self._server = server

    def load(self) -> Tokens | None:
        """The kept tokens; None when there are none or the keyring is locked."""
        try:
            return _from_json(keyring.get_password(SERVICE, self._server))
        except KeyringError as failure:
            log.warning("the keyring cannot be read: %s", failure)
            return None

    def save(self, tokens: Tokens) -> None:
        """Keep these instead of the former ones."""
        try:
            keyring.set_password(SERVICE, self._server, json.dumps(asdict(tokens)))
        except KeyringError as failure:
            log.warning("the keyring cannot be written, the log-in will not outlive the app: %s", failure)

    def clear(self) -> None:
        """Keep none."""
        try:
            if keyring.get_password(SERVICE, self._server) is not None:
                keyring.delete_password(SERVICE, self._server)
        except KeyringError as failure:
            log.warning("the keyring entry cannot be removed: %s", failure)


class FileTokens:
    """In an encrypted file, for machines without a keyring and for several clients on one machine."""

    kind: Literal["file"] = "file"

    def __init__(self, directory: Path, server: str) -> None:
        self._file = SealedFile(directory / FILE_NAME)
        self._server = server
        self._seal_former(directory / FORMER_NAME)

    def load(self) -> Tokens | None:
        """The kept tokens; None when there are none or the file is damaged."""
        return _from_json(self._read_all().get(self._server))

    def save(self, tokens: Tokens) -> None:
        """Keep these instead of the former ones."""
        self._write_all({**self._read_all(), self._server: json.dumps(asdict(tokens))})

    def clear(self) -> None:
        """Keep none."""
        kept = self._read_all()
        if kept.pop(self._server, None) is not None:
            self._write_all(kept)

    def _read_all(self) -> dict[str, Any]:
        return _object(self._file.read() or b"")

    def _write_all(self, content: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps(content).encode())
        except OSError as failure:
            log.warning("the log-in cannot be saved and will not outlive the app: %s", failure)

    def _seal_former(self, path: Path) -> None:
        try:
            former = _object(path.read_bytes())
            self._file.write(json.dumps(former | self._read_all()).encode())
            path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as failure:
            log.warning("the log-in in %s cannot be encrypted and stays legible: %s", path, failure)


class MemoryTokens:
    """Nowhere: for accounts that nobody comes back to."""

    kind: Literal["memory"] = "memory"

    def __init__(self) -> None:
        self._tokens: Tokens | None = None

    def load(self) -> Tokens | None:
        """What was saved by this process."""
        return self._tokens

    def save(self, tokens: Tokens) -> None:
        """Keep these until the process ends."""
        self._tokens = tokens

    def clear(self) -> None:
        """Keep none."""
        self._tokens = None


def choose_token_store(server: str, directory: Path, *, own_directory: bool) -> TokenStore:
    """The keyring where one works; the file where none does, or where `own_directory` keeps clients apart."""
    if not own_directory and _keyring_works():
        return KeyringTokens(server)
    return FileTokens(directory, server)


def _keyring_works() -> bool:
    """Whether a secret can really be kept: many machines have a keyring that only fails when used."""
    try:
        if isinstance(keyring.get_keyring(), NoKeyring):
            return False
        keyring.set_password(SERVICE, _PROBE, _PROBE)
        works = keyring.get_password(SERVICE, _PROBE) == _PROBE
        keyring.delete_password(SERVICE, _PROBE)
    except Exception as failure:  # noqa: BLE001  (backends raise whatever their platform does)
        log.info("no usable keyring: %s", failure)
        return False
    return works


def _object(content: bytes) -> dict[str, Any]:
    """The JSON object in a file; an empty one where there is anything else."""
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _from_json(text: object) -> Tokens | None:
    if not isinstance(text, str):
        return None
    try:
        return Tokens(**json.loads(text))
    except (ValueError, TypeError):
        return None
