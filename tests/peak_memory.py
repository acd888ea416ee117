"""How much memory a command of ours needs at most."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_ROOT = Path(__file__).parents[1]
# Linux's own account of the process. That of `wait4` begins with the memory of whoever started it: for a child that a
# worker forks, with all that it shares with the worker.
_SCRIPT = """
import resource
import sys
from pathlib import Path
from worker.__main__ import main
status = main()
sys.stderr.write(Path("/proc/self/status").read_text())
sys.stderr.write(f"largest child: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss} kB\\n")
sys.exit(status)
"""


def peak_megabytes(
    arguments: Sequence[str], environment: Mapping[str, str], *, of_children: bool = False
) -> float:
    """Run `python -m worker ARGUMENTS`, which must end well, and say how much it needed.

    Args:
        of_children: how much the largest process that it started needed: a worker has jobs done by such.
    """
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *arguments],
        cwd=_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    line = "largest child" if of_children else "VmHWM"
    found = re.search(rf"^{line}:\s*(\d+) kB$", done.stderr, re.MULTILINE)
    assert done.returncode == 0, done.stderr
    assert found, done.stderr
    return int(found[1]) / 1000
