"""The simulated friends: what they do over the wire, and what is shown of it."""

from __future__ import annotations

import json
import random
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from client.demo import main, parse_wishes
from client.demo_friend import Friend, Temper
from client.demo_view import Scene
from client.net import signals
from client.net.fields import Fields
from client.net.frames import parse
from client.net.reading import read_snapshot
from tests.client.net.examples import ANA, BEN, EVENTS, SESSION, accepted, card, event, snapshot, welcome
from tests.client.net.peer import HttpPeer, SocketPeer

ACCOUNT = {
    "access_token": "access-1",
    "refresh_token": "refresh-1",
    "token_type": "Bearer",
    "expires_in": 900,
    "user": {"id": BEN, "email": "x@example.com", "display_name": "Mia", "tier": "free"},
}


def test_people_take_one_to_four_seconds_and_like_most_cards() -> None:
    temper = Temper(random.Random(7))
    waits = sorted(temper.thinking_seconds() for _ in range(2000))
    assert waits[0] >= 1.0
    assert waits[-1] <= 4.0
    assert 1.7 < waits[1000] < 2.3
    ways = [temper.direction() for _ in range(2000)]
    assert 0.55 < ways.count("right") / 2000 < 0.65
    assert set(ways) == {"right", "left", "up"}
    assert replace(temper, speed=4.0).thinking_seconds() <= 1.0


def test_a_friend_votes_gets_ready_swipes_every_card_and_stops_at_the_match(
    http_peer: HttpPeer, socket_peer: SocketPeer, tmp_path: Path
) -> None:
    named = []
    http_peer.routes |= {
        "POST /auth/guest": lambda content, _: (named.append(content), (201, ACCOUNT))[1],
        "POST /sessions/join": lambda *_: (200, snapshot()),
        f"GET /sessions/{SESSION}/deck": lambda *_: (
            200,
            {"round": 1, "items": [card(1), card(2), card(3)], "swiped": [card(2)["id"]]},
        ),
    }
    scene = Scene("demo")
    friend = Friend(
        "Mia",
        server=http_peer.url,
        live_url=socket_peer.url,
        folder=tmp_path,
        temper=Temper(random.Random(1), speed=200.0),
        watch=scene.watch,
    )
    friend.come_as_guest()
    scene.enter(friend.join("K7M2QX"))
    playing = threading.Thread(target=friend.play)
    playing.start()
    peer = socket_peer.hear()["socket"]
    people = [{**person, "energy_voted": False} for person in snapshot()["participants"]]
    peer.send(welcome(seq=2, participants=people))
    vote = peer.expect()
    assert vote["op"] == "energy"
    ready = peer.expect()
    assert (ready["op"], ready["data"]) == ("ready", {"ready": True})
    peer.send(accepted(vote), accepted(ready), event(3, "ready_changed", ready=False))
    assert peer.expect()["op"] == "ready"
    peer.send(event(4, "round_started"))
    swipes = [peer.expect(), peer.expect()]
    assert [swipe["data"]["item"] for swipe in swipes] == [card(1)["id"], card(3)["id"]]
    assert peer.hear_nothing(0.1)
    peer.send(event(5, "matched"))
    playing.join(10)
    assert not playing.is_alive()
    friend.leave()
    assert scene.outcome is not None
    assert named == [{"display_name": "Mia"}]


def test_a_friend_plays_later_rounds_agrees_to_motions_and_goes_on_after_a_break(
    http_peer: HttpPeer, socket_peer: SocketPeer, tmp_path: Path
) -> None:
    decks = {1: [1, 2, 3], 2: [4, 5]}
    number = 1
    http_peer.routes |= {
        "POST /auth/guest": lambda *_: (201, ACCOUNT),
        "POST /sessions/join": lambda *_: (200, snapshot()),
        f"GET /sessions/{SESSION}/deck": lambda *_: (
            200,
            {"round": number, "items": [card(index) for index in decks[number]], "swiped": []},
        ),
    }
    friend = Friend(
        "Mia",
        server=http_peer.url,
        live_url=socket_peer.url,
        folder=tmp_path,
        temper=Temper(random.Random(1), speed=200.0),
        watch=Scene("demo").watch,
    )
    friend.come_as_guest()
    friend.join("K7M2QX")
    playing = threading.Thread(target=friend.play)
    playing.start()
    peer = socket_peer.hear()["socket"]
    pause = {"reason": "vote", "remaining_ms": 60_000}
    peer.send(welcome(seq=2, status="paused", round=1, pause=pause))
    vote = peer.expect()
    assert (vote["op"], vote["data"]) == ("vote", {"motion": "resume", "in_favour": True})
    assert peer.hear_nothing(0.1)  # nobody swipes while the clock stands
    peer.send(event(3, "resumed"))
    assert [peer.expect()["data"]["item"] for _ in range(3)] == [card(index)["id"] for index in decks[1]]
    number = 2
    peer.send(event(4, "round_started", round=2, deck=[], deck_sizes={BEN: 2}))
    assert [peer.expect()["data"]["item"] for _ in range(2)] == [card(index)["id"] for index in decks[2]]
    peer.send(event(5, "motion_opened", motion="end_now"), event(6, "motion_voted", motion="end_now"))
    vote = peer.expect()
    assert vote["data"] == {"motion": "end_now", "in_favour": True}
    assert peer.hear_nothing(0.1)  # once is enough
    peer.send(event(7, "closest"))
    playing.join(10)
    assert not playing.is_alive()
    friend.leave()


def test_a_friend_who_comes_too_late_only_watches(
    http_peer: HttpPeer, socket_peer: SocketPeer, tmp_path: Path
) -> None:
    http_peer.routes |= {
        "POST /auth/guest": lambda *_: (201, ACCOUNT),
        "POST /sessions/join": lambda *_: (200, snapshot()),
    }
    temper = Temper(random.Random(1), speed=200.0)
    friend = Friend(
        "Mia",
        server=http_peer.url,
        live_url=socket_peer.url,
        folder=tmp_path,
        temper=temper,
        watch=Scene("").watch,
    )
    friend.come_as_guest()
    friend.join("K7M2QX")
    playing = threading.Thread(target=friend.play)
    playing.start()
    peer = socket_peer.hear()["socket"]
    watching = [{**person, "spectator": True} for person in snapshot()["participants"]]
    peer.send(welcome(seq=2, status="swiping", round=2, participants=watching))
    assert peer.hear_nothing(0.1)
    friend.stop()
    playing.join(10)
    http_peer.routes[f"POST /sessions/{SESSION}/leave"] = lambda *_: (200, {"ok": True})
    friend.leave()


def test_the_scene_tells_of_breaks_and_talk() -> None:
    scene = Scene("demo")
    scene.enter(read_snapshot(Fields(snapshot(seq=2, status="swiping", round=1), "snapshot")))
    happened: dict[str, dict[str, Any]] = {
        "motion_opened": {"motion": "pause", "opened_by": ANA, "in_favour": [ANA], "needed": 2},
        "paused": {"reason": "vote", "remaining_ms": 123_000},
        "chat": {"participant_id": ANA, "text": "Tacos?"},
        "reaction": {"participant_id": ANA},
        "participant_gone": {"participant_id": ANA},
        "participant_back": {"participant_id": ANA},
    }
    for kind, content in happened.items():
        for parsed in parse(json.dumps(event(3, kind, **content))):
            scene.watch(signals.EventReceived("1", replace(parsed, seq=None)))
    shown = rendered(scene)
    for part in (
        "Ana wants to take a break: 1 of 2",
        "The clock stands",
        "Ana: Tacos?",
        "Ana is back",
        "2:03",
    ):
        assert part in shown


def test_the_scene_shows_people_progress_events_and_the_match() -> None:
    scene = Scene("demo")
    scene.enter(read_snapshot(Fields(snapshot(seq=2), "snapshot")))
    lobby = rendered(scene)
    assert "K7M2QX" in lobby
    assert "voted" in lobby
    for example in EVENTS:
        if example["type"] in {"participant_joined", "round_started", "swiped", "progress", "matched"}:
            for parsed in parse(json.dumps(example)):
                scene.watch(signals.EventReceived("1", parsed))
    shown = rendered(scene)
    for part in ("Ana ★", "2/3", "Round 1 begins", "Ben joined", "It's a match", "Shakshuka"):
        assert part in shown


def rendered(scene: Scene) -> str:
    console = Console(width=100, force_terminal=False)
    with console.capture() as captured:
        console.print(scene)
    return captured.get()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["ABC234", "--auto"],
        ["--auto", "--friends", "1"],
        ["ABC234", "--friends", "5"],
        ["ABC234", "--speed", "0"],
    ],
)
def test_a_command_line_that_makes_no_sense_is_explained(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse_wishes(arguments)
    assert "error:" in capsys.readouterr().err


def test_two_friends_join_and_three_play_alone() -> None:
    assert parse_wishes(["ABC234"]).friends == 2
    assert parse_wishes(["--auto"]).friends == 3


def test_without_a_server_there_is_one_clear_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ABC234", "--server", "http://127.0.0.1:9"]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "The DinDin server at 127.0.0.1:9 cannot be reached." in shown
    assert "make run" in shown
    assert main(["ABC234", "--server", "nonsense"]) == 2


def test_a_wrong_code_is_said_in_the_servers_words(
    http_peer: HttpPeer, capsys: pytest.CaptureFixture[str]
) -> None:
    http_peer.routes["POST /auth/guest"] = lambda *_: (201, ACCOUNT)
    assert main(["ZZZZZZ", "--friends", "1", "--server", http_peer.url]) == 1
    assert "No." in capsys.readouterr().out
