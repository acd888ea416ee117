"""Where one is logged in, and logging out there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from tests.addresses import somebody
from tests.conftest import Account

Register = Callable[..., Account]


@pytest.fixture
def phone(app: OpenAPI) -> FlaskClient:
    """Another device, at another address."""
    return somebody(app)


def log_in(device: FlaskClient, account: Account, name: str) -> dict[str, str]:
    answer = device.post(
        "/api/v1/auth/login",
        json={"email": account.email, "password": account.password},
        headers={"User-Agent": name},
    )
    return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


def test_all_devices_are_listed_and_the_asking_one_is_marked(register: Register, phone: FlaskClient) -> None:
    ada = register("Ada")
    log_in(phone, ada, "DinDin on a phone")
    devices = ada.get("/users/me/devices").get_json()["items"]
    assert [(device["name"], device["current"]) for device in devices] == [
        ("DinDin on a phone", False),
        (devices[1]["name"], True),
    ]
    assert set(devices[0]) == {"id", "name", "logged_in_at", "last_used_at", "current"}


def test_logging_out_another_device(register: Register, phone: FlaskClient) -> None:
    ada = register("Ada")
    bearer = log_in(phone, ada, "lost phone")
    lost = ada.get("/users/me/devices").get_json()["items"][0]["id"]
    assert ada.http.delete(f"/api/v1/users/me/devices/{lost}", headers=ada.headers).status_code == 204
    assert phone.get("/api/v1/users/me", headers=bearer).status_code == 401
    assert ada.get("/users/me").status_code == 200
    assert len(ada.get("/users/me/devices").get_json()["items"]) == 1
    again = ada.http.delete(f"/api/v1/users/me/devices/{lost}", headers=ada.headers)
    assert (again.status_code, again.get_json()["code"]) == (404, "device_not_found")


@pytest.mark.security
def test_nobody_logs_out_somebody_else(register: Register) -> None:
    ada, mallory = register("Ada"), register("Mallory")
    device = ada.get("/users/me/devices").get_json()["items"][0]["id"]
    refused = mallory.http.delete(f"/api/v1/users/me/devices/{device}", headers=mallory.headers)
    assert (refused.status_code, refused.get_json()["code"]) == (404, "device_not_found")
    assert ada.get("/users/me").status_code == 200
    assert len(mallory.get("/users/me/devices").get_json()["items"]) == 1
