"""Puts the parts of a client together: what an app needs, without a screen."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from client.config import ClientConfig
from client.net.api import ApiClient
from client.net.browser_log_in import OpenBrowser
from client.net.kitchen_api import KitchenApi
from client.net.live import LiveConnection
from client.net.outbox import Outbox, Owner
from client.net.people_api import PeopleApi
from client.net.privacy_api import PrivacyApi
from client.net.server_check import ask_for_dindin
from client.net.signals import Signal
from client.net.tokens import TokenStore, choose_token_store
from client.store.commands import Commands
from client.store.kitchen.commands import KitchenCommands
from client.store.memory import Memory
from client.store.people.commands import PeopleCommands
from client.store.privacy.commands import PrivacyCommands
from client.store.settings.commands import SettingsCommands
from client.store.settings.file import SETTINGS_FILE
from client.store.state import AppState
from client.store.store import Store
from client.system_look import is_system_dark

OUTBOX_FILE = "outbox.sqlite3"
MEMORY_FILE = "memory.sqlite3"


@dataclass(frozen=True, slots=True)
class Client:
    """The state, what changes it, and where the log-in is kept."""

    store: Store
    commands: Commands
    kitchen: KitchenCommands
    people: PeopleCommands
    privacy: PrivacyCommands
    settings: SettingsCommands
    tokens: TokenStore


def open_client(
    config: ClientConfig,
    initial: AppState | None = None,
    open_browser: OpenBrowser = webbrowser.open,
    downloads: Path | None = None,
) -> Client:
    """A client of `config.server_url` with its files under `config.home`; nothing is sent before a command.

    `open_browser` shows an address in the system's browser. What people ask to keep is saved in `downloads`, or where
    this system's user keeps downloads. `commands.shutdown()` ends the client.
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
    kitchen = KitchenCommands(
        store=store, api=KitchenApi(api.caller), runner=commands.runner, open_browser=open_browser
    )
    people = PeopleCommands(store=store, api=PeopleApi(api.caller), runner=commands.runner)
    privacy = PrivacyCommands(
        store=store,
        api=PrivacyApi(api.caller),
        runner=commands.runner,
        downloads=downloads or platformdirs.user_downloads_path(),
        on_erased=commands.end_here,
    )
    commands.before_end(privacy.stop)
    settings = SettingsCommands(
        store=store,
        runner=commands.runner,
        path=config.home / SETTINGS_FILE,
        ask_server=ask_for_dindin,
        log_out=commands.log_out,
        is_system_dark=is_system_dark,
    )
    return Client(store, commands, kitchen, people, privacy, settings, tokens)
