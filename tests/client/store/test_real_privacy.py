"""One's privacy with the real server: agreed, took a copy home, asked to be erased, changed one's mind."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from client.config import ClientConfig
from client.store.client import Client, open_client
from client.store.privacy.state import Privacy
from client.store.state import AppState
from tests.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

PASSWORD = "a long enough password"


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    return tmp_path / "Downloads"


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    return f"{request.node.name.replace('_', '-')}@example.com"


@pytest.fixture
def client(server: str, address: str, tmp_path: Path, downloads: Path) -> Iterator[Client]:
    """Ivy, signed in; she is somebody else in each test."""
    config = ClientConfig(server_url=server, home=tmp_path / "home", own_home=True)
    client = open_client(config, downloads=downloads)
    client.commands.register(address, PASSWORD, "Ivy")
    eventually(lambda: client.store.state.auth.status == "signed_in" and not client.store.state.busy)
    yield client
    client.commands.shutdown()


def sees(client: Client, reached: Callable[[Privacy], object], seconds: float = 60) -> AppState:
    """Wait until the app shows what is wanted and nothing is under way."""
    eventually(lambda: reached(client.store.state.privacy) and not client.store.state.busy, seconds)
    return client.store.state


def test_ones_privacy_from_the_first_consent_to_staying_after_all(client: Client, downloads: Path) -> None:
    privacy, store = client.privacy, client.store

    privacy.load_consents()
    state = sees(client, lambda known: known.consents.thing)
    assert {one.kind: one.given for one in state.privacy.consents.thing or ()} == {
        "terms": False, "privacy": False, "special_category": False,
    }  # fmt: skip
    privacy.agree("special_category")
    sees(client, lambda known: any(one.up_to_date and one.given_at for one in known.consents.thing or ()))
    assert store.state.diet_consent is not None
    assert store.state.diet_consent.up_to_date

    privacy.load_exports()
    assert sees(client, lambda known: known.exports.status == "loaded").privacy.exports.thing == ()
    privacy.ask_for_export("not my password")
    state = sees(client, lambda known: known.proof.status == "refused")
    assert state.privacy.proof.error
    assert state.privacy.exports.thing == ()

    privacy.ask_for_export(PASSWORD)
    state = sees(client, lambda known: known.exports.thing and known.exports.thing[0].status == "done")
    (export,) = state.privacy.exports.thing or ()
    assert export.progress == 100

    privacy.download_export(export.id, "not my password")
    sees(client, lambda known: known.proof.status == "refused")
    assert not list(downloads.iterdir())
    privacy.download_export(export.id, PASSWORD)
    saved = Path(sees(client, lambda known: export.id in known.saved).privacy.saved[export.id])
    assert saved.parent == downloads
    assert saved.stat().st_size == export.size_bytes
    with zipfile.ZipFile(saved) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        assert "Ivy" in archive.read("index.html").decode()
    assert manifest

    privacy.load_erasure()
    state = sees(client, lambda known: known.erasure.thing)
    assert state.privacy.erasure.thing is not None
    assert state.privacy.erasure.thing.status == "none"
    privacy.ask_for_erasure(PASSWORD, immediately=False)
    state = sees(client, lambda known: known.erasure.thing and known.erasure.thing.status == "scheduled")
    assert state.privacy.erasure.thing is not None
    assert state.privacy.erasure.thing.due_at
    assert state.privacy.erasure.thing.receipt_id
    privacy.cancel_erasure()
    sees(client, lambda known: known.erasure.thing and known.erasure.thing.status == "none")
    assert store.state.auth.status == "signed_in"

    def recorded() -> set[str]:
        privacy.load_record()
        rows = sees(client, lambda known: known.record.status == "loaded").privacy.record.rows
        return {event.action for event in rows}

    # What was done appears within about a second.
    done = {
        "auth.registered", "compliance.consent_changed", "compliance.export_requested",
        "compliance.export_downloaded", "compliance.erasure_requested", "compliance.erasure_cancelled",
    }  # fmt: skip
    eventually(lambda: recorded() >= done)


def test_who_goes_at_once_is_gone(client: Client, address: str) -> None:
    client.privacy.ask_for_erasure(PASSWORD, immediately=True)
    state = sees(client, lambda known: known == Privacy())
    assert state.auth.status == "signed_out"
    assert "receipt" in (state.auth.error or "")
    client.commands.log_in(address, PASSWORD)
    eventually(lambda: not client.store.state.busy)
    assert client.store.state.auth.status == "signed_out"
