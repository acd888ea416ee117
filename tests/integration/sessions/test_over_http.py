"""A session over HTTP, through the front door, on real databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import svcs
from bson import ObjectId

from backend.sessions.swipes import SwipeLog
from tests.conftest import Account
from tests.waiting import eventually

Register = Callable[..., Account]


def ulid(number: int) -> str:
    """An op id."""
    return f"{number:026d}"


def created(host: Account, **wanted: object) -> dict:
    answer = host.post("/sessions", {"menu": "both", **wanted})
    assert answer.status_code == 201, answer.text
    return answer.get_json()


@pytest.fixture
def pair(register: Register) -> tuple[Account, Account, dict]:
    """Host and guest in a lobby, and its snapshot."""
    ada, bo = register("Ada"), register("Bo")
    session = created(ada)
    joined = bo.post("/sessions/join", {"code": session["code"]})
    assert joined.status_code == 200, joined.text
    return ada, bo, joined.get_json()


def begin(ada: Account, bo: Account, session: dict) -> list[str]:
    """Both ready, the host starts; the deck's ids."""
    for account in (ada, bo):
        assert account.post(f"/sessions/{session['id']}/ready", {"ready": True}).status_code == 200
    started = ada.post(f"/sessions/{session['id']}/start")
    assert started.status_code == 200, started.text
    assert started.get_json()["status"] == "swiping"
    return [card["id"] for card in ada.get(f"/sessions/{session['id']}/deck").get_json()["items"]]


def comes(account: Account, session: dict, status: str) -> None:
    """Wait until the session has this status."""
    eventually(lambda: account.get(f"/sessions/{session['id']}").get_json()["status"] == status)


def swipe(account: Account, session: dict, item: str, direction: str, op: int) -> object:
    body = {"op_id": ulid(op), "item_id": item, "direction": direction}
    return account.post(f"/sessions/{session['id']}/swipes", body)


def test_two_people_agree_on_dinner(pair: tuple[Account, Account, dict]) -> None:
    ada, bo, session = pair
    assert [p["display_name"] for p in session["participants"]] == ["Ada", "Bo"]
    for account, level in ((ada, "high"), (bo, "low")):
        account.post(f"/sessions/{session['id']}/energy", {"level": level})
    assert ada.get(f"/sessions/{session['id']}").get_json()["energy"]["level"] == "low"

    deck = begin(ada, bo, session)
    assert swipe(ada, session, deck[0], "left", 1).get_json() == {"item": deck[0]}
    assert swipe(ada, session, deck[1], "right", 2).get_json() == {"item": deck[1]}
    assert ada.get(f"/sessions/{session['id']}").get_json()["status"] == "swiping"
    assert swipe(bo, session, deck[1], "right", 1).status_code == 200

    comes(ada, session, "matched")
    for account in (ada, bo):
        outcome = account.get(f"/sessions/{session['id']}").get_json()["outcome"]
        assert outcome["kind"] == "match"
        assert [card["id"] for card in outcome["items"]] == [deck[1]]
        assert outcome["items"][0]["title"]


def test_the_deck_is_the_same_for_all_and_knows_what_one_has_swiped(
    pair: tuple[Account, Account, dict],
) -> None:
    ada, bo, session = pair
    deck = begin(ada, bo, session)
    assert len(deck) == 20
    swipe(bo, session, deck[3], "up", 1)
    view = bo.get(f"/sessions/{session['id']}/deck").get_json()
    assert [card["id"] for card in view["items"]] == deck
    assert view["swiped"] == [deck[3]]


def test_a_repeated_swipe_counts_once(pair: tuple[Account, Account, dict], services: svcs.Container) -> None:
    ada, bo, session = pair
    deck = begin(ada, bo, session)
    answers = [swipe(ada, session, deck[0], "right", 1).get_json() for _ in range(3)]
    assert answers == [{"item": deck[0]}] * 3
    swipes = list(services.get(SwipeLog).of_participant(ObjectId(ada.id), [ObjectId(session["id"])]))
    assert len(swipes) == 1


def test_a_like_that_was_withdrawn_makes_no_match(pair: tuple[Account, Account, dict]) -> None:
    ada, bo, session = pair
    deck = begin(ada, bo, session)
    swipe(ada, session, deck[0], "right", 1)
    swipe(ada, session, deck[0], "left", 2)
    swipe(bo, session, deck[0], "right", 1)
    assert ada.get(f"/sessions/{session['id']}").get_json()["status"] == "swiping"


def test_everybody_ready_starts_by_itself_after_the_countdown(pair: tuple[Account, Account, dict]) -> None:
    ada, bo, session = pair
    ada.post(f"/sessions/{session['id']}/ready", {"ready": True})
    ready = bo.post(f"/sessions/{session['id']}/ready", {"ready": True}).get_json()
    assert ready["status"] == "lobby"
    assert ready["starts_at"] > ready["server_now"]
    comes(ada, session, "swiping")


def test_when_the_time_is_up_the_closest_three_are_shown(register: Register) -> None:
    ada, bo = register("Ada"), register("Bo")
    session = created(ada, rounds=[5])
    bo.post("/sessions/join", {"code": session["code"]})
    deck = begin(ada, bo, session)
    swipe(ada, session, deck[4], "right", 1)
    swipe(bo, session, deck[4], "left", 1)
    swipe(bo, session, deck[2], "right", 2)

    def outcome() -> dict | None:
        return ada.get(f"/sessions/{session['id']}").get_json()["outcome"]

    eventually(lambda: outcome() is not None, seconds=15)
    assert outcome()["kind"] == "closest"
    assert [card["id"] for card in outcome()["items"]] == [deck[2], deck[4], deck[0]]


def test_a_round_ends_early_when_everybody_has_finished(register: Register) -> None:
    ada, bo = register("Ada"), register("Bo")
    session = created(ada, deck_size=5, rounds=[60])
    bo.post("/sessions/join", {"code": session["code"]})
    deck = begin(ada, bo, session)
    for number, item in enumerate(deck):
        swipe(ada, session, item, "left", number)
        swipe(bo, session, item, "left", number)
    comes(ada, session, "closest")


def test_nobody_is_shown_what_one_of_them_cannot_eat(register: Register) -> None:
    ada, bo = register("Ada"), register("Bo")
    needs = {"dietary": ["vegan"], "allergies": ["nuts"]}
    assert bo.eats(**needs).status_code == 200
    session = created(ada)
    bo.post("/sessions/join", {"code": session["code"]})
    begin(ada, bo, session)
    for card in ada.get(f"/sessions/{session['id']}/deck").get_json()["items"]:
        assert "vegan" in card["dietary_tags"]


def test_a_deck_that_would_be_too_small_is_refused_without_saying_whose_fault(register: Register) -> None:
    ada, bo = register("Ada"), register("Bo")
    needs = {"dietary": ["vegan", "keto", "kosher", "halal", "paleo"], "allergies": ["nuts", "soybeans"]}
    assert bo.eats(**needs).status_code == 200
    session = created(ada)
    bo.post("/sessions/join", {"code": session["code"]})
    for account in (ada, bo):
        account.post(f"/sessions/{session['id']}/ready", {"ready": True})
    refused = ada.post(f"/sessions/{session['id']}/start")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "deck_too_small")
    assert "dietary restrictions" in refused.get_json()["detail"]
    assert "vegan" not in refused.text
    assert "Bo" not in refused.text

    def lobby() -> dict:
        return ada.get(f"/sessions/{session['id']}").get_json()

    # The countdown runs into the same wall: everybody is asked to get ready again instead.
    eventually(lambda: not any(p["ready"] for p in lobby()["participants"]), seconds=10)
    assert lobby()["status"] == "lobby"


def test_who_joins_late_never_sees_what_they_cannot_eat(register: Register) -> None:
    ada, bo, cy = register("Ada"), register("Bo"), register("Cy")
    session = created(ada, deck_size=50)
    bo.post("/sessions/join", {"code": session["code"]})
    before = begin(ada, bo, session)
    assert cy.eats(dietary=["vegetarian"], allergies=["nuts"]).status_code == 200
    assert cy.post("/sessions/join", {"code": session["code"]}).status_code == 200
    cards = ada.get(f"/sessions/{session['id']}/deck").get_json()["items"]
    assert 5 <= len(cards) < len(before)
    assert all("vegetarian" in card["dietary_tags"] for card in cards)


def test_an_op_id_is_good_for_one_swipe(pair: tuple[Account, Account, dict]) -> None:
    ada, bo, session = pair
    deck = begin(ada, bo, session)
    swipe(ada, session, deck[0], "right", 1)
    refused = swipe(ada, session, deck[1], "right", 1)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "op_id_reused")
    assert ada.get(f"/sessions/{session['id']}").get_json()["participants"][0]["swiped"] == 1


def test_a_swipe_repeated_after_the_end_gets_its_answer_again(pair: tuple[Account, Account, dict]) -> None:
    ada, bo, session = pair
    deck = begin(ada, bo, session)
    swipe(ada, session, deck[0], "right", 1)
    swipe(bo, session, deck[0], "right", 1)
    comes(ada, session, "matched")
    assert swipe(ada, session, deck[0], "right", 1).get_json() == {"item": deck[0]}
    assert swipe(ada, session, deck[1], "right", 2).get_json()["code"] == "session_over"


def test_nobody_fills_the_log_without_end(register: Register) -> None:
    ada, bo = register("Ada"), register("Bo")
    session = created(ada, deck_size=5)
    bo.post("/sessions/join", {"code": session["code"]})
    deck = begin(ada, bo, session)
    answers = [swipe(ada, session, deck[0], "left", number) for number in range(52)]
    assert [a.status_code for a in answers] == [200] * 50 + [409] * 2
    assert answers[-1].get_json()["code"] == "too_many_swipes"


class TestBadInput:
    """Each a clear error, and nothing changed by it."""

    def test_wrong_code(self, register: Register) -> None:
        refused = register().post("/sessions/join", {"code": "ZZZZZZ"})
        assert (refused.status_code, refused.get_json()["code"]) == (404, "unknown_code")

    def test_codes_forgive_case_and_spaces(self, register: Register) -> None:
        session = created(register("Ada"))
        spelled = " ".join(session["code"].lower())
        assert register("Bo").post("/sessions/join", {"code": spelled}).status_code == 200

    def test_full_session(self, register: Register) -> None:
        session = created(register("Host"))
        for _ in range(4):
            assert register("Guest").post("/sessions/join", {"code": session["code"]}).status_code == 200
        sixth = register("Late")
        refused = sixth.post("/sessions/join", {"code": session["code"]})
        assert (refused.status_code, refused.get_json()["code"]) == (409, "session_full")
        assert sixth.get(f"/sessions/{session['id']}").status_code == 404

    def test_a_second_session_of_a_free_user(self, register: Register) -> None:
        ada = register("Ada")
        created(ada)
        refused = ada.post("/sessions", {"menu": "both"})
        assert (refused.status_code, refused.get_json()["code"]) == (409, "too_many_sessions")

    def test_swipe_before_start_and_unknown_item(self, pair: tuple[Account, Account, dict]) -> None:
        ada, bo, session = pair
        refused = swipe(ada, session, str(ObjectId()), "right", 1)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "not_started")
        assert ada.get(f"/sessions/{session['id']}/deck").status_code == 409
        begin(ada, bo, session)
        refused = swipe(ada, session, str(ObjectId()), "right", 1)
        assert (refused.status_code, refused.get_json()["code"]) == (404, "unknown_item")
        assert ada.get(f"/sessions/{session['id']}").get_json()["participants"][0]["swiped"] == 0

    @pytest.mark.parametrize(
        "body",
        [
            {"op_id": "short", "item_id": "0" * 24, "direction": "right"},
            {"op_id": ulid(1), "item_id": "0" * 23, "direction": "right"},
            {"op_id": ulid(1), "item_id": {"$ne": None}, "direction": "right"},
            {"op_id": ulid(1), "item_id": "0" * 24, "direction": "sideways"},
            {"op_id": ulid(1), "item_id": "0" * 24, "direction": "right", "participant": "0" * 24},
            {},
        ],
    )
    def test_malformed_swipes_name_the_field(self, pair: tuple[Account, Account, dict], body: dict) -> None:
        ada, _, session = pair
        refused = ada.post(f"/sessions/{session['id']}/swipes", body)
        assert refused.status_code == 422
        assert refused.get_json()["errors"][0]["field"] in {"op_id", "item_id", "direction", "participant"}

    def test_a_stranger_cannot_tell_a_session_from_none(
        self, pair: tuple[Account, Account, dict], register
    ) -> None:
        _, _, session = pair
        stranger = register("Eve")
        for path in (session["id"], str(ObjectId())):
            answers = [
                stranger.get(f"/sessions/{path}"),
                stranger.get(f"/sessions/{path}/deck"),
                stranger.post(f"/sessions/{path}/start"),
                stranger.post(f"/sessions/{path}/leave"),
                swipe(stranger, {"id": path}, str(ObjectId()), "right", 1),
            ]
            assert [a.status_code for a in answers] == [404] * 5
            assert {a.get_json()["code"] for a in answers} == {"session_not_found"}

    @pytest.mark.parametrize(
        "body",
        [
            {"menu": "air"},
            {"deck_size": 4},
            {"deck_size": "20"},
            {"rounds": [4]},
            {"rounds": []},
            {"host": 1},
        ],
    )
    def test_what_cannot_be_created(self, register: Register, body: dict) -> None:
        ada = register("Ada")
        assert ada.post("/sessions", body).status_code == 422
        assert ada.get("/sessions").get_json()["total"] == 0


def test_leaving_lets_the_rest_match_and_frees_the_place(register: Register) -> None:
    ada, bo, cy = register("Ada"), register("Bo"), register("Cy")
    session = created(ada)
    for guest in (bo, cy):
        guest.post("/sessions/join", {"code": session["code"]})
    cy.post(f"/sessions/{session['id']}/ready", {"ready": True})
    deck = begin(ada, bo, session)
    swipe(ada, session, deck[0], "right", 1)
    swipe(bo, session, deck[0], "right", 1)
    assert ada.get(f"/sessions/{session['id']}").get_json()["status"] == "swiping"
    assert cy.post(f"/sessions/{session['id']}/leave").status_code == 200
    comes(ada, session, "matched")
    assert cy.post("/sessions", {"menu": "both"}).status_code == 201


def test_own_sessions_are_listed_newest_first(register: Register) -> None:
    ada = register("Ada")
    ids = []
    for _ in range(3):
        session = created(ada)
        ids.append(session["id"])
        ada.post(f"/sessions/{session['id']}/leave")
    page = ada.get("/sessions?limit=2").get_json()
    assert [s["id"] for s in page["items"]] == [ids[2], ids[1]]
    assert (page["total"], page["has_more"]) == (3, True)
