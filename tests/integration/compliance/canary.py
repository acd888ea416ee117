"""Somebody with unmistakable marks in every field, and the story that leaves them in every place."""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import svcs
from bson import ObjectId
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from backend.audit.events import AuditEvent
from backend.audit.queue import AuditQueue
from backend.auth.oidc.flow import Flows
from backend.config import Settings
from backend.http.access import Caller
from backend.infra.cache import Cache
from backend.infra.cache_terms import CacheKind, Shelf
from backend.infra.jobs import SEND_MAIL
from backend.infra.mongo import MongoDatabase
from backend.infra.valkey import Breaker, Valkey
from backend.jobs.entrance import JobsEntrance
from backend.roles import Role
from backend.users.accounts import Accounts, Identity
from tests.conftest import Account
from tests.dead_letters import fail
from tests.raw_search import Words
from tests.waiting import eventually

Work = Callable[[], str]


@dataclass(frozen=True)
class Evenings:
    """Ids of the canary's group, of a session of theirs that is over, and of one that runs."""

    group: str
    over: str
    running: str


class Canary:
    """Somebody whose every word is found again."""

    def __init__(self, app: OpenAPI, services: svcs.Container) -> None:
        mark = secrets.token_hex(6)
        self.mark = mark
        self.http: FlaskClient = app.test_client()
        self.http.environ_base["HTTP_USER_AGENT"] = f"Kanariphone/{mark}"
        self.latitude, self.longitude = (
            33.0 + secrets.randbits(40) / 2**41,
            -84.0 - secrets.randbits(40) / 2**41,
        )
        self.address, self.name = f"kanari.{mark}@canary.example", f"Känari {mark}"
        registration = {"email": self.address, "password": f"password {mark}", "display_name": self.name}
        tokens = self.http.post("/api/v1/auth/register", json=registration).get_json()
        self.id = ObjectId(tokens["user"]["id"])
        self.account = Account(str(self.id), self.address, f"password {mark}", tokens, self.http)
        services.get(Accounts).confirm_email(self.id, self.address)
        elsewhere = Identity("https://issuer.example", f"subject-{mark}", self.address, True, self.name)
        assert services.get(Accounts).by_identity(elsewhere).id == self.id

    def words(self, database: MongoDatabase) -> Words:
        """Everything that may not be found afterwards. Take it while the person is still there."""
        user = database["users"].find_one({"_id": self.id})
        key = database["user_keys"].find_one({"_id": self.id})
        assert user is not None
        assert key is not None
        return Words(
            texts=[self.mark, user["password_hash"]],
            ids=[self.id],
            pieces={
                "latitude": struct.pack("<d", self.latitude),
                "longitude": struct.pack("<d", self.longitude),
                "sealed diet": bytes(user["preferences"]["sealed"]["dietary"]),
                "wrapped key": bytes(key["sealed"]),
            },
        )


def post_once(account: Account, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST under a key, so that the answer is kept."""
    headers = {**account.headers, "Idempotency-Key": secrets.token_hex(8)}
    answer = account.http.post(f"/api/v1{path}", headers=headers, json=body)
    assert answer.status_code < 300, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def play(host: Account, guests: list[Account], group_id: str | None = None) -> str:
    """A session of several people that runs, in which everybody has done something; its id."""
    session = post_once(host, "/sessions", {"menu": "both", **({"group_id": group_id} if group_id else {})})
    people = [host, *guests]
    for guest in guests:
        post_once(guest, "/sessions/join", {"code": session["code"]})
    for person in people:
        person.post(f"/sessions/{session['id']}/energy", {"level": "high"})
        person.post(f"/sessions/{session['id']}/ready", {"ready": True})
    assert host.post(f"/sessions/{session['id']}/start").status_code == 200
    cards = [card["id"] for card in host.get(f"/sessions/{session['id']}/deck").get_json()["items"]]
    for number, person in enumerate(people):
        swipe = {"op_id": f"{number:026d}", "item_id": cards[number], "direction": "right"}
        assert person.post(f"/sessions/{session['id']}/swipes", swipe).status_code == 200
    return str(session["id"])


def end(session_id: str, people: list[Account]) -> None:
    """Everybody agrees to end it."""
    for person in people:
        person.post(f"/sessions/{session_id}/votes", {"motion": "end_now", "in_favour": True})
    eventually_over(people[0], session_id)


def eventually_over(person: Account, session_id: str) -> None:
    """Time does the rest."""
    eventually(
        lambda: person.get(f"/sessions/{session_id}").get_json()["status"] in {"closest", "matched"},
        seconds=15,
    )


def keep_house(canary: Canary, bo: Account, group_id: str, session_id: str) -> None:
    """Something on a shopping list of one's own and on the group's; a rating with a note."""
    me, mark = canary.account, canary.mark
    post_once(me, "/users/me/shopping-list/items", {"name": f"beans {mark}"})
    assert bo.put("/users/me/shopping-list/sharing", {"group_id": group_id}).status_code == 200
    post_once(me, f"/groups/{group_id}/shopping-list/items", {"name": f"rice {mark}"})
    post_once(bo, "/users/me/shopping-list/items", {"name": "bread"})
    rating = {"rating": 2, "note": f"noted {mark}"}
    assert me.put(f"/users/me/history/{session_id}", rating).status_code == 200


def live_through_everything(
    canary: Canary, bo: Account, cy: Account, services: svcs.Container, work: Work
) -> Evenings:
    """Leave marks wherever that can be done."""
    me, mark = canary.account, canary.mark
    agreed = me.get("/compliance/consents").get_json()
    version = next(one for one in agreed["items"] if one["kind"] == "special_category")["current_version"]
    consent = {"kind": "special_category", "version": version, "given": True}
    assert me.put("/compliance/consents", consent).status_code == 200
    preferences = {
        "dietary": ["vegetarian"],
        "allergies": ["nuts"],
        "home_location": {"lat": canary.latitude, "lon": canary.longitude},
    }
    assert me.put("/users/me/preferences", preferences).status_code == 200
    recipe = me.get("/recipes?limit=1").get_json()["items"][0]["id"]
    assert me.put(f"/users/me/saved-recipes/{recipe}", {}).status_code < 300
    assert me.post(f"/recipes/{recipe}/like").status_code < 300
    for person in (me, bo, cy):
        services.get(Accounts).set_tier(ObjectId(person.id), "pro")
    group = post_once(me, "/groups", {"name": f"Kitchen of {mark}"})
    token = group["invite_link"].rpartition("/")[2]
    for friend in (bo, cy):
        post_once(friend, "/groups/join", {"token": token})
    over = play(me, [bo, cy], group["id"])
    assert (
        me.post(f"/sessions/{over}/messages", {"op_id": f"{7:026d}", "text": f"said {mark}"}).status_code
        < 300
    )
    end(over, [me, bo, cy])
    assert me.post(f"/sessions/{over}/feedback", {"followed_through": True}).status_code < 300
    keep_house(canary, bo, group["id"], over)
    running = play(bo, [me, cy])
    me.post(f"/sessions/{running}/messages", {"op_id": f"{8:026d}", "text": f"more {mark}"})
    exported = {"password": me.password}
    assert me.post("/compliance/exports", exported).status_code == 202
    work()  # mails, the export
    services.get(Accounts).confirm_email(canary.id, canary.address)
    assert me.http.post("/api/v1/auth/password/forgot", json={"email": canary.address}).status_code < 300
    assert me.post("/compliance/erasure", exported).get_json()["status"] == "scheduled"
    leave_what_passes(canary, services)
    leave_in_cache(canary, services, over)
    return Evenings(group["id"], over, running)


def leave_what_passes(canary: Canary, services: svcs.Container) -> None:
    """What is there for a minute, or until somebody looks: codes, an operator's ticket and pass, a job that failed."""
    settings, who = services.get(Settings), str(canary.id)
    Flows(services.get(Valkey), settings.redis_prefix).issue_code(who, "challenge")
    entrance, operator = services.get(JobsEntrance), Caller(who, str(ObjectId()), 0, Role.OPERATOR)
    entrance.ticket_for(operator)
    entrance.admit(entrance.ticket_for(operator))
    said = f"SMTPRecipientsRefused: {canary.address}"
    fail(services, SEND_MAIL, f"confirm-{who}", said, about="confirm", user_id=who)


def leave_in_cache(canary: Canary, services: svcs.Container, session_id: str) -> None:
    """What is cached of who keeps no diets, as the canary before; and of sessions that are over for a minute."""
    cache, by = services.get(Cache), canary.id
    preferences = {"_id": by, "preferences": {"liked_cuisines": [canary.mark]}}
    cache.one(Shelf(CacheKind.PREFERENCES, str(by)), "own", lambda: preferences)
    swiped = {"swiped": [{"by": by, "cards": [ObjectId()]}]}
    cache.one(Shelf(CacheKind.SESSIONS, session_id), "swiped:1", lambda: swiped)


@contextmanager
def waiting_to_be_audited(canary: Canary, services: svcs.Container) -> Iterator[None]:
    """Something that the canary did waits on the way into the audit log, and goes on afterwards."""
    settings, valkey = services.get(Settings, Valkey)
    held = AuditQueue(valkey, settings.redis_prefix, Breaker())
    with ExitStack() as stack:
        eventually(lambda: stack.enter_context(held.turn()))
        held.put(AuditEvent("auth.log_in", who=canary.id).at_least_at(datetime.now(UTC)).text())
        yield
