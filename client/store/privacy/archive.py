"""Where exports are saved: a file of its own among the user's downloads, there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import BinaryIO

ONLY_MINE = 0o600


def archive_path(folder: Path, requested_at: float) -> Path:
    """Where to save an export that was asked for then: named by that day, and never over another file."""
    day = datetime.fromtimestamp(requested_at, UTC).astimezone().date()
    names = (f"DinDin {day}{f' ({number})' if number > 1 else ''}.zip" for number in count(1))
    return next(path for name in names if not (path := folder / name).exists())


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write to a file beside `path`, which takes its place at the end; what breaks off leaves nothing.

    Others on this machine cannot read it: everything that is known about somebody is in there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.part")
    half.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_MINE), "wb") as file:
            yield file
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
