"""The QR code of a session's invite link."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import resvg_py

from backend.config import Settings
from tests.conftest import Account
from tests.qr_pictures import modules_in, wanted_modules


def test_a_participant_gets_the_link_as_a_picture(
    register: Callable[..., Account], settings: Settings
) -> None:
    ada = register()
    session = ada.post("/sessions", {"menu": "both"}).get_json()
    answer = ada.get(f"/sessions/{session['id']}/qr.svg")
    assert answer.status_code == 200
    assert answer.content_type == "image/svg+xml"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.data) < 4096
    link = f"{settings.base_url}/j/{session['code']}"
    drawn = bytes(resvg_py.svg_to_bytes(svg_string=answer.text, width=370, height=370))
    assert modules_in(drawn, link) == wanted_modules(link)


@pytest.mark.security
def test_the_link_is_below_the_configured_address_whatever_the_request_says(
    register: Callable[..., Account],
) -> None:
    ada = register()
    session = ada.post("/sessions", {"menu": "both"}).get_json()
    path = f"/api/v1/sessions/{session['id']}/qr.svg"
    said = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    answer = ada.http.get(path, headers={**ada.headers, **said})
    assert answer.data == ada.get(f"/sessions/{session['id']}/qr.svg").data


@pytest.mark.security
def test_strangers_get_no_picture(register: Callable[..., Account]) -> None:
    session = register().post("/sessions", {"menu": "both"}).get_json()["id"]
    answer = register("Mallory").get(f"/sessions/{session}/qr.svg")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "session_not_found")
