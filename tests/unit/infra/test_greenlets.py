"""Greenlets are counted until they are gone."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: what other tests spawn, or have left, counts as well.
_PROGRAM = """
import gevent
from gevent.event import Event
from backend.infra.greenlets import LivingGreenlets

living, may_end = LivingGreenlets(), Event()
some = [gevent.spawn(may_end.wait) for _ in range(3)]
print(len(living))
may_end.set()
gevent.joinall(some, raise_error=True)
some.clear()
gevent.sleep(0)  # the loop itself lets go of the last one
print(len(living))
"""


def test_a_greenlet_counts_from_its_beginning_to_its_end() -> None:
    counted = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=False)
    assert (counted.returncode, counted.stdout.split()) == (0, ["3", "0"]), counted.stderr
