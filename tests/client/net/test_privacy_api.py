"""Consents, exports, erasure and the record over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from client.net.api import ApiClient
from client.net.errors import ApiError
from client.net.privacy_api import PrivacyApi
from client.net.privacy_values import Erasure
from client.net.tokens import FileTokens
from tests.client.net.peer import HttpPeer, problem
from tests.client.net.people_examples import EXPORT_ID, consent, consent_text, erasure, export, recorded
from tests.client.net.test_account_api import Asked, noting

DOWNLOAD = f"POST /compliance/exports/{EXPORT_ID}/download"


@pytest.fixture
def api(http_peer: HttpPeer, tokens: FileTokens) -> Iterator[PrivacyApi]:
    api = ApiClient(http_peer.url, tokens)
    yield PrivacyApi(api.caller)
    api.close()


def test_consents_are_listed_given_and_withdrawn(api: PrivacyApi, http_peer: HttpPeer) -> None:
    asked: Asked = []
    refused = consent("special_category", given=False, given_at=None, given_version=None, up_to_date=False)
    http_peer.routes |= {
        "GET /compliance/consents": lambda *_: (200, {"items": [consent(), refused]}),
        "GET /compliance/consent-texts/terms": lambda *_: (200, consent_text("terms")),
        "PUT /compliance/consents": noting(asked, (200, consent())),
    }
    terms, diet = api.consents()
    assert (terms.kind, terms.given, terms.up_to_date) == ("terms", True, True)
    assert terms.given_at is not None
    assert (diet.given, diet.given_at, diet.withdrawn_at) == (False, None, None)
    api.agree("terms", api.text("terms").version)
    api.withdraw("terms")
    assert [content for content, _ in asked] == [
        {"kind": "terms", "given": True, "version": "2025-11-23"},
        {"kind": "terms", "given": False},
    ]


@pytest.mark.parametrize(("typed", "sent"), [("long enough", "long enough"), ("", None)])
def test_who_has_a_password_proves_by_it_who_they_are(
    api: PrivacyApi, http_peer: HttpPeer, typed: str, sent: str | None
) -> None:
    asked: Asked = []
    http_peer.routes |= {
        "POST /compliance/exports": noting(asked, (202, export("queued", 0))),
        "POST /compliance/erasure": noting(asked, (202, erasure())),
        DOWNLOAD: noting(asked, (200, b"PK")),
    }
    assert api.ask_for_export(typed).under_way
    assert api.ask_for_erasure(typed, immediately=True).receipt_id == "r-1"
    pieces: list[bytes] = []
    api.download_export(EXPORT_ID, typed, pieces.append)
    assert b"".join(pieces) == b"PK"
    proof = {"password": sent}
    assert [content for content, _ in asked] == [proof, {**proof, "immediately": True}, proof]


def test_a_refused_download_writes_nothing(api: PrivacyApi, http_peer: HttpPeer) -> None:
    http_peer.routes[DOWNLOAD] = lambda *_: problem(403, "wrong_password", "That is not your password.")
    pieces: list[bytes] = []
    with pytest.raises(ApiError, match="not your password"):
        api.download_export(EXPORT_ID, "wrong", pieces.append)
    assert pieces == []


def test_exports_are_listed_with_how_far_they_are(api: PrivacyApi, http_peer: HttpPeer) -> None:
    items = [export(), export("done", 100, size_bytes=1200)]
    http_peer.routes["GET /compliance/exports"] = lambda *_: (200, {"items": items})
    running, done = api.exports()
    assert (running.under_way, running.progress, running.size_bytes) == (True, 40, None)
    assert (done.under_way, done.size_bytes) == (False, 1200)


def test_an_erasure_is_looked_at_and_cancelled(api: PrivacyApi, http_peer: HttpPeer) -> None:
    http_peer.routes |= {
        "GET /compliance/erasure": lambda *_: (200, {"status": "none", "due_at": None, "receipt_id": None}),
        "DELETE /compliance/erasure": lambda *_: (204, None),
    }
    assert api.erasure() == Erasure()
    api.cancel_erasure()
    assert http_peer.times_asked("DELETE /compliance/erasure") == 1


def test_the_record_goes_on_where_its_cursor_says(api: PrivacyApi, http_peer: HttpPeer) -> None:
    first = {"items": [recorded()], "next": "a/b+c"}
    last = {"items": [recorded("live.opened", by="the server", times=3)], "next": None}
    http_peer.routes |= {
        "GET /compliance/audit?limit=30": lambda *_: (200, first),
        "GET /compliance/audit?limit=30&cursor=a%2Fb%2Bc": lambda *_: (200, last),
    }
    newest = api.record(None)
    assert ([event.action for event in newest.events], newest.cursor) == (["auth.log_in"], "a/b+c")
    oldest = api.record(newest.cursor)
    assert ([(event.by, event.times) for event in oldest.events], oldest.cursor) == (
        [("the server", 3)],
        None,
    )
