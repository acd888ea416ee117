"""When the device is back, after a sleep or on another network, connections are tried at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from client.app import LOOK_FOR_COMEBACK_SECONDS
from client.net.comeback import Comeback
from tests.client.ui import scenes
from tests.client.ui.driver import virtual_clock
from tests.client.ui.stage import open_stage

RETRY = ("retry_now",)


@dataclass
class Device:
    """Where the device is."""

    addresses: frozenset[str] = frozenset({"192.168.1.5"})

    def monotonic(self) -> float:
        return virtual_clock().seconds

    def wall(self) -> float:
        return virtual_clock().seconds


def test_a_desktop_notices_by_itself(tmp_path: Path) -> None:
    device = Device()
    comeback = Comeback(device, lambda: device.addresses)
    with open_stage(scenes.swiping(), tmp_path, comeback=comeback) as stage:
        stage.driver.wait(2 * LOOK_FOR_COMEBACK_SECONDS)
        assert RETRY not in stage.calls
        device.addresses = frozenset({"10.0.0.7"})
        stage.driver.wait(1.1 * LOOK_FOR_COMEBACK_SECONDS)
        assert stage.calls.count(RETRY) == 1
        stage.driver.step(900.0)  # nothing ran meanwhile
        stage.driver.wait(1.1 * LOOK_FOR_COMEBACK_SECONDS)
        assert stage.calls.count(RETRY) == 2


def test_a_phone_says_so(tmp_path: Path) -> None:
    with open_stage(scenes.swiping(), tmp_path) as stage:
        assert stage.app.on_pause()
        stage.app.dispatch("on_resume")
        assert RETRY in stage.calls
