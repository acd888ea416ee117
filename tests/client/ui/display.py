"""A screen of its own for each test process, so that windows do not pop up on a developer's desktop."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

MISSING = (
    "The tests of the client's screens need a virtual display and Xvfb is not installed: "
    "run `make test`, which sees to it, or apt-get install --no-install-recommends xvfb."
)


@dataclass(frozen=True)
class Display:
    """A running Xvfb; with `frames`, what it shows can be looked at."""

    name: str
    process: subprocess.Popen[bytes]
    frames: Path | None = None

    def picture(self) -> Image.Image:
        """The whole screen as it is now.

        Xvfb keeps its screen in a file in the format of xwd: 25 big-endian numbers, a name, a table of colours, pixels.
        """
        if self.frames is None:
            raise ValueError("This display was opened without a folder for its frames.")
        content = (self.frames / "Xvfb_screen0").read_bytes()
        header = struct.unpack(">25I", content[:100])
        header_size, width, height, bytes_per_line, colours = (header[place] for place in (0, 4, 5, 12, 19))
        pixels = content[header_size + 12 * colours :]
        return Image.frombytes("RGB", (width, height), pixels, "raw", "BGRX", bytes_per_line)

    def close(self) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait(10)


def open_display(width: int = 1000, height: int = 1000, frames: Path | None = None) -> Display:
    """Start an Xvfb on a free display number that it finds itself; returns when it takes connections."""
    if shutil.which("Xvfb") is None:
        raise RuntimeError(MISSING)
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    if frames is not None:
        command += ["-fbdir", str(frames)]
    process = subprocess.Popen(
        command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()
    if not number:
        raise RuntimeError(f"Xvfb did not start; try it by hand: {' '.join(command)}")
    return Display(f":{number}", process, frames)
