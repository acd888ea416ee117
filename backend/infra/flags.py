"""Feature flags (docs/flags.md): what can be switched while DinDin runs, asked through OpenFeature.

Features ask `Flags` and know neither where the answer comes from nor that it may fail: an evaluation never raises, and
whatever goes wrong, the flag's default holds.
"""
# ruff: noqa: ARG002 - OpenFeature calls every provider with the same arguments

from __future__ import annotations

import itertools
import json
import threading
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, NoReturn

import structlog
from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import FlagNotFoundError, TypeMismatchError
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.provider import AbstractProvider, Metadata

from backend.config import Settings

_log = structlog.stdlib.get_logger(__name__)

_LOOK_SECONDS = 1.0
_domains = itertools.count()


@dataclass(frozen=True, slots=True)
class _Meaning:
    key: str
    default: bool
    on: str


class Flag(Enum):
    """Every flag there is. Its setting is FLAG_ and its name; a file calls it by its key."""

    SPONSORED_CARDS = _Meaning("sponsored_cards", default=True, on="decks may hold sponsored cards (S7)")
    GUESTS = _Meaning("guests", default=True, on="people may come in with a name only (A3)")
    RECONSIDERATION = _Meaning(
        "reconsideration", default=True, on="round 2 shows what others liked, and what is new (S10)"
    )

    @property
    def key(self) -> str:
        """What it is called in a file."""
        return self.value.key

    @property
    def default(self) -> bool:
        """What holds where nobody says anything, or it cannot be read."""
        return self.value.default


class FlagsUnreadable(ValueError):
    """A file of flags is not what it should be. The message says what is."""


def read_flags(path: Path) -> dict[str, bool]:
    """The flags in a file: a flat table of `key = true` or `false`, in JSON if its name ends so, else in TOML.

    Raises:
        OSError: it cannot be read.
        FlagsUnreadable: it is no such table, or holds a flag that does not exist.
    """
    text = path.read_text(encoding="utf-8")
    try:
        table: Any = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as wrong:
        raise FlagsUnreadable(f"it is not {'JSON' if path.suffix == '.json' else 'TOML'}: {wrong}") from None
    if not isinstance(table, dict) or not all(isinstance(value, bool) for value in table.values()):
        raise FlagsUnreadable("write one flag a line, as guests = false")
    if unknown := table.keys() - {flag.key for flag in Flag}:
        raise FlagsUnreadable(
            f"no such flag: {', '.join(sorted(unknown))}; there are {', '.join(flag.key for flag in Flag)}"
        )
    return table


class FlagProvider(AbstractProvider):
    """Answers from settings, which win, and from a file, which is read again within a second of its change.

    A file that becomes unreadable changes nothing: what it said last holds, and the log says so once.
    """

    def __init__(
        self,
        fixed: Mapping[str, bool],
        path: Path | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._fixed = dict(fixed)
        self._path = path
        self._monotonic = monotonic
        self._said: Mapping[str, bool] = {}
        self._stamp: object = None
        self._look_at = monotonic()
        self._lock = threading.Lock()

    def get_metadata(self) -> Metadata:
        """Its name, for OpenFeature."""
        return Metadata("dindin-settings-and-file")

    def resolve_boolean_details(
        self,
        flag_key: str,
        default_value: bool,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[bool]:
        """What somebody says of the flag, else the default."""
        for source in (self._fixed, self._from_file()):
            if flag_key in source:
                return FlagResolutionDetails(source[flag_key], reason=Reason.STATIC)
        if flag_key not in {flag.key for flag in Flag}:
            raise FlagNotFoundError(flag_key)
        return FlagResolutionDetails(default_value, reason=Reason.DEFAULT)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        """There are no such flags."""
        _only_booleans(flag_key)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        """There are no such flags."""
        _only_booleans(flag_key)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        """There are no such flags."""
        _only_booleans(flag_key)

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        """There are no such flags."""
        _only_booleans(flag_key)

    def _from_file(self) -> Mapping[str, bool]:
        if self._path is None:
            return {}
        with self._lock:
            if self._monotonic() >= self._look_at:
                self._look_at = self._monotonic() + _LOOK_SECONDS
                self._look(self._path)
            return self._said

    def _look(self, path: Path) -> None:
        stamp = _stamp_of(path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._said = read_flags(path)
        except (OSError, FlagsUnreadable) as wrong:
            _log.error("flags_unreadable", path=str(path), because=str(wrong), in_force=dict(self._said))
        else:
            _log.info("flags_read", **self._said)


class Flags:
    """What features ask."""

    def __init__(self, provider: FlagProvider) -> None:
        domain = (
            f"dindin-{next(_domains)}"  # OpenFeature's providers are the process's; ours are a registry's
        )
        api.set_provider_and_wait(provider, domain)
        self._client = api.get_client(domain)

    def is_on(self, flag: Flag) -> bool:
        """Whether it is on now; its default where that cannot be told."""
        return self._client.get_boolean_value(flag.key, flag.default)


def flags_of(settings: Settings) -> Flags:
    """The flags of an installation: FLAG_... settings, FLAGS_FILE, defaults, in this order."""
    fixed = {flag.key: getattr(settings, f"flag_{flag.key}") for flag in Flag}
    return Flags(FlagProvider({key: on for key, on in fixed.items() if on is not None}, settings.flags_file))


def _only_booleans(flag_key: str) -> NoReturn:
    raise TypeMismatchError(f"{flag_key} can only be on or off")


def _stamp_of(path: Path) -> object:
    """Changes with the file's content; whether it is there counts as well."""
    try:
        found = path.stat()
    except OSError as missing:
        return type(missing)
    return found.st_mtime_ns, found.st_size, found.st_ino
