"""Greenlets are counted until they are gone."""

from __future__ import annotations

import gevent
from gevent.event import Event

from backend.infra.greenlets import LivingGreenlets


def test_a_greenlet_counts_from_its_beginning_to_its_end() -> None:
    living, may_end = LivingGreenlets(), Event()
    some = [gevent.spawn(may_end.wait) for _ in range(3)]
    assert len(living) == 3
    may_end.set()
    gevent.joinall(some, raise_error=True)
    some.clear()
    gevent.sleep(0)  # the loop itself lets go of the last one
    assert len(living) == 0
