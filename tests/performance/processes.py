"""What the processes cost: CPU and memory, one by one."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil

from deploy.local.stack import LocalStack

_MEGABYTE = 1024 * 1024
COST_HEADINGS = "API CPU, µs per swipe, mongod, valkey, load, API MB, mongod MB, valkey MB"


@dataclass(frozen=True)
class Cost:
    """What the processes of each kind used: shares of one core, and bytes, process by process."""

    seconds: float
    cpu: dict[str, list[float]]
    memory: dict[str, list[int]]

    def row(self, swipes: int) -> list[str]:
        """As a table shows it; see COST_HEADINGS."""
        per_swipe = sum(self.cpu["api"]) * self.seconds / max(1, swipes)
        return [
            self._shares("api"),
            f"{per_swipe * 1e6:.0f}",
            *(self._shares(name) for name in ("mongodb", "valkey", "load")),
            *(self._megabytes(name) for name in ("api", "mongodb", "valkey")),
        ]

    def _shares(self, name: str) -> str:
        return " + ".join(f"{share:.0%}" for share in self.cpu[name])

    def _megabytes(self, name: str) -> str:
        return " + ".join(f"{size / _MEGABYTE:.0f}" for size in self.memory[name])


class Watch:
    """Looks at the processes from now on."""

    def __init__(self, stack: LocalStack, api_pid: int) -> None:
        """Args:
        api_pid: gunicorn's main process.
        """
        self._processes = {
            "api": psutil.Process(api_pid).children(),
            "mongodb": [psutil.Process(stack.processes["mongodb"])],
            "valkey": [psutil.Process(stack.processes["valkey"])],
            "load": [psutil.Process()],
        }
        self._before = self._cpu_seconds()
        self._since = time.perf_counter()

    def stop(self) -> Cost:
        """What was used since."""
        seconds = time.perf_counter() - self._since
        after = self._cpu_seconds()
        return Cost(
            seconds,
            {
                name: [(a - b) / seconds for a, b in zip(after[name], self._before[name], strict=True)]
                for name in after
            },
            {
                name: [process.memory_info().rss for process in processes]
                for name, processes in self._processes.items()
            },
        )

    def _cpu_seconds(self) -> dict[str, list[float]]:
        return {
            name: [sum(process.cpu_times()[:2]) for process in processes]  # user and system
            for name, processes in self._processes.items()
        }


def api_memory(stack: LocalStack) -> int:
    """Bytes that the API processes alone hold."""
    processes = psutil.Process(stack.processes["api"]).children()
    return sum(process.memory_full_info().uss for process in processes)
