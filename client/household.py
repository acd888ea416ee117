"""Everything that belongs to one server: the state and what changes it, pictures, and links for its sessions."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from client.config import ClientConfig
from client.handover import LinkListener, socket_path
from client.images import PictureLoader
from client.join_code import Invitation
from client.picture_cache import DiskCache
from client.reporting import LoggedReports, Trail
from client.screens.ports import Ports
from client.store.client import open_client
from client.store.settings.file import SETTINGS_FILE, read_settings
from client.store.settings.state import Settings
from client.store.state import AppState

Post = Callable[[Callable[[], None]], None]


@dataclass(frozen=True, slots=True)
class Household:
    """What a running app has open. The app itself ends the commands of `ports`."""

    ports: Ports
    pictures: PictureLoader
    links: LinkListener

    def close(self) -> None:
        """Take no more links and fetch no more pictures."""
        self.links.close()
        self.pictures.close()


def open_household(
    config: ClientConfig,
    invitation: Invitation,
    put: Post,
    on_link: Callable[[Invitation], None],
    trail: Trail,
) -> Household:
    """Open everything for `config.server_url`; `put` runs a function on the UI thread, where `on_link` is called.

    `trail` is told what happens.
    """
    settings = Settings(
        read_settings(config.home / SETTINGS_FILE),
        server=config.server_url,
        reports_go_to=config.reports_go_to,
    )
    initial = AppState(invitation=invitation.code, group_invitation=invitation.group_token, settings=settings)
    client = open_client(config, initial)
    client.store.schedule = put
    client.store.on_action = trail.note
    pictures = PictureLoader(config.server_url, DiskCache(config.home / "pictures"), put)
    ports = Ports(
        store=client.store,
        commands=client.commands,
        kitchen=client.kitchen,
        people=client.people,
        privacy=client.privacy,
        settings=client.settings,
        pictures=pictures,
        reports=LoggedReports(trail),
        now=time.time,
    )
    links = LinkListener(
        socket_path(config.home, config.server_url), lambda invited: put(lambda: on_link(invited))
    )
    return Household(ports, pictures, links)
