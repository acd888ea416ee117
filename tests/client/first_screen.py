"""`python -m tests.client.first_screen PROGRAM ...`: does a packed app open, and how soon can somebody use it?

It is started as a process of its own on a virtual display, signed out and with nothing kept from before, until the
first screen shows its main button; then it is asked to stop. Needs Xvfb and Pillow only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from client.theme.palette import LIGHT
from tests.client.ui.display import Display, open_display

PATIENCE_SECONDS = 60.0
STOP_SECONDS = 20.0
LOOK_EVERY_SECONDS = 0.02
BUTTON_PIXELS = 5_000
"""Of the main button's colour; nothing that is shown before has so many."""
NOWHERE = "http://127.0.0.1:9"


class NoFirstScreenError(Exception):
    """The program did not open, or complained; the text says which."""


def seconds_to_first_screen(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Start the program, wait until it can be used, stop it; raises `NoFirstScreenError`.

    How long it took, and how many seconds of a processor: on a busy machine, that is what a quiet one would need.
    `folder` is where everything is kept that the program and the display write.
    """
    frames = folder / "frames"
    frames.mkdir()
    display = open_display(frames=frames)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("KIVY_")},
        "DISPLAY": display.name,
        "SDL_VIDEODRIVER": "x11",
        "DINDIN_MULTISAMPLES": "0",  # as one would without a GPU
        "DINDIN_SERVER": NOWHERE,
        "DINDIN_HOME": str(folder / "home"),
        "HOME": str(folder),
    }
    try:
        with (folder / "said").open("w+b") as said:
            started = time.monotonic()
            program = subprocess.Popen(command, env=environment, stdout=said, stderr=subprocess.STDOUT)
            try:
                while not _usable(display):
                    if program.poll() is not None or time.monotonic() - started > PATIENCE_SECONDS:
                        break
                    time.sleep(LOOK_EVERY_SECONDS)
                seconds, shown = time.monotonic() - started, _usable(display)
                worked = _processor_seconds(program.pid) if shown else 0.0
            finally:
                program.terminate()
                code = program.wait(STOP_SECONDS)
            said.seek(0)
            words = said.read().decode(errors="replace").strip()
    finally:
        display.close()
    if not shown or code != 0 or words:
        raise NoFirstScreenError(
            f"{command[0]}: {'first screen shown' if shown else 'no first screen'}, exit code {code}. {words}"
        )
    return seconds, worked


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _usable(display: Display) -> bool:
    coral = tuple(round(255 * channel) for channel in LIGHT.coral[:3])
    colours = display.picture().getcolors(1 << 20) or []
    return any(colour == coral and count > BUTTON_PIXELS for count, colour in colours)


def main(command: Sequence[str]) -> int:
    """Check a program; 0 where it opens."""
    with tempfile.TemporaryDirectory(prefix="dindin-") as folder:
        try:
            seconds, worked = seconds_to_first_screen(
                [str(Path(command[0]).absolute()), *command[1:]], Path(folder)
            )
        except NoFirstScreenError as failure:
            sys.stderr.write(f"{failure}\n")
            return 1
    sys.stdout.write(
        f"{command[0]} opens: first usable screen after {seconds:.1f} s, {worked:.1f} s of a processor.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
