"""Being back after a sleep or on another network."""

from __future__ import annotations

import socket

from client.net.clock import Moment
from client.net.comeback import Comeback, own_addresses


class Device:
    """A device whose clocks and addresses the test changes."""

    def __init__(self) -> None:
        self.at = Moment(50.0, 1000.0)
        self.addresses = frozenset({"192.168.1.5"})

    def monotonic(self) -> float:
        return self.at.monotonic

    def wall(self) -> float:
        return self.at.wall

    def pass_time(self, seconds: float, slept: float = 0.0) -> None:
        self.at = Moment(self.at.monotonic + seconds, self.at.wall + seconds + slept)


def test_it_is_noticed_once_that_the_device_comes_to_a_network() -> None:
    device = Device()
    comeback = Comeback(device, lambda: device.addresses)
    assert not comeback.noticed()
    device.addresses = frozenset()
    assert not comeback.noticed()  # nothing to try where there is no network
    device.addresses = frozenset({"10.0.0.7"})
    assert comeback.noticed()
    assert not comeback.noticed()
    device.addresses |= {"2001:db8::7"}
    assert comeback.noticed()


def test_it_is_noticed_once_that_the_device_wakes_up() -> None:
    device = Device()
    comeback = Comeback(device, lambda: device.addresses)
    device.pass_time(2.0)
    assert not comeback.noticed()
    device.pass_time(2.0, slept=900.0)
    assert comeback.noticed()
    device.pass_time(2.0)
    assert not comeback.noticed()


def test_a_sleep_and_another_network_are_one_comeback() -> None:
    device = Device()
    comeback = Comeback(device, lambda: device.addresses)
    device.pass_time(2.0, slept=900.0)
    device.addresses = frozenset({"10.0.0.7"})
    assert comeback.noticed()
    assert not comeback.noticed()


def test_own_addresses_are_addresses() -> None:
    for address in own_addresses():
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        assert socket.inet_pton(family, address)
