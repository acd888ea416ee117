"""Commands: `python -m deploy.local run | client | demo | serve-data | operate`; see `make help`."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from io import TextIOWrapper
from time import sleep
from types import FrameType

from deploy.local.embedded import EmbeddedMongo, EmbeddedValkey
from deploy.local.errors import LocalError
from deploy.local.logview import LogView
from deploy.local.operating import operate
from deploy.local.options import REPOSITORY, RunOptions, read_environment
from deploy.local.stack import LocalStack, is_ready

_WATCH_SECONDS = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that was asked for.

    Returns:
        0 when it did what was asked, also when ended by Ctrl-C; 1 after a problem, told on standard error.
    """
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description="DinDin on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start everything and show its log until Ctrl-C")
    commands.add_parser("serve-data", help="start only the embedded MongoDB and Valkey, until Ctrl-C")
    client = commands.add_parser(
        "client", help="open the app, for the server of this machine unless DINDIN_SERVER is set"
    )
    client.add_argument("link", nargs="?", help="an invitation to follow, as in dindin://join/ABC234")
    demo = commands.add_parser(
        "demo", help="let simulated friends play, on a running server or one of its own"
    )
    choice = demo.add_mutually_exclusive_group(required=True)
    choice.add_argument("--code", help="the code of your session, which the friends join")
    choice.add_argument("--auto", action="store_true", help="play a whole session in the terminal")
    operating = commands.add_parser("operate", help="run an operators' command on the DinDin of this machine")
    operating.add_argument("module", choices=("backend", "worker"))
    operating.add_argument("arguments", nargs=argparse.REMAINDER)
    asked = parser.parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return _carry_out(asked)
    except LocalError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except KeyboardInterrupt:
        return 0


def _carry_out(asked: argparse.Namespace) -> int:
    match asked.command:
        case "run":
            return _run()
        case "serve-data":
            return _serve_data()
        case "operate":
            return operate(asked.module, asked.arguments)
        case "client":
            return _client([asked.link] if asked.link else [])
        case _:
            return _demo(["--auto"] if asked.auto else [asked.code])


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Turn the first request to end into an orderly stop, which further ones must not break off."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _terminal() -> LogView:
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may not know every character that people type
    return LogView(sys.stdout, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ)


def _run() -> int:
    terminal = _terminal()

    def say(line: str) -> None:
        terminal("dindin", line)

    stack = LocalStack(env=read_environment(), show=terminal)
    try:
        stack.start()
        for line in _welcome(stack):
            say(line)
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            stack.open_client()
        raise LocalError(stack.wait())
    except KeyboardInterrupt:
        say("Stopping (your data stays) ...")
        stack.stop()
        say("Stopped.")
        return 0
    finally:
        stack.stop()


def _welcome(stack: LocalStack) -> list[str]:
    return [
        "",
        f"DinDin is ready at {stack.base_url}",
        "  the app:             make client          (in another terminal)",
        "  friends to swipe:    make demo CODE=ABC234 (your session's code), or make demo AUTO=1",
        f"  the API's pages:     {stack.base_url}/api/docs",
        f"  data and logs:       {stack.options.data_dir}",
        "  stop:                Ctrl-C",
        "",
    ]


def _serve_data() -> int:
    folder = RunOptions.read(read_environment()).data_dir
    with ExitStack() as servers:
        mongo = servers.enter_context(EmbeddedMongo(folder / "mongo", folder / "run"))
        valkey = servers.enter_context(EmbeddedValkey(folder / "valkey", folder / "run"))
        sys.stdout.write(f"export MONGODB_URI='{mongo.uri}'\nexport REDIS_URL='{valkey.uri}'\n")
        sys.stdout.flush()
        while mongo.returncode is None and valkey.returncode is None:
            sleep(_WATCH_SECONDS)
        ended = mongo if mongo.returncode is not None else valkey
        raise LocalError(f"The embedded {ended.product} ended; the last it wrote:\n{ended.last_lines()}")


def _client(arguments: Sequence[str]) -> int:
    environment = read_environment()
    environment.setdefault("DINDIN_SERVER", RunOptions.read(environment).base_url)
    command = [sys.executable, "-m", "client", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode  # noqa: S603 - our own module


def _demo(arguments: Sequence[str]) -> int:
    environment = read_environment()
    with ExitStack() as own_server:
        base_url = RunOptions.read(environment).base_url
        if not is_ready(base_url):
            sys.stdout.write(f"No server answers at {base_url}: starting one for the demo ...\n")
            sys.stdout.flush()
            own_server.enter_context(LocalStack(env=environment))
        command = [sys.executable, "-m", "client.demo", "--server", base_url, *arguments]
        return subprocess.run(command, cwd=REPOSITORY, check=False).returncode  # noqa: S603 - our own module


if __name__ == "__main__":
    sys.exit(main())
