"""The log of a local run: two files of a bounded size, the newest lines always in the first."""

from __future__ import annotations

from pathlib import Path

from deploy.local.bounded_log import BoundedLog
from deploy.local.logview import LogView


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


def test_the_run_before_is_kept_and_the_one_before_that_is_not(tmp_path: Path) -> None:
    for run in ("first", "second", "third"):
        with BoundedLog(tmp_path / "logs" / "dindin.log") as log:
            log.write(run)
    assert contents(tmp_path / "logs") == {"dindin.log": "third", "dindin.log.1": "second"}


def test_it_is_begun_anew_at_its_limit_and_no_line_is_cut(tmp_path: Path) -> None:
    with BoundedLog(tmp_path / "dindin.log", limit=50) as log:
        show = LogView(log, colour=False)
        for number in range(10):
            show("api", f"líne {number}")
        kept = contents(tmp_path)
    lines = [
        line.rpartition(" ")[2] for name in sorted(kept, reverse=True) for line in kept[name].splitlines()
    ]
    assert lines == ["6", "7", "8", "9"]
    assert all(len(text.encode()) < 50 + len("api      │ líne 0\n".encode()) for text in kept.values())
