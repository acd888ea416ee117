"""Accounts through the front door: register, log in, verify, log out."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import argon2
import pytest
import svcs
from bson import ObjectId
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from redis.client import PubSub

from backend.auth.service import AuthService, revoked_channel
from backend.auth.tokens import TokenSigner
from backend.config import Settings
from backend.infra import valkey
from backend.infra.clock import SystemClock
from backend.infra.mongo import MongoDatabase
from backend.infra.valkey import Valkey
from backend.users.service import UserService
from tests.addresses import somebody
from tests.conftest import Account

Register = Callable[..., Account]


def fresh_email() -> str:
    return f"{secrets.token_hex(8)}@example.com"


@pytest.fixture
def door(app: OpenAPI) -> FlaskClient:
    """An anonymous client from an address of its own."""
    return somebody(app)


def sign_up(door: FlaskClient, **changed: object) -> object:
    body = {"email": fresh_email(), "password": "a long enough one", "display_name": "Ada", **changed}
    return door.post("/api/v1/auth/register", json=body)


def log_in(door: FlaskClient, email: str, password: str) -> object:
    return door.post("/api/v1/auth/login", json={"email": email, "password": password})


def test_registering_logs_in(door: FlaskClient) -> None:
    email = fresh_email()
    answer = sign_up(door, email=email, display_name="  Ada   Lovelace ")
    assert answer.status_code == 201
    body = answer.get_json()
    assert set(body) == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert body["user"] == {
        "id": body["user"]["id"],
        "email": email,
        "email_confirmed": False,
        "display_name": "Ada Lovelace",
        "role": "user",
        "tier": "free",
    }
    verified = door.get("/api/v1/auth/verify", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert verified.get_json() == {"user": body["user"]}


def test_one_address_is_one_account_however_it_is_spelled(door: FlaskClient, register: Register) -> None:
    ada = register()
    assert log_in(door, ada.email.upper(), ada.password).get_json()["user"] == ada.tokens["user"]


def test_logging_in_gives_another_pair_for_the_same_user(door: FlaskClient, register: Register) -> None:
    ada = register()
    answer = log_in(door, ada.email, ada.password)
    assert answer.status_code == 200
    assert answer.get_json()["user"] == ada.tokens["user"]
    assert answer.get_json()["access_token"] != ada.tokens["access_token"]


@pytest.mark.security
def test_unknown_addresses_and_wrong_passwords_look_alike(door: FlaskClient, register: Register) -> None:
    wrong = log_in(door, register().email, "not the password")
    unknown = log_in(door, fresh_email(), "not the password")
    for answer in (wrong, unknown):
        assert answer.status_code == 401
        body = answer.get_json()
        assert body.pop("request_id")
        assert body["code"] == "wrong_credentials"
    assert {**wrong.get_json(), "request_id": ""} == {**unknown.get_json(), "request_id": ""}


def test_a_hash_of_former_parameters_is_renewed(
    door: FlaskClient, register: Register, services: svcs.Container, settings: Settings
) -> None:
    ada = register()
    users = services.get(MongoDatabase)["users"]
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(ada.password)
    users.update_one({"_id": ObjectId(ada.id)}, {"$set": {"password_hash": weak}})
    assert log_in(door, ada.email, ada.password).status_code == 200
    renewed = users.find_one({"_id": ObjectId(ada.id)})["password_hash"]
    assert f"m={settings.password_hash_mib * 1024},t=2" in renewed
    assert log_in(door, ada.email, ada.password).status_code == 200


def test_logging_out_ends_both_tokens_and_only_this_log_in(door: FlaskClient, register: Register) -> None:
    phone = register()
    laptop = log_in(door, phone.email, phone.password).get_json()
    assert phone.post("/auth/logout").status_code == 204
    assert phone.get("/users/me").get_json()["code"] == "unauthenticated"
    refreshed = phone.post("/auth/refresh", {"refresh_token": phone.tokens["refresh_token"]})
    assert (refreshed.status_code, refreshed.get_json()["code"]) == (401, "unauthenticated")
    bearer = {"Authorization": f"Bearer {laptop['access_token']}"}
    assert door.get("/api/v1/users/me", headers=bearer).status_code == 200


def test_logging_out_everywhere_ends_all_log_ins(door: FlaskClient, register: Register) -> None:
    phone = register()
    laptop = log_in(door, phone.email, phone.password).get_json()
    assert phone.post("/auth/logout-all").status_code == 204
    for token in (phone.tokens["access_token"], laptop["access_token"]):
        answer = door.get("/api/v1/users/me", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")


@pytest.fixture
def revocations(valkey: Valkey, settings: Settings) -> Iterator[PubSub]:
    """What is told to the processes that hold live sockets."""
    with valkey.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(revoked_channel(settings.redis_prefix))
        assert heard.get_message(timeout=5) is None  # the confirmation of the subscription
        yield heard


def test_an_ended_log_in_is_told_to_live_sockets(
    register: Register, revocations: PubSub, services: svcs.Container
) -> None:
    ada = register()
    ada.post("/auth/logout")
    message = revocations.get_message(timeout=5)
    ended = services.get(MongoDatabase)["auth_sessions"].find_one({"user": ObjectId(ada.id)})
    assert message["data"].decode() == str(ended["_id"])
    assert ended["revoked_at"] is not None


def test_the_token_of_a_deleted_account_is_worthless(register: Register, services: svcs.Container) -> None:
    ada = register()
    services.get(MongoDatabase)["users"].delete_one({"_id": ObjectId(ada.id)})
    assert ada.get("/auth/verify").status_code == 401
    refreshed = ada.post("/auth/refresh", {"refresh_token": ada.tokens["refresh_token"]})
    assert refreshed.status_code == 401


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", "a@b"),
        ("email", ""),
        ("email", None),
        ("email", {"$ne": None}),
        ("email", ["a@example.com"]),
        ("email", "x" * 300 + "@example.com"),
        ("password", "123456789"),
        ("password", "x" * 129),
        ("password", 1234567890),
        ("display_name", ""),
        ("display_name", "x" * 41),
        ("display_name", "\u202eAda"),
    ],
)
def test_what_is_wrong_with_a_registration_is_named(door: FlaskClient, field: str, value: object) -> None:
    answer = sign_up(door, **{field: value})
    assert answer.status_code == 422
    body = answer.get_json()
    assert [error["field"] for error in body["errors"]] == [field]
    assert field in body["detail"]


@pytest.mark.parametrize("password", ["0123456789", "x" * 128, "p\u00e4ssw\u00f6rter \U0001f35c"])
def test_passwords_at_the_edges_work(door: FlaskClient, password: str) -> None:
    email = fresh_email()
    assert sign_up(door, email=email, password=password).status_code == 201
    assert log_in(door, email, password).status_code == 200


@pytest.mark.security
def test_nothing_secret_is_stored_or_said(door: FlaskClient, services: svcs.Container) -> None:
    email, password = fresh_email(), "a very secret phrase"
    answer = sign_up(door, email=email, password=password)
    stored = services.get(MongoDatabase)["users"].find_one({"email": email})
    assert password not in repr(stored)
    assert "password" not in answer.text
    log_ins = list(services.get(MongoDatabase)["auth_sessions"].find({"user": stored["_id"]}))
    tokens = answer.get_json()
    assert tokens["refresh_token"] not in repr(log_ins)
    assert tokens["access_token"] not in repr(log_ins)


def test_logging_out_works_while_valkey_is_away(
    register: Register, services: svcs.Container, settings: Settings, tmp_path: Path
) -> None:
    nowhere = Settings(
        _env_file=None, **{**settings.model_dump(), "redis_url": f"unix://{tmp_path}/nobody.sock"}
    )
    auth = AuthService(
        users=services.get(UserService),
        signer=TokenSigner(settings),
        clock=SystemClock(),
        valkey=valkey.connect(nowhere),
        settings=settings,
    )
    ada = register()
    auth.log_out(auth.identify(ada.tokens["access_token"]))
    assert ada.get("/users/me").status_code == 401
