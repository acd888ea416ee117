"""`make bench-client`: measures the client on a virtual display, drawn by the processor, and prints it.

Nothing here fails on a time. Each part runs in a process of its own: what one leaves behind must not slow the next.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from client.main import configure_kivy
from tests.client.first_screen import seconds_to_first_screen
from tests.client.ui.display import open_display
from tests.performance.measured import HEADINGS, spread
from tests.performance.stages import table

if TYPE_CHECKING:
    from tests.performance.client_scenes import Frames

_STARTS = 5
_WIDTH = 130
PARTS = ("start", "frames", "list", "memory")


def measure_start(console: Console) -> None:
    """From nothing to the first screen that can be used, each time in a new process with an empty folder."""
    measured = []
    for _ in range(_STARTS):
        with tempfile.TemporaryDirectory(prefix="dindin-bench-") as folder:
            measured.append(seconds_to_first_screen([sys.executable, "-m", "client"], Path(folder)))
    shown = table(
        "Start of a process until the first screen can be used, in seconds (aim: 3)",
        "seconds of, starts, fastest, median, slowest",
    )
    for name, seconds in zip(("the clock", "a processor"), zip(*measured, strict=True), strict=True):
        ordered = sorted(seconds)
        found = (ordered[0], ordered[len(ordered) // 2], ordered[-1])
        shown.add_row(name, str(len(ordered)), *(f"{each:.2f}" for each in found))
    console.print(shown)


def measure_frames(console: Console) -> None:
    """What a frame takes while a card is dragged and the others are busy."""
    from tests.performance import client_scenes  # needs the display

    _print_frames(
        console,
        "A frame while a card is dragged: ms that the UI thread works, and until all is drawn (aim: 50 at most)",
        {
            "nothing arrives": client_scenes.dragging(messages_a_second=0),
            "50 messages a second arrive": client_scenes.dragging(messages_a_second=50),
        },
    )


def measure_list(console: Console) -> None:
    """What a frame takes while 10,000 rows are scrolled through."""
    from tests.performance import client_scenes  # needs the display

    shown, scrolled = client_scenes.long_list()
    _print_frames(
        console,
        "10,000 rows with pictures: ms that the UI thread works in a frame, and until all is drawn",
        {"scrolled by hand": scrolled.slowly, "thrown from end to end": scrolled.fast},
    )
    console.print(f"To show them took {shown * 1000:.0f} ms.")


def measure_memory(console: Console) -> None:
    """What the process holds after more and more of the same."""
    from tests.performance import client_scenes  # needs the display

    shown = table("Memory of the process, MB", "after, first time, second time, third time, fourth time")
    shown.add_row("200 cards swiped", *(f"{size:.1f}" for size in client_scenes.memory_of_swiping()))
    shown.add_row("50 screens visited", *(f"{size:.1f}" for size in client_scenes.memory_of_visiting()))
    console.print(shown)


def _print_frames(console: Console, title: str, measured: dict[str, Frames]) -> None:
    of_each = [f"{of} {heading}" for of in ("UI", "drawn") for heading in HEADINGS]
    shown = table(title, f"meanwhile, frames, {', '.join(of_each)}")
    for name, seconds in measured.items():
        shown.add_row(name, str(len(seconds.drawn)), *spread(seconds.worked), *spread(seconds.drawn))
    console.print(shown)


_MEASURES: dict[str, Callable[[Console], None]] = {
    "start": measure_start,
    "frames": measure_frames,
    "list": measure_list,
    "memory": measure_memory,
}


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance.client", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="default: all")
    parser.add_argument("--only", choices=PARTS, help=argparse.SUPPRESS)  # in a process of its own
    chosen = parser.parse_args()
    console = Console(width=_WIDTH)
    if chosen.only:
        return _measure_here(chosen.only, console)
    console.print(
        f"{len(os.sched_getaffinity(0))} cores; {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}; load before the start {os.getloadavg()[0]:.1f}"
    )
    for part in chosen.parts:
        subprocess.run([sys.executable, "-m", "tests.performance.client", "--only", part], check=True)
    return 0


def _measure_here(part: str, console: Console) -> int:
    if part == "start":
        measure_start(console)
        return 0
    display = open_display()
    os.environ |= {"DISPLAY": display.name, "SDL_VIDEODRIVER": "x11", "DINDIN_MULTISAMPLES": "0"}
    configure_kivy(os.environ)
    # It misses programs for a clipboard that nobody uses here.
    logging.getLogger("kivy").addFilter(lambda _: False)
    try:
        _MEASURES[part](console)
    finally:
        display.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
