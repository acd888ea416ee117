"""A screen of its own for each test process, so that windows do not pop up on a developer's desktop."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass

MISSING = (
    "The tests of the client's screens need a virtual display and Xvfb is not installed: "
    "run `make test`, which sees to it, or apt-get install --no-install-recommends xvfb."
)


@dataclass(frozen=True)
class Display:
    """A running Xvfb."""

    name: str
    process: subprocess.Popen[bytes]

    def close(self) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait(10)


def open_display(width: int = 1000, height: int = 1000) -> Display:
    """Start an Xvfb on a free display number that it finds itself; returns when it takes connections."""
    if shutil.which("Xvfb") is None:
        raise RuntimeError(MISSING)
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    process = subprocess.Popen(
        command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()
    if not number:
        raise RuntimeError(f"Xvfb did not start; try it by hand: {' '.join(command)}")
    return Display(f":{number}", process)
