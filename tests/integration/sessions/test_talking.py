"""Chat, reactions and feedback over HTTP (docs/product.md S14, S15)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import svcs
from bson import ObjectId

from backend.infra.clock import Clock
from backend.infra.mongo import MongoDatabase
from backend.sessions.evenings import Evenings
from backend.sessions.kept import KeptSessions
from tests.conftest import Account
from tests.integration.sessions.test_over_http import begin, comes, created, swipe, ulid

Register = Callable[..., Account]


@pytest.fixture
def pair(register: Register) -> tuple[Account, Account, str]:
    """Two people in a lobby; the path of their session."""
    ada, bo = register("Ada"), register("Bo")
    session = created(ada)
    bo.post("/sessions/join", {"code": session["code"]})
    return ada, bo, f"/sessions/{session['id']}"


def say(account: Account, path: str, text: str, op: int = 1) -> object:
    return account.post(f"{path}/messages", {"op_id": ulid(op), "text": text})


class TestChat:
    def test_what_is_said_is_kept_newest_first_and_page_by_page(self, pair: tuple) -> None:
        ada, bo, path = pair
        for number, text in enumerate(["Thai?", "Again?", "Yes 🍜"]):
            assert say((ada, bo)[number % 2], path, text, number).status_code == 201
        page = bo.get(f"{path}/messages?limit=2").get_json()
        assert [m["text"] for m in page["items"]] == ["Yes 🍜", "Again?"]
        assert [m["participant_id"] for m in page["items"]] == [ada.id, bo.id]
        assert (page["total"], page["has_more"]) == (3, True)

    def test_the_same_operation_says_it_once(self, pair: tuple) -> None:
        ada, _, path = pair
        answers = [say(ada, path, "Thai?", 7).get_json() for _ in range(3)]
        assert answers[0] == answers[1] == answers[2]
        assert ada.get(f"{path}/messages").get_json()["total"] == 1

    @pytest.mark.parametrize("text", ["", "   ", "x" * 501, "bell\x07", "\u202eright to left", {"$ne": 1}])
    def test_what_screens_cannot_show_is_refused(self, pair: tuple, text: object) -> None:
        ada, _, path = pair
        refused = ada.post(f"{path}/messages", {"op_id": ulid(1), "text": text})
        assert refused.status_code == 422
        assert refused.get_json()["errors"][0]["field"] == "text"
        assert ada.get(f"{path}/messages").get_json()["total"] == 0

    def test_line_breaks_and_markup_stay_as_they_were_typed(self, pair: tuple) -> None:
        ada, _, path = pair
        say(ada, path, "  one\r\n<b>two</b>  ")
        assert ada.get(f"{path}/messages").get_json()["items"][0]["text"] == "one\n<b>two</b>"

    def test_a_stranger_neither_reads_nor_writes(self, pair: tuple, register: Register) -> None:
        _, _, path = pair
        eve = register("Eve")
        assert say(eve, path, "Hi").status_code == 404
        assert eve.get(f"{path}/messages").status_code == 404

    def test_who_left_says_nothing_more(self, pair: tuple) -> None:
        _, bo, path = pair
        bo.post(f"{path}/leave")
        assert say(bo, path, "One more thing").get_json()["code"] == "not_participant"

    def test_a_flood_is_told_to_wait_and_loses_nothing_of_the_others(self, pair: tuple) -> None:
        ada, bo, path = pair
        answers = [say(ada, path, "spam", number) for number in range(14)]
        refused = [answer for answer in answers if answer.status_code != 201]
        assert {(answer.status_code, answer.get_json()["code"]) for answer in refused} == {
            (429, "too_many_messages")
        }
        assert all(answer.headers["Retry-After"] for answer in refused)
        assert say(bo, path, "May I?").status_code == 201


def test_reactions_are_of_a_kind_that_everybody_has(pair: tuple) -> None:
    ada, _, path = pair
    assert ada.post(f"{path}/reactions", {"emoji": "🔥"}).status_code == 204
    assert ada.post(f"{path}/reactions", {"emoji": "🦖"}).status_code == 422


class TestFeedback:
    def matched(self, pair: tuple) -> tuple[str, str]:
        """Play to a match; session id and card."""
        ada, bo, path = pair
        session = ada.get(path).get_json()
        deck = begin(ada, bo, session)
        for account in (ada, bo):
            swipe(account, session, deck[0], "right", 1)
        comes(ada, session, "matched")
        return session["id"], deck[0]

    def grow_old(self, services: svcs.Container, session_id: str, hours: float) -> None:
        """Let the outcome be of a while ago."""
        decided_at = services.get_abstract(Clock).now() - timedelta(hours=hours)
        services.get(MongoDatabase).sessions.update_one(
            {"_id": ObjectId(session_id)}, {"$set": {"outcome.decided_at": decided_at}}
        )

    @pytest.mark.parametrize(
        ("hours", "due"), [(0, False), (1.9, False), (2.1, True), (71, True), (73, False)]
    )
    def test_people_are_asked_two_hours_later_and_not_for_ever(
        self, pair: tuple, services: svcs.Container, hours: float, due: bool
    ) -> None:
        session_id, _ = self.matched(pair)
        self.grow_old(services, session_id, hours)
        (entry,) = pair[0].get("/sessions").get_json()["items"]
        assert entry["feedback_due"] is due

    def test_each_answers_for_themselves_and_the_last_word_counts(
        self, pair: tuple, services: svcs.Container
    ) -> None:
        ada, bo, path = pair
        session_id, item = self.matched(pair)
        self.grow_old(services, session_id, 3)
        for followed_through in (False, True):
            answer = ada.post(f"{path}/feedback", {"followed_through": followed_through})
            assert answer.get_json()["feedback_due"] is False
        assert not ada.get("/sessions").get_json()["items"][0]["feedback_due"]
        assert bo.get("/sessions").get_json()["items"][0]["feedback_due"]
        (given,) = services.get(KeptSessions).feedback_of(ObjectId(ada.id))
        assert (given["item_id"], given["followed_through"]) == (item, True)

    def test_decks_learn_from_it(self, pair: tuple, services: svcs.Container) -> None:
        ada, bo, path = pair
        _, item = self.matched(pair)
        # What others said of the card counts as well, and other tests' evenings may have ended in it.
        services.get(MongoDatabase).feedback.delete_many({"item_id": ObjectId(item)})
        ada.post(f"{path}/feedback", {"followed_through": False})
        card, people = ObjectId(item), [ObjectId(ada.id), ObjectId(bo.id)]
        past = services.get(Evenings).past_of(people, [card], services.get_abstract(Clock).now())
        assert past.eaten == past.liked == {card}
        assert past.follow_through == {card: pytest.approx(1 / 3)}
        later = services.get_abstract(Clock).now() + timedelta(days=15)
        assert not services.get(Evenings).past_of(people, [card], later).eaten

    def test_without_an_outcome_there_is_nothing_to_tell(self, pair: tuple) -> None:
        ada, _, path = pair
        assert ada.post(f"{path}/feedback", {"followed_through": True}).get_json()["code"] == "no_outcome"

    def test_all_of_it_goes_with_the_session(self, pair: tuple, services: svcs.Container) -> None:
        ada, _, path = pair
        session_id, _ = self.matched(pair)
        say(ada, path, "Bon appétit")
        ada.post(f"{path}/feedback", {"followed_through": True})
        kept = services.get(KeptSessions)
        assert list(kept.messages_of(ObjectId(ada.id)))
        tomorrow = services.get_abstract(Clock).now() + timedelta(days=1)
        list(kept.delete_finished_before(tomorrow, batch=500, dry_run=False))
        assert not list(kept.messages_of(ObjectId(ada.id)))
        assert not list(kept.feedback_of(ObjectId(ada.id)))
        database = services.get(MongoDatabase)
        assert not database.swipes.count_documents({"s": ObjectId(session_id)})
