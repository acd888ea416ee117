"""Puts the parts of a client together: what an app needs, without a screen."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable
from dataclasses import dataclass

from client.config import ClientConfig
from client.net.api import ApiClient
from client.net.browser_log_in import OpenBrowser
from client.net.live import LiveConnection
from client.net.outbox import Outbox, Owner
from client.net.signals import Signal
from client.net.tokens import TokenStore, choose_token_store
from client.store.commands import Commands
from client.store.memory import Memory
from client.store.state import AppState
from client.store.store import Store

OUTBOX_FILE = "outbox.sqlite3"
MEMORY_FILE = "memory.sqlite3"


@dataclass(frozen=True, slots=True)
class Client:
    """The state, what changes it, and where the log-in is kept."""

    store: Store
    commands: Commands
    tokens: TokenStore


def open_client(
    config: ClientConfig, initial: AppState | None = None, open_browser: OpenBrowser = webbrowser.open
) -> Client:
    """A client of `config.server_url` with its files under `config.home`; nothing is sent before a command.

    `open_browser` shows an address in the system's browser. `commands.shutdown()` ends the client.
    """
    tokens = choose_token_store(config.server_url, config.home, own_directory=config.own_home)
    api = ApiClient(config.server_url, tokens)
    outbox = Outbox(config.home / OUTBOX_FILE)

    def connect(session_id: str | None, user_id: str, on_signal: Callable[[Signal], None]) -> LiveConnection:
        return LiveConnection(
            url=config.live_url,
            owner=Owner(user_id, session_id),
            account=api.account,
            outbox=outbox,
            on_signal=on_signal,
        )

    store = Store(initial)
    memory = Memory(config.home / MEMORY_FILE)
    commands = Commands(store, api, connect, memory, open_browser=open_browser, at_end=outbox.close)
    return Client(store, commands, tokens)
