"""Somebody with unmistakable marks in every field and place is erased; then everything is searched, byte by byte."""

from __future__ import annotations

import logging
import re
import secrets
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import svcs
from bson import ObjectId
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from backend.auth.oidc.flow import Flows
from backend.compliance.erasure.service import ErasureService
from backend.config import Settings
from backend.infra.mongo import MongoDatabase
from backend.infra.valkey import Valkey
from backend.users.accounts import Accounts, Identity
from tests.conftest import Account
from tests.raw_search import Words, find_everywhere, find_in_files
from tests.waiting import eventually

pytestmark = [pytest.mark.compliance, pytest.mark.security]

Register = Callable[..., Account]
Work = Callable[[], str]


# Where the story leaves something of its person: what is not found there before, would prove nothing afterwards.
PLACES = (
    *(
        rf"^MongoDB {collection} "
        for collection in (
            "audit_subjects",
            "auth_sessions",
            "consents",
            "exports",
            "feedback",
            "groups",
            "likes",
            "messages",
            "notifications",
            "ratings",
            "saved_items",
            "sessions",
            "shopping_lists",
            "swipes",
            "user_keys",
            "users",
        )
    ),
    r"^Valkey \S+:idempotency:",
    r"^Valkey \S+:oidc:code:",
    r"^Valkey \S+:events",
    r"^Valkey \S+:presence",
    r"^Valkey LIMITS:",
    r"^Valkey rq:job:",
    r"^file \S+/outbox/\S+\.eml",
    r"^file \S+/exports/\S+\.zip",
)


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


@pytest.fixture
def api_log(app: OpenAPI, tmp_path: Path) -> Iterator[Path]:  # noqa: ARG001  # its logging is set up by then
    """What the API writes meanwhile, as it writes it."""
    root, path = logging.getLogger(), tmp_path / "logs" / "api.log"
    path.parent.mkdir()
    copy = logging.FileHandler(path)
    copy.setFormatter(root.handlers[0].formatter)
    before = root.level
    root.addHandler(copy)
    root.setLevel(logging.INFO)
    yield path
    root.setLevel(before)
    root.removeHandler(copy)
    copy.close()


@pytest.fixture
def canary(app: OpenAPI, services: svcs.Container) -> Canary:
    return Canary(app, services)


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
) -> tuple[str, str, str]:
    """Leave marks wherever that can be done; the group, a session that is over, and one that runs."""
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
    settings = services.get(Settings)
    Flows(services.get(Valkey), settings.redis_prefix).issue_code(str(canary.id), "challenge")
    assert me.http.post("/api/v1/auth/password/forgot", json={"email": canary.address}).status_code < 300
    return group["id"], over, running


def test_nothing_is_left_of_somebody_who_was_erased(  # noqa: PLR0917  # fixtures
    canary: Canary,
    register: Register,
    services: svcs.Container,
    settings: Settings,
    work: Work,
    api_log: Path,
    tmp_path: Path,
) -> None:
    database, valkey = services.get(MongoDatabase, Valkey)
    bo, cy = register("Bo"), register("Cy")
    group_id, over, running = live_through_everything(canary, bo, cy, services, work)
    words = canary.words(database)
    worker_log = tmp_path / "logs" / "worker.log"

    def found() -> list[str]:
        return find_everywhere(words, database, valkey, [settings.data_dir])

    before = found()
    for place in PLACES:
        assert any(re.search(place, one) for one in before), f"nothing was left at {place}"
    for name in words.names:
        assert any(place.endswith(f": {name}") for place in before), f"nobody kept {name}"
    asked = canary.account.post(
        "/compliance/erasure", {"password": canary.account.password, "immediately": True}
    )
    assert asked.status_code == 202, asked.text

    # The others play on, and the erasure waits for them.
    worker_log.write_text(work())
    assert bo.get(f"/sessions/{running}").get_json()["status"] == "swiping"
    assert database["erasures"].count_documents({"user": canary.id}) == 1
    end(running, [bo, cy])
    erasure = database["erasures"].find_one({"user": canary.id})
    assert erasure is not None
    assert services.get(ErasureService).carry_out(erasure["_id"]) == "finished"

    assert found() == []
    assert list(find_in_files(words, [tmp_path / "logs"])) == []
    receipt = bo.http.get(f"/api/v1/compliance/erasure-receipts/{asked.get_json()['receipt_id']}").get_json()
    assert (receipt["status"], receipt["genuine"]) == ("done", True)

    # What the others have still opens.
    for session_id in (over, running):
        shown = bo.get(f"/sessions/{session_id}").get_json()
        assert "Somebody" in {person["display_name"] for person in shown["participants"]}
        assert shown["outcome"]["items"]
        assert bo.get(f"/sessions/{session_id}/deck").status_code == 200
        assert bo.get(f"/sessions/{session_id}/messages").get_json()["items"] == []
    assert {one["id"] for one in bo.get("/sessions").get_json()["items"]} >= {over, running}
    assert bo.get(f"/groups/{group_id}").get_json()["name"] == "Our group"
    assert [one["id"] for one in bo.get(f"/groups/{group_id}/history").get_json()["items"]] == [over]
    assert bo.get("/users/me/notifications").get_json()["items"]
    on_the_list = bo.get(f"/groups/{group_id}/shopping-list").get_json()["items"]
    assert [item["name"] for item in on_the_list] == ["bread"]
    stand_ins = {
        person["id"]
        for session_id in (over, running)
        for person in bo.get(f"/sessions/{session_id}").get_json()["participants"]
    } - {bo.id, cy.id}
    assert len(stand_ins) == 2  # another one in each session

    # And what they are given from now on tells nothing either.
    assert bo.post("/compliance/exports", {"password": bo.password}).status_code == 202
    with worker_log.open("a") as log:
        log.write(work())
    assert found() == []
    assert list(find_in_files(words, [tmp_path / "logs"])) == []
    assert api_log.stat().st_size
