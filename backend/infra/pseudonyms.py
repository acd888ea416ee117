"""Who a line of the log, or an error report, is about."""

from __future__ import annotations

import hmac
import re
from hashlib import sha256
from typing import Self

from backend.config import Settings
from backend.infra.keys import Ledger, ledger_of

# What may be a user's id, alone or within a text; a longer run of digits is something else.
AN_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])")
_DIGITS = 12


class Pseudonyms:
    """Stand-ins for users' ids: the same in each process, and of no use to whoever has not LEDGER_KEY."""

    def __init__(self, ledger: Ledger) -> None:
        self._key = ledger.key("log")

    @classmethod
    def of_settings(cls, settings: Settings) -> Self:
        """Those of this installation."""
        return cls(ledger_of(settings))

    def of(self, user_id: str) -> str:
        """What stands for a user: 12 hexadecimal digits."""
        return hmac.digest(self._key, user_id.encode(), sha256).hex()[:_DIGITS]
