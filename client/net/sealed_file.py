"""A small secret in a file, encrypted with a key that only fits on this machine.

It keeps a secret out of copies: of backups, of a synchronised folder, of a file sent by mistake. Whoever runs programs
as this user here can open it as the app can; only a keyring does better.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MACHINE_ID = Path("/etc/machine-id")
"""Linux's name for an installation, which no copy of a folder takes along. Elsewhere the key file stands alone."""

_KEY_BYTES = 32
_NONCE_BYTES = 12
_PURPOSE = b"dindin sealed file 1"


class SealedFile:
    """AES-256-GCM, with the key from `<path>.key` (random, made when first needed) and the machine's id; mode 0600."""

    def __init__(self, path: Path, machine_id: Path = MACHINE_ID) -> None:
        self._path = path
        self._key_path = path.with_name(f"{path.name}.key")
        self._machine_id = machine_id

    def read(self) -> bytes | None:
        """What was written; None when there is nothing, or nothing that can be opened here."""
        try:
            sealed, key = self._path.read_bytes(), self._key_path.read_bytes()
        except OSError:
            return None
        try:
            return self._cipher(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _PURPOSE)
        except (InvalidTag, ValueError):
            return None

    def write(self, content: bytes) -> None:
        """Keep this instead; a crash never leaves half a file. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        _replace(self._path, nonce + self._cipher(self._key()).encrypt(nonce, content, _PURPOSE))

    def _key(self) -> bytes:
        try:
            key = self._key_path.read_bytes()
        except OSError:
            key = b""
        if len(key) != _KEY_BYTES:
            key = secrets.token_bytes(_KEY_BYTES)
            _replace(self._key_path, key)
        return key

    def _cipher(self, key: bytes) -> AESGCM:
        try:
            machine = self._machine_id.read_bytes().strip()
        except OSError:
            machine = b""
        return AESGCM(HKDF(SHA256(), _KEY_BYTES, salt=machine, info=_PURPOSE).derive(key))


def _replace(path: Path, content: bytes) -> None:
    # mkstemp makes the file with mode 0600 from its first byte on.
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError:
        # A full disk is not to be filled further, with every attempt.
        Path(temporary).unlink(missing_ok=True)
        raise
