"""Simulated friends for trying DinDin alone.

python -m client.demo K7M2QX          two friends join your session and swipe
python -m client.demo --auto          three friends play a whole session while you watch
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.live import Live

from client.config import ConfigurationError, load_config
from client.demo_friend import Friend, Temper
from client.demo_view import Scene
from client.net.errors import ApiError

NAMES = ("Mia", "Kofi", "Priya", "Jonas")
DECK_SIZE = 12
_FRAMES_PER_SECOND = 8

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class Wishes:
    """The command line, checked. `code` is None when the friends are to play among themselves."""

    code: str | None
    friends: int
    server: str | None
    speed: float
    seed: int | None


def parse_wishes(arguments: Sequence[str]) -> Wishes:
    """Read the command line; ends the program with a usage message when it makes no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m client.demo", description="Simulated friends for DinDin."
    )
    parser.add_argument("code", nargs="?", help="the code of your session: friends join it")
    parser.add_argument("--auto", action="store_true", help="friends play a session of their own; you watch")
    parser.add_argument("--friends", type=int, help=f"how many, up to {len(NAMES)} (2, or 3 with --auto)")
    parser.add_argument("--server", help="the server's address (default: DINDIN_SERVER, or HOST and PORT)")
    parser.add_argument("--speed", type=float, default=1.0, help="2 is twice as fast as people are")
    parser.add_argument("--seed", type=int, help="makes the friends behave the same again")
    given = parser.parse_args(arguments)
    if bool(given.code) == given.auto:
        parser.error("give the code of your session, or --auto (not both)")
    friends = given.friends if given.friends is not None else 3 if given.auto else 2
    fewest = 2 if given.auto else 1
    if not fewest <= friends <= len(NAMES):
        parser.error(f"--friends must be between {fewest} and {len(NAMES)}")
    if given.speed <= 0:
        parser.error("--speed must be greater than 0")
    return Wishes(given.code, friends, given.server, given.speed, given.seed)


class Demo:
    """One session with simulated friends, shown in the terminal."""

    def __init__(self, wishes: Wishes, console: Console, folder: Path) -> None:
        self._wishes = wishes
        self._console = console
        environment = {**os.environ, **({"DINDIN_SERVER": wishes.server} if wishes.server else {})}
        config = load_config(environment)
        self._scene = Scene("DinDin with simulated friends")
        self._failures: list[ApiError] = []
        self._friends = [
            Friend(
                name,
                server=config.server_url,
                live_url=config.live_url,
                folder=folder,
                temper=Temper(self._chance(place), wishes.speed),
                # One pair of eyes is enough: all sockets tell the same events.
                watch=self._scene.watch if place == 0 else _ignore,
            )
            for place, name in enumerate(NAMES[: wishes.friends])
        ]

    def run(self) -> int:
        """Play; returns the exit code. Raises `ApiError` when the session cannot be entered."""
        threads = [threading.Thread(target=self._play, args=(friend,)) for friend in self._friends]
        try:
            with self._console.status("Your friends are coming ..."):
                self._gather()
            with Live(self._scene, console=self._console, refresh_per_second=_FRAMES_PER_SECOND):
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
        finally:
            self._part([thread for thread in threads if thread.ident is not None])
        if self._failures:
            raise self._failures[0]
        return OK

    def _gather(self) -> None:
        """Everybody into the session."""
        code = self._wishes.code
        for friend in self._friends:
            if code is None:
                friend.register()
                snapshot = friend.create(DECK_SIZE)
            else:
                friend.come_as_guest()
                snapshot = friend.join(code)
            code = snapshot.code
            self._scene.enter(snapshot)
            self._scene.say(f"{friend.name} is here")

    def _play(self, friend: Friend) -> None:
        try:
            friend.play()
        except ApiError as error:
            self._failures.append(error)

    def _part(self, threads: Sequence[threading.Thread]) -> None:
        """Nobody stays behind in a session that goes on."""
        for friend in self._friends:
            friend.stop()
        for thread in threads:
            thread.join()
        for friend in self._friends:
            try:
                friend.leave()
            except ApiError as error:
                self._scene.say(f"{friend.name} could not say goodbye: {error.detail}")

    def _chance(self, place: int) -> random.Random:
        seed = None if self._wishes.seed is None else self._wishes.seed * len(NAMES) + place
        return random.Random(seed)


def _ignore(_signal: object) -> None:
    """For the friends whose sockets are not looked at."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; returns the exit code."""
    logging.basicConfig(level=logging.ERROR)
    wishes = parse_wishes(sys.argv[1:] if arguments is None else arguments)
    console = Console()
    try:
        with tempfile.TemporaryDirectory(prefix="dindin-demo-") as folder:
            return Demo(wishes, console, Path(folder)).run()
    except ApiError as error:
        hint = " Start it with: make run" if error.unreachable else ""
        console.print(f"[bold red]{error.detail}[/]{hint}")
        return FAILED
    except ConfigurationError as error:
        console.print(f"[bold red]{error}[/]")
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
