"""Sessions that come to an outcome, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass

from tests.conftest import Account
from tests.waiting import eventually


@dataclass(frozen=True)
class Decided:
    """A session that is over, and the card that everybody liked."""

    session_id: str
    card: str


def decide(host: Account, *others: Account, menu: str = "recipes", group_id: str | None = None) -> Decided:
    """Let them all like the first card of a new session."""
    wanted = {"menu": menu, **({"group_id": group_id} if group_id else {})}
    session = host.post("/sessions", wanted)
    assert session.status_code == 201, session.text
    path = f"/sessions/{session.get_json()['id']}"
    for one in others:
        one.post("/sessions/join", {"code": session.get_json()["code"]})
    people = [host, *others]
    for one in people:
        one.post(f"{path}/ready", {"ready": True})
    host.post(f"{path}/start")
    card: str = host.get(f"{path}/deck").get_json()["items"][0]["id"]
    for one in people:
        one.post(f"{path}/swipes", {"op_id": f"{1:026d}", "item_id": card, "direction": "right"})
    eventually(lambda: host.get(path).get_json()["status"] == "matched")
    return Decided(session.get_json()["id"], card)
