"""`make bench`: measures the live path on this machine and prints it. Nothing here fails on a time."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from backend.config import Settings
from backend.infra import logs
from deploy.local.stack import LocalStack, free_port
from tests.performance.load import Load, Measured
from tests.performance.scene import Seat, fill_rooms

_PEOPLE = 4
_console = Console(width=120)


@dataclass(frozen=True)
class Stage:
    """One measurement: so many swipes a second for so long."""

    name: str
    sockets: int
    rate: float
    seconds: float


STAGES = (
    Stage("light", 200, 50, 10),
    Stage("busy", 1000, 500, 10),
    Stage("very busy", 1000, 1000, 10),
    Stage("heavy", 1000, 2000, 10),
    Stage("heavier", 1000, 3000, 8),
    Stage("aim", 1000, 4000, 8),
)
NAIVE_STAGES = tuple(stage for stage in STAGES if stage.rate in {500, 1000, 2000})
_NAIVE_START_SECONDS = 20


def main() -> int:
    """Run the stages that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance", description=__doc__)
    parser.add_argument("--stages", nargs="*", choices=[stage.name for stage in STAGES], help="default: all")
    parser.add_argument(
        "--idle", type=int, default=2000, help="idle sockets whose memory is measured; 0 for none"
    )
    parser.add_argument(
        "--naive", action=argparse.BooleanOptionalAction, default=True, help="compare with the naive"
    )
    chosen = parser.parse_args()
    stages = [stage for stage in STAGES if not chosen.stages or stage.name in chosen.stages]
    with tempfile.TemporaryDirectory(prefix="dindin-bench-") as folder:
        env = {
            "APP_ENV": "test",
            "API_RATE_LIMIT": "1000000",
            "LOG_LEVEL": "WARNING",
            "ACCESS_TOKEN_MINUTES": "60",
        }
        with LocalStack(data_dir=Path(folder), port=0, env=env) as stack:
            settings = Settings(_env_file=None, **{**_lower(env), **_lower(stack.settings)})
            logs.configure(settings, "bench")
            if chosen.idle:  # first: later the processes would reuse memory of earlier sockets
                asyncio.run(_measure_idle(stack, settings, chosen.idle))
            ours = Server("DinDin", stack.base_url, stack.processes["api"])
            asyncio.run(_measure(stack, settings, stages, ours))
            if chosen.naive:
                with _naive_server(stack) as naive:
                    asyncio.run(_measure(stack, settings, NAIVE_STAGES, naive))
    return 0


async def _measure(stack: LocalStack, settings: Settings, stages: Sequence[Stage], server: Server) -> None:
    latency = _table(
        f"{server.name}: durable, acknowledged, told to the room (ms from the moment a swipe was due)",
        "stage, sockets, wanted/s, done/s, ack p50, p95, p99, max, told p95, exactly once",
    )
    cost = _table(
        f"{server.name}: cost (share of one core)", "stage, api, mongod, valkey, load, µs of api per swipe"
    )
    for stage in stages:
        seats = await asyncio.to_thread(fill_rooms, settings, stage.sockets // _PEOPLE, _PEOPLE)
        load = Load(server.url, seats, server.hello)
        await load.connect()
        watch = CpuWatch(stack, server.pid)
        measured = await load.run(stage.rate, stage.seconds)
        used, seconds = watch.stop()
        load.close()
        latency.add_row(*_latency_row(stage, measured))
        shares = (f"{used[name] / seconds:.0%}" for name in ("api", "mongodb", "valkey", "load"))
        cost.add_row(stage.name, *shares, f"{used['api'] / max(1, len(measured.acks)) * 1e6:.0f}")
        await asyncio.sleep(1)
    _console.print(latency)
    _console.print(cost)


@dataclass(frozen=True)
class Server:
    """Something that speaks the protocol: where, the main process of its gunicorn, and how to greet it."""

    name: str
    url: str
    pid: int
    hello: Callable[[Seat], dict] | None = None


@contextmanager
def _naive_server(stack: LocalStack) -> Iterator[Server]:
    """The handler one would write first, with as many processes, on the same databases."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-k", "gevent", "-w", "2", "-b", f"127.0.0.1:{port}"]
    command += [
        "--worker-connections",
        "12000",
        "--log-level",
        "critical",
        "tests.performance.naive:create_app()",
    ]
    process = subprocess.Popen(command, env={**os.environ, **stack.settings})
    try:
        deadline = time.monotonic() + _NAIVE_START_SECONDS
        while len(psutil.Process(process.pid).children()) < 2 or not _listens(port):  # its processes
            if time.monotonic() > deadline:
                raise TimeoutError("the naive server did not start")
            time.sleep(0.1)
        yield Server(
            "One write per swipe",
            f"http://127.0.0.1:{port}",
            process.pid,
            lambda seat: {"session": seat.session_id, "user": seat.user_id},
        )
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _table(title: str, headings: str) -> Table:
    table = Table(title=title)
    for heading in headings.split(", "):
        table.add_column(heading, justify="right")
    return table


def _latency_row(stage: Stage, measured: Measured) -> list[str]:
    acks, told = sorted(measured.acks), sorted(measured.fanouts)
    flaws = (
        f"refused {measured.refused}, doubled {measured.doubled}, unanswered {measured.unanswered}, "
        f"untold {measured.untold}, closed {measured.closed}"
    )
    return [
        stage.name,
        str(stage.sockets),
        f"{stage.rate:.0f}",
        f"{measured.rate:.0f}",
        *(f"{_percentile(acks, share) * 1000:.1f}" for share in (0.5, 0.95, 0.99, 1.0)),
        f"{_percentile(told, 0.95) * 1000:.1f}",
        "yes" if measured.flawless else f"NO: {flaws}",
    ]


async def _measure_idle(stack: LocalStack, settings: Settings, sockets: int) -> None:
    seats = await asyncio.to_thread(fill_rooms, settings, sockets // _PEOPLE, _PEOPLE)
    before = _api_memory(stack)
    load = Load(stack.base_url, seats)
    started = time.perf_counter()
    await load.connect()
    connected = time.perf_counter() - started
    await asyncio.sleep(2)
    grown = _api_memory(stack) - before
    load.close()
    _console.print(
        f"{sockets} idle sockets: {grown / sockets / 1024:.1f} KB each in the API processes; "
        f"all connected and welcomed in {connected:.1f} s."
    )


class CpuWatch:
    """CPU seconds of the processes, from now on."""

    def __init__(self, stack: LocalStack, api_pid: int) -> None:
        self._processes = {
            "api": psutil.Process(api_pid).children(),
            "mongodb": [psutil.Process(stack.processes["mongodb"])],
            "valkey": [psutil.Process(stack.processes["valkey"])],
            "load": [psutil.Process()],
        }
        self._before = self._now()
        self._since = time.perf_counter()

    def stop(self) -> tuple[dict[str, float], float]:
        """CPU seconds used by name, and the seconds that passed."""
        after = self._now()
        return {name: after[name] - self._before[name] for name in after}, time.perf_counter() - self._since

    def _now(self) -> dict[str, float]:
        return {
            name: sum(p.cpu_times().user + p.cpu_times().system for p in processes)
            for name, processes in self._processes.items()
        }


def _api_memory(stack: LocalStack) -> int:
    processes = psutil.Process(stack.processes["api"]).children()
    return sum(process.memory_full_info().uss for process in processes)


def _percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def _lower(variables: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in variables.items() if name.lower() in Settings.model_fields}


if __name__ == "__main__":
    sys.exit(main())
