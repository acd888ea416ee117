"""Evenings to export, and archives read back."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from bson import ObjectId

from backend.http.access import Caller
from backend.roles import Role
from tests.conftest import Account


def caller_of(account: Account) -> Caller:
    """Somebody whom the front door let in."""
    return Caller(account.id, str(ObjectId()), 0, Role.USER)


def download(account: Account, export_id: object) -> Any:
    """Download one of somebody's exports, with their password."""
    return account.post(f"/compliance/exports/{export_id}/download", {"password": account.password})


def contents(archive: bytes) -> dict[str, Any]:
    """An archive's files by name: JSON read, pictures as bytes, other files as text."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: read(name, opened.read(name)) for name in opened.namelist()}


def read(name: str, content: bytes) -> Any:
    if name.endswith(".webp"):
        return f"a picture of {len(content)} bytes"
    return json.loads(content) if name.endswith(".json") else content.decode()


def records(files: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The records of one kind."""
    return files[f"{kind}.json"]["records"]


def swiped_session(ada: Account, bo: Account) -> dict[str, Any]:
    """A session of two in which each has swiped once, on different cards."""
    session = ada.post("/sessions", {"menu": "both"}).get_json()
    bo.post("/sessions/join", {"code": session["code"]})
    for account in (ada, bo):
        account.post(f"/sessions/{session['id']}/ready", {"ready": True})
    assert ada.post(f"/sessions/{session['id']}/start").status_code == 200
    cards = [card["id"] for card in ada.get(f"/sessions/{session['id']}/deck").get_json()["items"]]
    for account, card, direction, op in ((ada, cards[0], "right", 1), (bo, cards[1], "left", 2)):
        body = {"op_id": f"{op:026d}", "item_id": card, "direction": direction}
        assert account.post(f"/sessions/{session['id']}/swipes", body).status_code == 200
    return {"id": session["id"], "ada_liked": cards[0], "bo_disliked": cards[1]}


def keep_house(ada: Account) -> str:
    """Favourites and a shopping list of somebody; the recipe that all of it is about."""
    recipe: str = ada.get("/recipes?limit=1").get_json()["items"][0]["id"]
    assert ada.put(f"/users/me/saved-recipes/{recipe}", {}).status_code == 204
    assert ada.post(f"/recipes/{recipe}/like").status_code == 200
    assert ada.post(f"/users/me/shopping-list/recipes/{recipe}").status_code == 201
    return recipe
