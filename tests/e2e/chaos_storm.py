"""What befalls the servers in the chaos: an API process killed, Valkey emptied, a database that stands still."""

from __future__ import annotations

import asyncio
import os
import signal
from random import Random

import redis

from deploy.local.stack import LocalStack
from tests.processes import serving_processes
from tests.stacks import StackLog

_PROCESSES = 2
_LOOK_SECONDS = 0.05
_FREEZES = (None, None, "valkey", "mongodb")
_FROZEN_SECONDS = (1.0, 2.0)


def plan(chance: Random, operations: int) -> list[tuple[int, str]]:
    """What strikes in a storm, in order: after how many replies, and what."""
    strikes = ["kill", "flush", chance.choice(["kill", "flush"])]
    if frozen := chance.choice(_FREEZES):
        strikes.append(frozen)
    chance.shuffle(strikes)
    moments = sorted(chance.randrange(operations // 20, operations) for _ in strikes)
    return list(zip(moments, strikes, strict=True))


class Storm:
    """Strikes whenever so many operations have been answered, so that it meets the same work on any machine."""

    def __init__(self, stack: LocalStack, log: StackLog, chance: Random, operations: int) -> None:
        """Args:
        operations: how many replies there will be, about.
        """
        self._stack = stack
        self._log = log
        self._chance = chance
        self.plan = plan(chance, operations)
        self._replies = 0
        self._news = asyncio.Event()

    def replied(self) -> None:
        """One more operation has its reply."""
        self._replies += 1
        self._news.set()

    async def rage(self) -> None:
        """Carry out the plan. May be cancelled: what would come later does not happen, what stands still goes on."""
        for moment, strike in self.plan:
            while self._replies < moment:
                self._news.clear()
                await self._news.wait()
            if strike == "kill":
                await self._kill()
            elif strike == "flush":
                with redis.Redis.from_url(self._stack.settings["REDIS_URL"]) as valkey:
                    valkey.flushall()
            else:
                await self._freeze(self._stack.processes[strike])

    async def _kill(self) -> None:
        while len(serving := serving_processes(self._stack, self._log.api_pids())) < _PROCESSES:
            await asyncio.sleep(_LOOK_SECONDS)
        os.kill(self._chance.choice(serving), signal.SIGKILL)

    async def _freeze(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(self._chance.uniform(*_FROZEN_SECONDS))
        finally:
            os.kill(pid, signal.SIGCONT)
