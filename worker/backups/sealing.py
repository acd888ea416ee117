"""Encryption in the age format: to the newest of BACKUP_KEYS; any of them opens. Other age tools open it as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Self

import pyrage
from pyrage import x25519

from worker.backups.errors import BackupError, Damaged
from worker.backups.streams import Pulled, Pushed, Sum, chunks_of

_RECIPIENT = "age1"


@dataclass(frozen=True)
class Sums:
    """Of a file: before it was encrypted, and as it lies there."""

    plain: Sum
    sealed: Sum


class BackupKeys:
    """The keys of BACKUP_KEYS.

    An age identity encrypts and opens. A recipient (age1...) in its place only encrypts: for a machine that shall write
    backups and not be able to read them.
    """

    def __init__(self, recipient: Any, identities: Sequence[Any]) -> None:
        self._recipient = recipient
        self._identities = list(identities)

    @classmethod
    def read(cls, written: Sequence[str]) -> Self:
        """Read them, the newest first.

        Raises:
            BackupError: there is none, or one is malformed; it is named by its place, not shown.
        """
        if not written:
            raise BackupError(
                "BACKUP_KEYS is not set: without a key there are no backups. `python -m worker backup-key` makes one."
            )
        keys = [_parsed(place, key) for place, key in enumerate(written, start=1)]
        newest = keys[0]
        recipient = newest.to_public() if isinstance(newest, x25519.Identity) else newest
        return cls(recipient, [key for key in keys if isinstance(key, x25519.Identity)])

    @property
    def can_open(self) -> bool:
        """Whether there is an identity among them."""
        return bool(self._identities)

    def seal(self, chunks: Iterable[bytes], to: IO[bytes]) -> Sums:
        """Write `chunks`, encrypted, to a file."""
        source, sink = Pulled(chunks), Pushed(to.write)
        with _own_failures(source, sink):
            pyrage.encrypt_io(source, sink, [self._recipient])
        return Sums(source.sum, sink.sum)

    def unseal(self, file: IO[bytes], take: Callable[[bytes], object]) -> Sums:
        """Hand what is in an encrypted file to `take`, chunk by chunk; each has been authenticated by then.

        Raises:
            BackupError: none of the keys opens it.
            Damaged: it was changed or cut off.
        """
        source, sink = Pulled(chunks_of(file)), Pushed(take)
        with _own_failures(source, sink):
            try:
                pyrage.decrypt_io(source, sink, self._identities)
            except pyrage.DecryptError as wrong:
                raise _explained(wrong) from None
            except OSError:
                raise Damaged("it was changed or cut off: it does not decrypt") from None
        return Sums(sink.sum, source.sum)


def new_identity() -> tuple[str, str]:
    """A fresh age identity, and the recipient that belongs to it."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def _parsed(place: int, key: str) -> Any:
    try:
        if key.startswith(_RECIPIENT):
            return x25519.Recipient.from_str(key)
        return x25519.Identity.from_str(key)
    except (pyrage.IdentityError, pyrage.RecipientError):
        raise BackupError(
            f"BACKUP_KEYS: the key at place {place} is malformed; `python -m worker backup-key` makes one."
        ) from None


def _explained(wrong: Exception) -> BackupError:
    if "No matching keys" in str(wrong):
        return BackupError("none of BACKUP_KEYS opens it: add the key that it was made with")
    return Damaged("it was changed or cut off: it does not decrypt")


@contextmanager
def _own_failures(*ends: Pulled | Pushed) -> Iterator[None]:
    """Raise what went wrong at an end as it was; pyrage passes on only its text."""
    try:
        yield
    except Exception:
        for end in ends:
            if end.failure is not None:
                raise end.failure from None
        raise
