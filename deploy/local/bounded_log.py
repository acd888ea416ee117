"""A log file that cannot fill the disk."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

LOG_BYTES = 10_000_000


class BoundedLog:
    """Text that goes to `path`, in UTF-8. The file before this one lies beside it, as `dindin.log.1`.

    A new file is begun when this is made, and whenever `limit` bytes have been written: a line is never cut.
    """

    def __init__(self, path: Path, limit: int = LOG_BYTES) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = path
        self._limit = limit
        self._begin()

    def write(self, text: str) -> None:
        """Add text."""
        self._written += self._file.write(text.encode())

    def flush(self) -> None:
        """Let others see what was written. Called at the end of a line."""
        self._file.flush()
        if self._written >= self._limit:
            self._file.close()
            self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _begin(self) -> None:
        if self._path.exists():
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        self._file = self._path.open("wb")
        self._written = 0
