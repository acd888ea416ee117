"""Rounds 2 and 3, motions, undo, the coin, over HTTP on real databases (docs/product.md S8-S13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
import svcs
from bson import ObjectId

from backend.infra.clock import Clock
from backend.sessions.service import SessionService
from backend.sessions.state import Change
from backend.sessions.store import SessionStore
from backend.sessions.transitions import Transitions
from tests.conftest import Account
from tests.integration.sessions.test_over_http import begin, comes, created, swipe, ulid
from tests.waiting import eventually

Register = Callable[..., Account]
Table = tuple[Account, Account, dict, list[str]]
op_ids = count(1000)


def new_op_id() -> str:
    return ulid(next(op_ids))


@pytest.fixture
def table(register: Register) -> Table:
    """Two people in round 1 of three, with five cards; session and deck."""
    ada, bo = register("Ada"), register("Bo")
    session = created(ada, deck_size=5, rounds=[600, 600, 600])
    bo.post("/sessions/join", {"code": session["code"]})
    return ada, bo, session, begin(ada, bo, session)


def view(account: Account, session: dict) -> dict:
    return account.get(f"/sessions/{session['id']}").get_json()


def deck_of(account: Account, session: dict) -> dict:
    return account.get(f"/sessions/{session['id']}/deck").get_json()


def swipe_all(account: Account, session: dict, directions: dict[str, str]) -> None:
    """Swipe one's whole deck; what is not named goes left."""
    for card in deck_of(account, session)["items"]:
        answer = swipe(account, session, card["id"], directions.get(card["id"], "left"), next(op_ids))
        assert answer.status_code == 200, answer.text


def post(account: Account, session: dict, action: str, body: dict | None = None, status: int = 200) -> dict:
    answer = account.post(f"/sessions/{session['id']}/{action}", body or {})
    assert answer.status_code == status, answer.text
    return answer.get_json()


def comes_round(account: Account, session: dict, number: int) -> None:
    """Wait until this round runs."""
    eventually(lambda: view(account, session)["round"] == number)


def vote(account: Account, session: dict, motion: str, in_favour: bool = True) -> dict:
    return post(account, session, "votes", {"motion": motion, "in_favour": in_favour})


class TestLaterRounds:
    def test_round_two_shows_each_what_others_liked_and_then_what_is_new(self, table: Table) -> None:
        ada, bo, session, deck = table
        swipe_all(ada, session, {deck[0]: "right", deck[1]: "right"})
        swipe_all(bo, session, {deck[2]: "right"})
        comes_round(ada, session, 2)
        for_ada, for_bo = ([c["id"] for c in deck_of(person, session)["items"]] for person in (ada, bo))
        assert for_ada[:1] == [deck[2]]
        assert for_bo[:2] == [deck[0], deck[1]]
        assert for_ada[1:] == for_bo[2:]
        assert not set(for_ada[1:]) & set(deck)
        assert deck_of(ada, session)["swiped"] == []
        assert view(ada, session)["participants"][0]["swiped"] == 0

    def test_a_like_of_round_one_and_one_of_round_two_are_a_match(self, table: Table) -> None:
        ada, bo, session, deck = table
        swipe_all(ada, session, {deck[3]: "right"})
        swipe_all(bo, session, {})
        comes_round(bo, session, 2)
        assert swipe(bo, session, deck[3], "right", next(op_ids)).status_code == 200
        comes(ada, session, "matched")
        assert view(ada, session)["outcome"]["items"][0]["id"] == deck[3]

    def test_round_three_shows_everybody_the_same_five_and_then_come_the_closest(self, table: Table) -> None:
        ada, bo, session, deck = table
        swipe_all(ada, session, {deck[4]: "right"})
        swipe_all(bo, session, {})
        comes_round(ada, session, 2)
        for person in (ada, bo):
            swipe_all(person, session, {})
        comes_round(ada, session, 3)
        shortlists = [[c["id"] for c in deck_of(person, session)["items"]] for person in (ada, bo)]
        assert shortlists[0] == shortlists[1]
        assert shortlists[0][0] == deck[4]
        assert len(shortlists[0]) == 5
        for person in (ada, bo):
            swipe_all(person, session, {deck[4]: "up"})
        comes(ada, session, "closest")
        outcome = view(ada, session)["outcome"]
        assert len(outcome["items"]) == 3
        assert deck[4] == outcome["items"][0]["id"]  # nobody dislikes it

    def test_a_like_carried_over_can_be_withdrawn(self, table: Table) -> None:
        ada, bo, session, deck = table
        swipe_all(ada, session, {deck[0]: "right"})
        swipe_all(bo, session, {})
        comes_round(ada, session, 2)
        for person in (ada, bo):
            swipe_all(person, session, {})
        comes_round(ada, session, 3)
        assert swipe(ada, session, deck[0], "left", next(op_ids)).status_code == 200
        assert swipe(bo, session, deck[0], "right", next(op_ids)).status_code == 200
        assert view(ada, session)["status"] == "swiping"

    def test_a_card_of_an_earlier_round_is_not_in_the_deck_any_more(self, table: Table) -> None:
        ada, bo, session, deck = table
        swipe_all(ada, session, {deck[0]: "right"})
        swipe_all(bo, session, {})
        comes_round(ada, session, 2)
        answer = swipe(ada, session, deck[0], "left", next(op_ids))
        assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown_item")

    def test_a_swipe_of_round_one_gets_its_answer_again_in_round_two(self, table: Table) -> None:
        ada, bo, session, deck = table
        swipe_all(ada, session, {deck[0]: "right"})
        op = next(op_ids)
        for item in deck[:4]:
            assert swipe(bo, session, item, "left", next(op_ids)).status_code == 200
        assert swipe(bo, session, deck[4], "left", op).status_code == 200
        comes_round(bo, session, 2)
        assert swipe(bo, session, deck[4], "left", op).status_code == 200
        assert view(bo, session)["participants"][1]["swiped"] == 0
        other = swipe(bo, session, deck[3], "left", op)
        assert (other.status_code, other.get_json()["code"]) == (409, "op_id_reused")

    def test_who_joins_in_round_two_watches(self, table: Table, register: Register) -> None:
        ada, bo, session, _ = table
        vote(ada, session, "skip_round")
        vote(bo, session, "skip_round")
        comes_round(ada, session, 2)
        cy = register("Cy")
        joined = cy.post("/sessions/join", {"code": session["code"]}).get_json()
        assert joined["participants"][2]["spectator"]
        assert cy.id not in joined["required"]
        assert deck_of(cy, session)["items"] == []
        item = deck_of(ada, session)["items"][0]["id"]
        refused = swipe(cy, session, item, "right", 1)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "spectator")
        for person in (ada, bo):
            swipe(person, session, item, "right", next(op_ids))
        comes(cy, session, "matched")

    def test_the_three_rounds_follow_each_other_by_the_clock_alone(
        self, table: Table, services: svcs.Container
    ) -> None:
        ada, _, session, _ = table
        session_id = ObjectId(session["id"])
        service, transitions, store = services.get(SessionService, Transitions, SessionStore)
        clock = services.get_abstract(Clock)

        def let_time_pass() -> None:
            transitions.apply(
                session_id,
                lambda s, _: Change(replace(s, ends_at=clock.now() - timedelta(seconds=1))),
            )
            service.run_due(session_id)

        rounds = []
        while store.load(session_id).status.live:
            rounds.append(store.load(session_id).round)
            let_time_pass()
        assert rounds == [1, 2, 3]
        assert view(ada, session)["status"] == "closest"


class TestMotions:
    def test_a_pause_stops_the_clock_and_the_swipes_until_both_want_to_go_on(self, table: Table) -> None:
        ada, bo, session, deck = table
        opened = vote(ada, session, "pause")
        assert opened["status"] == "swiping"
        assert opened["motions"] == [
            {"motion": "pause", "opened_by": ada.id, "in_favour": [ada.id], "against": [], "needed": 2}
        ]
        paused = vote(bo, session, "pause")
        assert (paused["status"], paused["ends_at"], paused["motions"]) == ("paused", None, [])
        assert paused["pause"]["reason"] == "vote"
        assert 0 < paused["pause"]["remaining_ms"] <= 600_000
        refused = swipe(ada, session, deck[0], "right", 1)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "paused")
        assert int(refused.headers["Retry-After"]) > 0
        vote(bo, session, "resume")
        resumed = vote(ada, session, "resume")
        assert (resumed["status"], resumed["pause"]) == ("swiping", None)
        assert swipe(ada, session, deck[0], "right", 1).status_code == 200

    def test_one_against_in_two_is_enough_to_refuse(self, table: Table) -> None:
        ada, bo, session, _ = table
        vote(ada, session, "end_now")
        assert vote(bo, session, "end_now", in_favour=False)["motions"] == []
        assert view(ada, session)["status"] == "swiping"

    def test_what_is_not_possible_is_refused_and_changes_nothing(self, table: Table) -> None:
        ada, bo, session, _ = table
        before = view(ada, session)
        cases = [({"motion": "resume", "in_favour": True}, 409, "motion_not_possible")]
        cases.append(({"motion": "pause", "in_favour": False}, 409, "no_such_motion"))
        cases.append(({"motion": "dessert", "in_favour": True}, 422, "invalid_input"))
        cases.append(({"motion": "pause", "in_favour": "yes"}, 422, "invalid_input"))
        for body, status, code in cases:
            assert post(bo, session, "votes", body, status)["code"] == code
        after = view(ada, session)
        assert {**after, "server_now": ""} == {**before, "server_now": ""}

    def test_ending_now_counts_what_was_swiped_and_takes_the_closest(self, table: Table) -> None:
        ada, bo, session, deck = table
        swipe(ada, session, deck[2], "right", next(op_ids))
        vote(ada, session, "end_now")
        vote(bo, session, "end_now")
        comes(ada, session, "closest")
        assert view(ada, session)["outcome"]["items"][0]["id"] == deck[2]

    def test_ending_a_paused_session(self, table: Table) -> None:
        ada, bo, session, _ = table
        for motion in ("pause", "end_now"):
            vote(ada, session, motion)
            vote(bo, session, motion)
        comes(ada, session, "closest")

    def test_not_in_the_lobby_and_not_after_the_end(self, register: Register) -> None:
        ada = register("Ada")
        session = created(ada)
        body = {"motion": "pause", "in_favour": True}
        assert post(ada, session, "votes", body, 409)["code"] == "not_started"
        post(ada, session, "leave")
        assert post(ada, session, "votes", body, 403)["code"] == "not_participant"


class TestUndo:
    def test_the_last_swipe_is_taken_back_and_the_one_before_it_next(self, table: Table) -> None:
        ada, _, session, deck = table
        for item in deck[:3]:
            swipe(ada, session, item, "right", next(op_ids))
        for item in (deck[2], deck[1]):
            assert post(ada, session, "undo", {"op_id": new_op_id()}) == {"item": item}
        assert deck_of(ada, session)["swiped"] == [deck[0]]
        assert view(ada, session)["participants"][0]["swiped"] == 1

    def test_a_repeated_undo_takes_back_no_more(self, table: Table) -> None:
        ada, _, session, deck = table
        for item in deck[:2]:
            swipe(ada, session, item, "right", next(op_ids))
        op_id = new_op_id()
        for _ in range(3):
            assert post(ada, session, "undo", {"op_id": op_id}) == {"item": deck[1]}
        assert deck_of(ada, session)["swiped"] == [deck[0]]

    def test_with_nothing_to_take_back_it_is_refused(self, table: Table) -> None:
        ada, bo, session, deck = table
        swipe(bo, session, deck[0], "right", next(op_ids))
        assert post(ada, session, "undo", {"op_id": new_op_id()}, 409)["code"] == "nothing_to_undo"

    def test_a_like_that_was_taken_back_makes_no_match(self, table: Table) -> None:
        ada, bo, session, deck = table
        swipe(ada, session, deck[0], "right", next(op_ids))
        post(ada, session, "undo", {"op_id": new_op_id()})
        swipe(bo, session, deck[0], "right", next(op_ids))
        assert view(ada, session)["status"] == "swiping"
        swipe(ada, session, deck[0], "right", next(op_ids))
        comes(ada, session, "matched")

    def test_taking_a_change_of_mind_back_uncovers_the_like_below_and_may_match(self, table: Table) -> None:
        ada, bo, session, deck = table
        swipe(ada, session, deck[0], "right", next(op_ids))
        swipe(ada, session, deck[0], "left", next(op_ids))
        swipe(bo, session, deck[0], "right", next(op_ids))
        assert view(ada, session)["status"] == "swiping"
        post(ada, session, "undo", {"op_id": new_op_id()})
        comes(ada, session, "matched")

    def test_not_after_a_match(self, table: Table) -> None:
        ada, bo, session, deck = table
        for person in (ada, bo):
            swipe(person, session, deck[0], "right", next(op_ids))
        comes(ada, session, "matched")
        assert post(ada, session, "undo", {"op_id": new_op_id()}, 409)["code"] == "session_over"

    def test_swipes_of_an_earlier_round_stay(self, table: Table) -> None:
        ada, bo, session, _ = table
        swipe_all(ada, session, {})
        swipe_all(bo, session, {})
        comes_round(ada, session, 2)
        assert post(ada, session, "undo", {"op_id": new_op_id()}, 409)["code"] == "nothing_to_undo"

    def test_what_comes_late_does_not_count_in_the_next_round(self, table: Table) -> None:
        ada, bo, session, deck = table
        swipe_all(ada, session, {})
        swipe_all(bo, session, {deck[0]: "right"})
        comes_round(ada, session, 2)
        assert deck_of(ada, session)["items"][0]["id"] == deck[0]  # it comes again: Bo likes it
        late = {"op_id": new_op_id(), "item_id": deck[0], "direction": "right", "round": 1}
        assert post(ada, session, "swipes", late, 409)["code"] == "round_over"
        assert view(ada, session)["status"] == "swiping"
        undo = {"op_id": new_op_id(), "round": 1}
        assert post(ada, session, "undo", undo, 409)["code"] == "round_over"
        post(ada, session, "swipes", {**late, "op_id": new_op_id(), "round": 2})
        comes(ada, session, "matched")


class TestTheCoin:
    def test_it_chooses_among_the_tied_once_and_for_all(self, table: Table) -> None:
        ada, bo, session, deck = table
        for item in deck[1:3]:
            swipe(ada, session, item, "right", next(op_ids))
        for person in (ada, bo):
            vote(person, session, "end_now")
        comes(ada, session, "closest")
        outcome = view(ada, session)["outcome"]
        assert (outcome["tied"], outcome["tossed"]) == (deck[1:3], None)
        assert post(bo, session, "toss", status=403)["code"] == "not_host"
        tossed = post(ada, session, "toss")["outcome"]["tossed"]
        assert tossed in deck[1:3]
        for _ in range(5):
            assert post(ada, session, "toss")["outcome"]["tossed"] == tossed
        assert view(bo, session)["outcome"]["tossed"] == tossed

    def test_without_a_tie_there_is_nothing_to_toss(self, table: Table) -> None:
        ada, bo, session, deck = table
        swipe(ada, session, deck[1], "right", next(op_ids))
        assert post(ada, session, "toss", status=409)["code"] == "nothing_tied"
        for person in (ada, bo):
            vote(person, session, "end_now")
        comes(ada, session, "closest")
        assert post(ada, session, "toss", status=409)["code"] == "nothing_tied"
