"""Consents, exports, erasure, the record about oneself. Every method blocks and raises `ApiError`.

Where a `password` is asked for, accounts without one (guests, log-ins through others) give an empty one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from client.net.caller import Caller
from client.net.privacy_reading import (
    read_consent_record,
    read_consents,
    read_erasure,
    read_export,
    read_exports,
    read_record,
)
from client.net.privacy_values import ConsentRecord, Erasure, Export, RecordPage
from client.net.reading import read_consent_text
from client.net.values import ConsentText, TextKind

RECORD_SIZE = 30
"""How many recorded events are asked for at a time."""


class PrivacyApi:
    """Thread safe."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    # Consents

    def consents(self) -> tuple[ConsentRecord, ...]:
        """How the user stands to each text."""
        return self._caller.ask(read_consents, "GET", "/compliance/consents")

    def text(self, kind: TextKind) -> ConsentText:
        """The words that are in force."""
        return self._caller.ask(read_consent_text, "GET", f"/compliance/consent-texts/{kind}")

    def agree(self, kind: TextKind, version: str) -> ConsentRecord:
        """Agree to these words; 409 `consent_outdated` where others are in force by now."""
        return self._decide({"kind": kind, "given": True, "version": version})

    def withdraw(self, kind: TextKind) -> ConsentRecord:
        """Take a consent back; what was kept because of it is gone when this returns."""
        return self._decide({"kind": kind, "given": False})

    # Exports

    def exports(self) -> tuple[Export, ...]:
        """The user's exports, newest first."""
        return self._caller.ask(read_exports, "GET", "/compliance/exports")

    def ask_for_export(self, password: str) -> Export:
        """Have a copy of all that is kept about the user made; the one that is being made, if there is one."""
        return self._caller.ask(read_export, "POST", "/compliance/exports", _proof(password))

    def download_export(self, export_id: str, password: str, write: Callable[[bytes], object]) -> None:
        """Hand the ZIP to `write`, piece by piece; 409 `export_not_ready`, 410 `export_expired`."""
        self._caller.download(f"/compliance/exports/{export_id}/download", _proof(password), write)

    # Erasure

    def erasure(self) -> Erasure:
        """Whether the account is going to be deleted."""
        return self._caller.ask(read_erasure, "GET", "/compliance/erasure")

    def ask_for_erasure(self, password: str, *, immediately: bool) -> Erasure:
        """Have the account deleted: after the days of grace, or at once, which ends this log-in."""
        content = {**_proof(password), "immediately": immediately}
        return self._caller.ask(read_erasure, "POST", "/compliance/erasure", content)

    def cancel_erasure(self) -> None:
        """Stay after all; 409 `erasure_begun` where it is too late."""
        self._caller.call("DELETE", "/compliance/erasure")

    # The record

    def record(self, cursor: str | None) -> RecordPage:
        """What was recorded about the user, newest first; `cursor` is that of the page before."""
        after = "" if cursor is None else f"&cursor={quote(cursor, safe='')}"
        return self._caller.ask(read_record, "GET", f"/compliance/audit?limit={RECORD_SIZE}{after}")

    def _decide(self, content: dict[str, Any]) -> ConsentRecord:
        return self._caller.ask(read_consent_record, "PUT", "/compliance/consents", content)


def _proof(password: str) -> dict[str, Any]:
    return {"password": password or None}
