"""A client put together the way the app does it."""

from __future__ import annotations

from pathlib import Path

from client.config import ClientConfig
from client.store.client import open_client
from client.store.state import AppState
from tests.client.net.peer import HttpPeer, Recorder


def test_an_opened_client_works_and_leaves_its_files_at_home(http_peer: HttpPeer, tmp_path: Path) -> None:
    home = tmp_path / "not yet there"
    heard = Recorder()
    client = open_client(ClientConfig(http_peer.url, home, own_home=True), AppState())
    client.store.subscribe(lambda state: state.auth, heard)
    client.commands.restore()
    auth = heard.next(object, lambda auth: auth.status == "signed_out")
    client.commands.shutdown()
    assert auth.user is None
    assert client.tokens.kind == "file"
    assert {"memory.sqlite3", "outbox.sqlite3"} <= {file.name for file in home.iterdir()}
