"""Votes, pauses, the coin, chat and several devices through real sockets on two processes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from tests.e2e.evening import ROUNDING_MS, NewPerson, gather, milliseconds, sit_apart, start, swipe
from tests.e2e.person import Person

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

_LONG = [600, 600, 600]
_STANDING_MS = 150

Seated = tuple[list[Person], dict[str, Any]]


@pytest.fixture
def three(person: NewPerson) -> Seated:
    """Three in the first round, Bo in another process than Ada and Cy; and how it was told."""
    people, session = gather(person, ["Ada", "Bo", "Cy"], rounds=_LONG)
    ada, bo, cy = people
    sit_apart(session["id"], here=[ada, cy], there=[bo])
    return people, {**start(people)["data"], "session": session["id"]}


def same_for(people: Sequence[Person], kind: str, **told: Any) -> dict[str, Any]:
    """The numbered frame that all of them were told."""
    frames = [one.told(kind, **told) for one in people]
    assert all(frame == frames[0] for frame in frames)
    return frames[0]


class TestPause:
    def test_the_clock_stands_exactly_and_goes_on_from_there(self, three: Seated) -> None:
        """All by the times in the frames: what was left when it stopped is left when it goes on."""
        (ada, bo, cy), round_1 = three
        people = [ada, bo, cy]
        assert ada.do("vote", motion="pause", in_favour=True)["data"] == {"motion": "pause"}
        assert bo.do("vote", motion="pause", in_favour=True)["ok"]
        paused = same_for(people, "paused", reason="vote")
        left = paused["data"]["remaining_ms"]
        assert abs(milliseconds(round_1["ends_at"]) - paused["at"] - left) <= ROUNDING_MS

        refused = cy.do("swipe", item=round_1["deck"][0], direction="right")["error"]
        assert refused["code"] == "paused"
        assert refused["retry_after"] > 0
        snapshot = cy.get(f"/sessions/{round_1['session']}")
        assert (snapshot["status"], snapshot["ends_at"]) == ("paused", None)
        assert snapshot["pause"] == {"reason": "vote", "remaining_ms": left}
        ada.wait_for_server_time(paused["at"] + _STANDING_MS)

        assert cy.do("vote", motion="resume", in_favour=True)["ok"]
        assert ada.do("vote", motion="resume", in_favour=True)["ok"]
        resumed = same_for(people, "resumed")
        assert resumed["at"] - paused["at"] >= _STANDING_MS
        assert abs(milliseconds(resumed["data"]["ends_at"]) - resumed["at"] - left) <= ROUNDING_MS
        assert bo.get(f"/sessions/{round_1['session']}")["ends_at"] == resumed["data"]["ends_at"]
        swipe(cy, round_1["deck"][0], "right")

    def test_a_round_that_stood_ends_that_much_later(self, person: NewPerson) -> None:
        people, session = gather(person, ["Ada", "Bo"], rounds=[5])
        sit_apart(session["id"], here=people[:1], there=people[1:])
        planned = milliseconds(start(people)["data"]["ends_at"])
        for one in people:
            assert one.do("vote", motion="pause", in_favour=True)["ok"]
        paused = same_for(people, "paused")
        people[0].wait_for_server_time(planned + _STANDING_MS)
        for one in people:
            assert one.do("vote", motion="resume", in_favour=True)["ok"]
        ends_at = milliseconds(same_for(people, "resumed")["data"]["ends_at"])
        ended = same_for(people, "round_ended", round=1)
        assert ended["at"] >= ends_at >= planned + paused["data"]["remaining_ms"] - ROUNDING_MS
        same_for(people, "closest")


class TestMotions:
    def test_everybody_hears_how_it_is_voted(self, three: Seated) -> None:
        (ada, bo, cy), _ = three
        assert bo.do("vote", motion="end_now", in_favour=True)["ok"]
        opened = same_for([ada, bo, cy], "motion_opened")["data"]
        motion = {"motion": "end_now", "opened_by": bo.id, "against": [], "needed": 2}
        assert opened == {**motion, "in_favour": [bo.id]}
        assert ada.do("vote", motion="end_now", in_favour=False)["ok"]
        voted = same_for([ada, bo, cy], "motion_voted")["data"]
        assert voted == {**motion, "in_favour": [bo.id], "against": [ada.id]}
        assert cy.do("vote", motion="end_now", in_favour=False)["ok"]
        same_for([ada, bo, cy], "motion_failed", motion="end_now")
        refused = cy.do("vote", motion="end_now", in_favour=False)
        assert refused["error"]["code"] == "no_such_motion"

    def test_the_majority_skips_a_round_and_a_pause_closes_other_motions(self, three: Seated) -> None:
        (ada, bo, cy), round_1 = three
        assert cy.do("vote", motion="end_now", in_favour=True)["ok"]
        for motion in ("pause", "resume", "skip_round"):
            for one in (ada, bo):
                assert one.do("vote", motion=motion, in_favour=True)["ok"]
            same_for([ada, bo, cy], "motion_passed", motion=motion)
            assert cy.get(f"/sessions/{round_1['session']}")["motions"] == []
        same_for([ada, bo, cy], "round_ended", round=1)
        same_for([ada, bo, cy], "round_started", round=2)

    def test_the_closest_at_once_and_one_coin_for_all(self, three: Seated) -> None:
        (ada, bo, cy), round_1 = three
        likes = round_1["deck"][:2]
        for one, item in zip((ada, bo), likes, strict=True):
            swipe(one, item, "right")
        for one in (ada, cy):
            assert one.do("vote", motion="end_now", in_favour=True)["ok"]
        outcome = same_for([ada, bo, cy], "closest")["data"]["outcome"]
        assert (outcome["tied"], outcome["tossed"]) == (likes, None)
        assert bo.do("toss")["error"]["code"] == "not_host"
        says = ada.do("toss")["data"]["item"]
        assert says in likes
        assert ada.do("toss")["data"] == {"item": says}
        assert same_for([ada, bo, cy], "coin_tossed")["data"] == {"item": says, "among": likes}
        assert cy.get(f"/sessions/{round_1['session']}")["outcome"]["tossed"] == says
        for one in (ada, bo, cy):
            one.do("ping", t=0)
            assert [f["type"] for f in one.frames if "seq" in f].count("coin_tossed") == 1


class TestDevices:
    def test_several_devices_count_once(self, three: Seated) -> None:
        (ada, bo, cy), round_1 = three
        tablet = ada.second_device()
        node = tablet.connect_to(round_1["session"], lambda node: node == bo.welcome["node"])
        assert node != ada.welcome["node"]
        assert tablet.welcome["snapshot"]["required"] == [ada.id, bo.id, cy.id]
        for device in (ada, tablet):
            assert device.do("vote", motion="skip_round", in_favour=True)["ok"]
        assert same_for([ada, tablet, bo, cy], "motion_opened")["data"]["needed"] == 2
        swipe(ada, round_1["deck"][0], "right")
        bo.told("swiped", participant_id=ada.id, swiped=1)
        swipe(tablet, round_1["deck"][1], "right")
        cy.told("swiped", participant_id=ada.id, swiped=2)
        for one in (ada, tablet, bo, cy):
            one.do("ping", t=0)
            kinds = [frame["type"] for frame in one.frames if "seq" in frame]
            assert not {"motion_voted", "motion_passed", "matched"} & set(kinds)
        for one in (bo, cy):
            swipe(one, round_1["deck"][1], "right")
        same_for([ada, tablet, bo, cy], "matched")

    def test_a_takeover_closes_the_other_device_in_another_process(self, three: Seated) -> None:
        (ada, bo, cy), round_1 = three
        tablet = ada.second_device()
        for _ in range(50):
            node = tablet.connect(round_1["session"], takeover=True)["node"]
            assert ada.close_code() == 4409
            if node != ada.welcome["node"]:
                break
            ada.connect(round_1["session"])
        assert node != ada.welcome["node"]
        swipe(tablet, round_1["deck"][0], "left")
        cy.told("swiped", participant_id=ada.id, swiped=1)
        for one in (bo, cy):
            assert one.do("ping", t=0)["ok"]
        assert cy.get(f"/sessions/{round_1['session']}")["participants"][0]["status"] == "connected"


def test_what_is_said_on_two_devices_at_once_is_said_once(three: Seated) -> None:
    (ada, bo, cy), round_1 = three
    tablet = ada.second_device()
    tablet.connect_to(round_1["session"], lambda node: node == bo.welcome["node"])
    ops = [ada.next_op_id() for _ in range(6)]
    replies: dict[Person, list[dict[str, Any]]] = {ada: [], tablet: []}
    barrier = threading.Barrier(2)

    def say(device: Person) -> None:
        for op_id in ops:
            barrier.wait()
            replies[device].append(device.do("chat", op_id=op_id, text=f"Pizza? {op_id}"))

    threads = [threading.Thread(target=say, args=(device,)) for device in replies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies[ada] == replies[tablet]
    said = [reply["data"]["message_id"] for reply in replies[ada]]
    again = ada.post(
        f"/sessions/{round_1['session']}/messages", {"op_id": ops[0], "text": f"Pizza? {ops[0]}"}
    )
    assert again == {"message_id": said[0]}
    assert bo.do("chat", text="Pizza.")["ok"]
    for one in (ada, tablet, bo, cy):
        one.told("chat", text="Pizza.")
        heard = [frame["data"]["message_id"] for frame in one.frames if frame.get("type") == "chat"]
        assert heard[:-1] == said
    kept = cy.get(f"/sessions/{round_1['session']}/messages")
    assert sorted(message["id"] for message in kept["items"][1:]) == sorted(said)
