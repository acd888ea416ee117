"""What is in an archive: all of it as the schema says, for programs and for people; nothing that is not one's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
import svcs
from bson import ObjectId
from jsonschema import Draft202012Validator, FormatChecker
from markupsafe import escape

from backend.audit.trail import AuditTrail
from backend.catalog.service import CatalogService
from backend.compliance.exports.page import SHOWN
from backend.compliance.exports.service import ExportService
from backend.compliance.register import EXPORTED
from backend.history.notes import Notes
from backend.infra.mongo import MongoDatabase
from backend.users.accounts import Accounts, Identity
from tests.conftest import Account
from tests.integration.compliance.archives import caller_of, contents, keep_house, records, swiped_session
from tests.waiting import eventually

pytestmark = pytest.mark.compliance

Register = Callable[..., Account]
Export = Callable[[Account], dict[str, Any]]
# What somebody writes who would like to run something on another's screen.
NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture
def export(exports: ExportService, build: Callable[[ObjectId], None]) -> Export:
    """Have an export made, and read it."""

    def export(account: Account) -> dict[str, Any]:
        asked = account.post("/compliance/exports", {"password": account.password}).get_json()
        build(ObjectId(asked["id"]))
        export_id = ObjectId(asked["id"])
        with exports.open_download(caller_of(account), account.password, export_id).file as file:
            return contents(file.read())

    return export


@pytest.fixture
def evening(register: Register, services: svcs.Container) -> tuple[Account, Account, dict[str, Any]]:
    """Somebody of whom every kind of record is there, somebody they spent an evening with, and that evening."""
    ada, bo = register("Ada"), register("Bo")
    services.get(Accounts).confirm_email(ObjectId(ada.id), ada.email)
    services.get(Accounts).by_identity(Identity("https://issuer.example", ada.id, ada.email, True, "Ada"))
    ada.eats(dietary=["vegetarian"], allergies=["nuts"], home_location={"lat": 33.7, "lon": -84.4})
    group = ada.post("/groups", {"name": "Sunday kitchen"}).get_json()
    bo.post("/groups/join", {"token": group["invite_link"].rpartition("/")[2]})
    session = swiped_session(ada, bo)
    session["kept"] = keep_house(ada)
    message = {"op_id": f"{9:026d}", "text": NASTY}
    assert ada.post(f"/sessions/{session['id']}/messages", message).status_code == 201
    now = services.get(MongoDatabase)["sessions"].find_one()["created_at"]
    services.get(MongoDatabase)["ratings"].insert_one(
        {
            "user_id": ObjectId(ada.id),
            "session_id": ObjectId(session["id"]),
            "rating": 4,
            "note": services.get(Notes).sealed(ObjectId(ada.id), ObjectId(session["id"]), NASTY),
            "at": now,
            "decided_at": now,
        }
    )
    services.get(MongoDatabase)["feedback"].insert_one(
        {
            "session_id": ObjectId(session["id"]),
            "participant_id": ObjectId(ada.id),
            "item_id": ObjectId(session["ada_liked"]),
            "followed_through": True,
            "at": now,
        }
    )
    return ada, bo, session


class Markup(HTMLParser):
    """Elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def test_every_file_is_as_the_schema_says(
    evening: tuple[Account, Account, dict[str, Any]], export: Export
) -> None:
    files = export(evening[0])
    schema = files.pop("export.schema.json")
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    kinds = {name: file for name, file in files.items() if name.endswith(".json")}
    for name, file in kinds.items():
        assert [error.message for error in validator.iter_errors(file)] == [], name
    assert set(kinds) == {"manifest.json", "cards.json", *(export.file for _, export in EXPORTED)}
    assert {one["name"]: one["records"] for one in kinds["manifest.json"]["files"]} == {
        name: len(file["records"]) for name, file in kinds.items() if name != "manifest.json"
    }


def test_there_is_something_of_every_kind(
    evening: tuple[Account, Account, dict[str, Any]], export: Export, services: svcs.Container
) -> None:
    ada, trail = evening[0], services.get(AuditTrail)

    def is_recorded() -> bool:
        trail.settle()  # unless the app is at it
        return bool(ada.get("/compliance/audit").get_json()["items"])

    eventually(is_recorded)
    files = export(ada)
    assert [] not in [file.get("records") for file in files.values() if isinstance(file, dict)]


def test_a_field_that_the_schema_does_not_know_is_noticed(
    evening: tuple[Account, Account, dict[str, Any]], export: Export
) -> None:
    files = export(evening[0])
    validator = Draft202012Validator(files["export.schema.json"])
    profile = files["profile.json"]
    assert validator.is_valid(profile)
    profile["records"][0]["password_hash"] = "x"
    assert not validator.is_valid(profile)


@pytest.mark.security
def test_nothing_is_told_of_others_and_no_secret(
    evening: tuple[Account, Account, dict[str, Any]], export: Export, services: svcs.Container
) -> None:
    ada, bo, session = evening
    files = export(ada)
    everything = json.dumps(files)
    stored = services.get(MongoDatabase)["users"].find_one({"_id": ObjectId(ada.id)})
    group = services.get(MongoDatabase)["groups"].find_one({"owner_id": ObjectId(ada.id)})
    code = services.get(MongoDatabase)["sessions"].find_one({"_id": ObjectId(session["id"])})["code"]
    for secret in (stored["password_hash"], "argon2", ada.tokens["refresh_token"], group["token"], code):
        assert secret not in everything
    assert bo.email not in everything
    # What Ada was told of Bo is hers; Bo's swipes, and who else liked what, are not.
    told = files.pop("notifications.json")["records"]
    assert [one["text"] for one in told] == ["Bo has joined Sunday kitchen."]
    assert bo.id not in json.dumps({name: file for name, file in files.items() if name != "index.html"})


def test_the_page_shows_it_without_scripts_and_without_a_network(
    evening: tuple[Account, Account, dict[str, Any]], export: Export, services: svcs.Container
) -> None:
    ada, _, session = evening
    files = export(ada)
    page = files["index.html"]
    elements = Markup(page).elements
    assert {tag for tag, _ in elements}.isdisjoint({"script", "iframe", "link", "object", "form", "base"})
    for tag, attributes in elements:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "href"):
            target = attributes.get(name) or "#"
            assert target.startswith("#") or target in files, target
    assert "//" not in page.replace(">https://issuer.example<", "")
    (liked,) = services.get(CatalogService).cards([ObjectId(session["ada_liked"])])
    assert escape(liked["title"]) in page
    assert [a["src"] for tag, a in elements if tag == "img"] == [
        card["picture"] for card in records(files, "cards") if card["picture"]
    ]
    for shown in (ada.email, "Sunday kitchen", "vegetarian", "nuts", "lat: 33.7"):
        assert shown in page
    assert NASTY not in page
    assert NASTY.replace("<", "&lt;").replace(">", "&gt;") in page


def test_pictures_are_of_cards_that_were_liked(
    evening: tuple[Account, Account, dict[str, Any]], export: Export
) -> None:
    ada, _, session = evening
    files = export(ada)
    cards = {card["id"]: card for card in records(files, "cards")}
    liked = cards.pop(session["ada_liked"])
    assert liked["liked"]
    assert files[liked["picture"]].startswith("a picture of ")
    kept = cards.pop(session["kept"], liked)
    assert kept["liked"]
    assert not any(card["liked"] or card["picture"] for card in cards.values())
    deck = set(records(files, "sessions")[0]["deck"])
    assert {*cards, liked["id"], kept["id"]} == deck | {kept["id"]}


def test_of_a_long_list_the_page_shows_the_end(
    register: Register, export: Export, services: svcs.Container
) -> None:
    ada = register("Ada")
    session = ObjectId(ada.post("/sessions", {"menu": "both"}).get_json()["id"])
    services.get(MongoDatabase)["swipes"].insert_many(swipes(session, ObjectId(ada.id), SHOWN + 3))
    files = export(ada)
    assert len(records(files, "swipes")) == SHOWN + 3
    assert f"The last {SHOWN} of {SHOWN + 3}; all are in swipes.json." in files["index.html"]
    assert files["index.html"].count("no longer in the catalogue") == SHOWN


def swipes(session: ObjectId, user: ObjectId, count: int) -> list[dict[str, Any]]:
    """Swipes of cards that no catalogue has."""
    return [
        {
            "s": session,
            "p": user,
            "o": f"{n}",
            "i": ObjectId(),
            "d": "left",
            "r": 1,
            "t": n,
            "c": b"%024d" % n,
        }
        for n in range(count)
    ]


def test_a_guest_gets_theirs_without_a_password(
    register: Register, build: Callable[[ObjectId], None]
) -> None:
    http = register().http
    guest = http.post("/api/v1/auth/guest", json={"display_name": "Gus"}).get_json()
    headers = {"Authorization": f"Bearer {guest['access_token']}"}
    asked = http.post("/api/v1/compliance/exports", headers=headers, json={}).get_json()
    build(ObjectId(asked["id"]))
    path = f"/api/v1/compliance/exports/{asked['id']}/download"
    with http.post(path, headers=headers, json={}) as answer:
        assert records(contents(answer.data), "profile")[0]["role"] == "guest"
