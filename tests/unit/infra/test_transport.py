"""What leaves a live socket when, with what, and what never happens (docs/live-protocol.md, "Delivery promises")."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.unmeasured import UNMEASURED

_LARGEST_FRAME = 16 * 1024
_MOST_WAITING = 256


def _play(scenario: str) -> dict[str, Any]:
    """What came of a scenario, played by a process that may run greenlets."""
    command = [sys.executable, "-m", "tests.unit.infra.transport_process", scenario]
    env = {**os.environ, **UNMEASURED}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])  # after what was logged
    return result


class TestWhatMayWait:
    def test_goes_out_at_once_on_an_idle_socket(self) -> None:
        assert _play("idle_socket") == {"frames": [["lazy"]]}

    def test_travels_together_on_the_heels_of_another(self) -> None:
        came = _play("on_the_heels")
        assert came["frames"] == [["first"], [0, 1, 2]]
        assert came["seconds"] < 1  # the window is 0.05 s; the rest is room for a busy machine

    def test_leaves_with_what_is_hurried(self) -> None:
        assert _play("hurried") == {"frames": [["first"], ["lazy", "hurried"]]}

    def test_is_not_forgotten_after_something_hurried(self) -> None:
        assert _play("lazy_again_after_hurried") == {"texts": ["first", "lazy", "hurried", "later"]}

    def test_holds_up_neither_flush_nor_close(self) -> None:
        assert _play("flushed") == {"texts": ["first", "lazy"]}
        assert _play("closed") == {"texts": ["first", "lazy"], "close_code": 4401}

    def test_costs_one_greenlet_for_all_sockets(self) -> None:
        assert _play("crowd") == {"greenlets": 1, "texts": [["first", 1]] * 50}


class TestEverySocket:
    def test_gets_everything_once_and_in_order(self) -> None:
        came = _play("any_mixture")
        assert came["in_order"]
        assert came["frames"] < 20_000
        assert came["largest"] <= _LARGEST_FRAME

    @pytest.mark.security
    def test_is_cut_off_when_it_does_not_read(self) -> None:
        came = _play("deaf_peer")
        assert came["closed"]
        assert came["sent"] > _MOST_WAITING
        assert came["other"] == ["first", "unharmed"]

    @pytest.mark.security
    def test_never_lets_more_wait_than_promised(self) -> None:
        assert _play("too_many_lazy") == {"sent": _MOST_WAITING + 1, "close_code": 4408}

    def test_ends_alone(self) -> None:
        assert _play("gone_peer") == {"closed": [False, True, False]}


class TestAListener:
    def test_gets_every_message_in_its_turn_and_the_end_once(self) -> None:
        assert _play("listener") == {
            "hello": "hello",
            "in_order": True,
            "most_at_once": 1,
            "ends": 1,
            "closed": True,
        }

    def test_that_fails_ends_its_socket(self) -> None:
        assert _play("failing_listener") == {"taken": ["good", "bad"], "close_code": 1011, "ends": 1}

    def test_hears_of_an_end_from_our_side(self) -> None:
        assert _play("closed_listener") == {"close_code": 1012, "ends": 1}

    def test_costs_no_greenlet_while_nothing_is_said(self) -> None:
        assert _play("quiet_listeners") == {"open": 20}
