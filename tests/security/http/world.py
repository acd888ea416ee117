"""A small world for attacks: somebody with a session, a group, an export and two devices; friends, and strangers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import svcs
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OctKey

from backend.auth.tokens import TokenSigner
from backend.config import Settings
from backend.roles import Role
from backend.users.accounts import Accounts
from tests.addresses import somebody
from tests.dead_letters import fail_a_job

NOBODYS_ID = "0" * 24
PASSWORD = "long enough for us"


@dataclass
class Someone:
    """A caller: what they send, and what they know.

    Attributes:
        token: what their Authorization header carries; None: they send none.
    """

    name: str
    http: FlaskClient
    token: str | None
    id: str = NOBODYS_ID
    email: str = ""
    password: str = ""
    tokens: dict[str, Any] = field(default_factory=dict)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
        """Call a path of the server."""
        bearer = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        return self.http.open(path, method=method, json=body, headers={**bearer, **headers})

    def do(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """A call below /api/v1 that must succeed; what it answers."""
        answer = self.call(method, f"/api/v1{path}", body)
        assert 200 <= answer.status_code < 300, answer.text
        told: dict[str, Any] = answer.get_json(silent=True) or {}
        return told


class World:
    """Everybody there is, from when they are first asked for. The owner hosts a session and owns a group; the
    participant is in both.
    """

    def __init__(self, app: Flask, services: svcs.Container) -> None:
        self._app = app
        self._services = services

    @cached_property
    def owner(self) -> Someone:
        """Whose things there are."""
        return self.register("Ada")

    @cached_property
    def participant(self) -> Someone:
        """Who takes part in them."""
        return self.register("Bo")

    @cached_property
    def stranger(self) -> Someone:
        """Who has nothing to do with them."""
        return self.register("Mallory")

    @cached_property
    def guest(self) -> Someone:
        """Somebody without an account."""
        return self._someone("Gil", self._enter("guest", {"display_name": "Gil"}))

    @cached_property
    def operator(self) -> Someone:
        """Who looks after the server."""
        olga = self.register("Olga")
        self._services.get(Accounts).set_role(ObjectId(olga.id), Role.OPERATOR)
        tokens = self._enter("login", {"email": olga.email, "password": PASSWORD})
        olga.tokens, olga.token = tokens, tokens["access_token"]
        return olga

    def register(self, name: str) -> Someone:
        """A new account."""
        email = self.unused_address()
        tokens = self._enter("register", {"email": email, "password": PASSWORD, "display_name": name})
        return self._someone(name, tokens, email)

    def unused_address(self) -> str:
        """An e-mail address that nobody has."""
        return f"{secrets.token_hex(8)}@example.com"

    def nobody(self, name: str = "nobody", token: str | None = None) -> Someone:
        """Somebody without a good token."""
        return Someone(name, somebody(self._app), token)

    @property
    def without_a_good_token(self) -> list[Someone]:
        """Nobody in particular, and with tokens of the owner that are not good."""
        settings, signer = self._services.get(Settings), self._services.get(TokenSigner)
        key = OctKey.import_key(settings.secret_key.get_secret_value())
        claims = jwt.decode(self.owner.tokens["access_token"], key).claims
        ids = ObjectId(self.owner.id), ObjectId(claims["sid"])
        return [
            self.nobody(),
            self.nobody("garbage", "e30.e30.e30"),
            self.nobody("expired", signer.access_token(*ids, datetime.now(UTC) - timedelta(minutes=16))),
            self.nobody("foreign", jwt.encode({"alg": "HS256"}, claims, OctKey.generate_key(256))),
            self.nobody("refresh", self.owner.tokens["refresh_token"]),
        ]

    @cached_property
    def session(self) -> dict[str, Any]:
        """The owner's session; the participant has joined."""
        session = self.owner.do("POST", "/sessions", {"menu": "both"})
        self.participant.do("POST", "/sessions/join", {"code": session["code"]})
        return session

    @cached_property
    def group(self) -> dict[str, Any]:
        """The owner's group; the participant is a member."""
        group = self.owner.do("POST", "/groups", {"name": "Friends"})
        self.participant.do("POST", "/groups/join", {"token": token_of(group)})
        return group

    @cached_property
    def shopping_item(self) -> str:
        """An item of the owner's shopping list, which the group shares."""
        self.owner.do("PUT", "/users/me/shopping-list/sharing", {"group_id": self.group["id"]})
        added = self.owner.do("POST", "/users/me/shopping-list/items", {"name": "milk"})
        return str(added["items"][0]["id"])

    @cached_property
    def recipe(self) -> str:
        """A recipe of the catalogue."""
        return str(self.owner.do("GET", "/recipes?limit=1")["items"][0]["id"])

    def on_the_list(self, rule: str) -> str:
        """The path of a route, with what it names on the list that the group shares."""
        if "<item_id>" in rule:
            return rule.replace("<item_id>", self.shopping_item)
        if "/groups/<id>/shopping-list" in rule:
            assert self.shopping_item  # there is a list
        return rule.replace("<recipe_id>", self.recipe) if "<recipe_id>" in rule else rule

    def thing(self, kind: str) -> str:
        """The id of something of the owner's; it is made when first asked for."""
        match kind:
            case "session":
                return str(self.session["id"])
            case "group":
                return str(self.group["id"])
            case "shopping_item":
                return self.shopping_item
            case "export":
                return str(self.owner.do("POST", "/compliance/exports", {"password": PASSWORD})["id"])
            case "device":
                self._enter("login", {"email": self.owner.email, "password": PASSWORD})
                devices = self.owner.do("GET", "/users/me/devices")["items"]
                return str(next(device["id"] for device in devices if not device["current"]))
            case "notification":
                assert self.group  # who joins it is told to the owner
                return str(self.owner.do("GET", "/users/me/notifications")["items"][0]["id"])
        raise AssertionError(f"there is no {kind}")

    def failed_job(self) -> str:
        """The id of a job that failed for good."""
        return fail_a_job(self._services)

    def fresh_refresh_token(self) -> str:
        """Of a new log-in of the owner."""
        credentials = {"email": self.owner.email, "password": PASSWORD}
        return str(self._enter("login", credentials)["refresh_token"])

    @cached_property
    def strangers_session(self) -> dict[str, Any]:
        """A session of the stranger's, who is alone in it."""
        return self.stranger.do("POST", "/sessions", {"menu": "both"})

    @cached_property
    def strangers_group(self) -> dict[str, Any]:
        """A group of the stranger's, who is alone in it."""
        return self.stranger.do("POST", "/groups", {"name": "Others"})

    def join_code_for(self, who: Someone) -> str:
        """The code of a session that `who` may join."""
        return str((self.strangers_session if who is self.owner else self.session)["code"])

    def invite_token_for(self, who: Someone) -> str:
        """The token of a group that `who` may join."""
        return token_of(self.strangers_group if who is self.owner else self.group)

    def _enter(self, how: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = somebody(self._app).post(f"/api/v1/auth/{how}", json=body)
        assert answer.status_code in {200, 201}, answer.text
        tokens: dict[str, Any] = answer.get_json()
        return tokens

    def _someone(self, name: str, tokens: dict[str, Any], email: str = "") -> Someone:
        return Someone(
            name=name,
            http=somebody(self._app),
            token=tokens["access_token"],
            id=tokens["user"]["id"],
            email=email,
            password=PASSWORD if email else "",
            tokens=tokens,
        )


def token_of(group: dict[str, Any]) -> str:
    """The secret part of a group's invite link."""
    return str(group["invite_link"]).rsplit("/", 1)[1]
