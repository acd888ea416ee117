"""Consents, exports, erasure and the record, through HTTP to the state and onto the disk."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from client.net.errors import UNAUTHENTICATED, ApiError
from client.net.privacy_api import PrivacyApi
from client.net.values import Consent, Preferences
from client.store import actions
from client.store.privacy.commands import PrivacyCommands
from client.store.privacy.state import Privacy, Proof
from client.store.privacy.watch import Waits
from tests.client.net.peer import HttpPeer, problem
from tests.client.net.people_examples import (
    EXPORT_ID,
    consent,
    consent_text,
    erasure,
    export,
    recorded,
)
from tests.client.store.conftest import WholeClient, signed_in
from tests.waiting import eventually

Routes = dict[str, Any]
EXPORTS = "GET /compliance/exports"
ASK = "POST /compliance/exports"
DOWNLOAD = f"POST /compliance/exports/{EXPORT_ID}/download"
ERASURE = "GET /compliance/erasure"
DOWN = problem(503, "busy", "Not now.")
WRONG = problem(403, "wrong_password", "That is not your password.")
QUICK = Waits(first=0.01, growth=2.0, longest=0.05)
DONE = export("done", 100, size_bytes=4)


class Citizen:
    """Somebody signed in, with the commands about privacy at hand, and a folder for downloads."""

    def __init__(self, client: WholeClient, downloads: Path) -> None:
        self.client = signed_in(client)
        self.downloads = downloads
        self.does = PrivacyCommands(
            store=client.store,
            api=PrivacyApi(client.api.caller),
            runner=client.commands.runner,
            downloads=downloads,
            on_erased=client.commands.end_here,
            waits=QUICK,
        )
        client.commands.before_end(self.does.stop)

    @property
    def privacy(self) -> Privacy:
        return self.client.state.privacy

    def sees(self, reached: Callable[[Privacy], object]) -> Privacy:
        return self.client.wait(lambda state: reached(state.privacy) and not state.busy).privacy

    def is_told(self, words: str) -> None:
        self.client.wait(lambda state: state.notice is not None and words in state.notice.text)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.downloads.iterdir())


@pytest.fixture
def citizen(client: WholeClient, routes: Routes, tmp_path: Path) -> Citizen:
    diet = consent("special_category", given=False, up_to_date=False)
    routes |= {
        "GET /compliance/consents": lambda *_: (200, {"items": [consent(), diet]}),
        EXPORTS: lambda *_: (200, {"items": [DONE]}),
        ERASURE: lambda *_: (200, {"status": "none"}),
    }
    for kind in ("terms", "privacy", "special_category"):
        routes[f"GET /compliance/consent-texts/{kind}"] = lambda *_, kind=kind: (200, consent_text(kind))
    downloads = tmp_path / "Downloads"
    downloads.mkdir()
    return Citizen(client, downloads)


# Consents


def with_consents(citizen: Citizen) -> Citizen:
    citizen.does.load_consents()
    citizen.sees(lambda privacy: privacy.consents.status == "loaded")
    return citizen


def test_consents_come_with_their_texts(citizen: Citizen) -> None:
    with_consents(citizen)
    assert [one.given for one in citizen.privacy.consents.thing or ()] == [True, False]
    assert set(citizen.client.state.texts) >= {"terms", "privacy", "special_category"}


def test_one_agrees_to_the_words_that_were_shown(citizen: Citizen, routes: Routes) -> None:
    asked = []

    def decide(content: dict[str, Any], _token: str | None) -> Any:
        asked.append(content)
        return 200, consent("special_category")

    routes["PUT /compliance/consents"] = decide
    with_consents(citizen).does.agree("special_category")
    seen = citizen.sees(lambda privacy: all(one.given for one in privacy.consents.thing or ()))
    assert len(seen.consents.thing or ()) == 2
    assert asked == [{"kind": "special_category", "given": True, "version": "2025-11-23"}]
    assert citizen.client.state.diet_consent == Consent("special_category", given=True, up_to_date=True)


def test_words_that_have_changed_are_read_again(
    citizen: Citizen, routes: Routes, http_peer: HttpPeer
) -> None:
    routes["PUT /compliance/consents"] = lambda *_: problem(
        409, "consent_outdated", "The words have changed."
    )
    with_consents(citizen).does.agree("terms")
    citizen.is_told("The words have changed.")
    eventually(lambda: http_peer.times_asked("GET /compliance/consents") == 2)


def test_diet_and_allergies_go_with_their_consent(citizen: Citizen, routes: Routes) -> None:
    known = Preferences(("vegan",), ("nuts",), liked_cuisines=("Thai",))
    citizen.client.store.dispatch(actions.PreferencesLoaded(known))
    routes["PUT /compliance/consents"] = lambda *_: (
        200, consent("special_category", given=False, up_to_date=False, withdrawn_at="2025-11-24T20:00:00.000Z"),
    )  # fmt: skip
    with_consents(citizen).does.withdraw("special_category")
    state = citizen.client.wait(lambda state: state.diet_consent)
    assert state.preferences == Preferences(liked_cuisines=("Thai",))
    assert state.diet_consent == Consent("special_category")


def test_consents_that_do_not_come_say_why(citizen: Citizen, routes: Routes) -> None:
    routes["GET /compliance/consents"] = lambda *_: DOWN
    citizen.does.load_consents()
    assert citizen.sees(lambda privacy: privacy.consents.error).consents.error == "Not now."


# Exports


def test_an_export_is_followed_until_it_is_done(
    citizen: Citizen, routes: Routes, http_peer: HttpPeer
) -> None:
    steps: Queue[Any] = Queue()
    for step in (export("queued", 0), DOWN, export("running", 40), export("running", 80), DONE):
        steps.put(step)

    def look(*_: Any) -> Any:
        step = steps.get_nowait()
        return step if isinstance(step, tuple) else (200, {"items": [step]})

    routes |= {ASK: lambda *_: (202, export("queued", 0)), EXPORTS: look}
    shown: list[int] = []
    citizen.client.store.subscribe(
        lambda state: state.privacy.exports.thing,
        lambda exports: shown.append(exports[0].progress) if exports else None,
    )
    citizen.does.ask_for_export("long enough")
    seen = citizen.sees(lambda privacy: privacy.exports.thing and not privacy.exports.thing[0].under_way)
    assert seen.proof == Proof("export", "taken")
    assert shown == [0, 40, 80, 100]
    # It has ended by itself: nobody takes a sixth step.
    asked = http_peer.times_asked(EXPORTS)
    citizen.does.stop_watching()
    assert (asked, steps.empty()) == (5, True)


def test_nobody_looks_any_more_once_the_screen_is_left(
    citizen: Citizen, routes: Routes, http_peer: HttpPeer
) -> None:
    routes[EXPORTS] = lambda *_: (200, {"items": [export()]})
    citizen.does.watch_exports()
    eventually(lambda: http_peer.times_asked(EXPORTS) >= 3)
    citizen.does.stop_watching()
    eventually(lambda: "exports" not in [thread.name for thread in threading.enumerate()])


def test_nobody_looks_any_more_once_the_log_in_is_over(
    citizen: Citizen, routes: Routes, http_peer: HttpPeer
) -> None:
    routes[EXPORTS] = lambda *_: problem(401, "unauthenticated", "Log in again.")
    citizen.does.watch_exports()
    eventually(lambda: http_peer.times_asked(EXPORTS) >= 1)
    eventually(lambda: "exports" not in [thread.name for thread in threading.enumerate()])


def test_the_waits_grow_while_nothing_moves() -> None:
    waits = Waits(first=1, growth=2, longest=5)
    assert [waits.after(last) for last in (1, 2, 4, 5)] == [2, 4, 5, 5]


@pytest.mark.parametrize(
    ("answer", "proof"),
    [
        (WRONG, Proof("export", "refused", "That is not your password.")),
        (
            problem(403, "log_in_again", "Log in again first."),
            Proof("export", "refused", "Log in again first.", log_in_again=True),
        ),
    ],
    ids=["wrong password", "log-in not fresh"],
)
def test_who_cannot_prove_it_is_told_at_the_field(
    citizen: Citizen, routes: Routes, answer: Any, proof: Proof
) -> None:
    routes[ASK] = lambda *_: answer
    citizen.does.ask_for_export("wrong")
    seen = citizen.sees(lambda privacy: privacy.proof.status == "refused")
    assert seen.proof == proof
    citizen.does.drop_proof()
    assert citizen.privacy.proof == Proof()


def with_export(citizen: Citizen) -> Citizen:
    citizen.does.load_exports()
    citizen.sees(lambda privacy: privacy.exports.thing)
    return citizen


def test_an_archive_is_saved_for_its_owner_alone_and_over_nothing(citizen: Citizen, routes: Routes) -> None:
    routes[DOWNLOAD] = lambda *_: (200, b"PK\x03\x04")
    for _ in range(2):
        with_export(citizen).does.download_export(EXPORT_ID, "long enough")
        seen = citizen.sees(lambda privacy: privacy.saved and privacy.download is None)
    first, second = "DinDin 2025-11-24 (2).zip", "DinDin 2025-11-24.zip"
    assert citizen.files() == [first, second]
    saved = citizen.downloads / second
    assert saved.read_bytes() == b"PK\x03\x04"
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert (seen.saved[EXPORT_ID], seen.proof.status) == (str(citizen.downloads / first), "taken")


@pytest.mark.parametrize("answer", [WRONG, problem(410, "export_expired", "It is gone.")])
def test_a_refused_download_leaves_nothing(citizen: Citizen, routes: Routes, answer: Any) -> None:
    routes[DOWNLOAD] = lambda *_: answer
    with_export(citizen).does.download_export(EXPORT_ID, "wrong")
    seen = citizen.sees(lambda privacy: privacy.proof.status == "refused")
    assert (seen.proof.error, seen.saved, seen.download) == (answer[1]["detail"], {}, None)
    assert citizen.files() == []


def test_a_folder_that_takes_no_files_is_said(citizen: Citizen, routes: Routes) -> None:
    routes[DOWNLOAD] = lambda *_: (200, b"PK")
    citizen.downloads.rmdir()
    citizen.downloads.write_text("a file in its place")
    with_export(citizen).does.download_export(EXPORT_ID, "long enough")
    citizen.is_told(f"It could not be saved in {citizen.downloads}")
    assert citizen.sees(lambda privacy: privacy.download is None).saved == {}


# Erasure


def test_an_erasure_is_asked_for_and_cancelled(citizen: Citizen, routes: Routes) -> None:
    asked = []

    def ask(content: dict[str, Any], _token: str | None) -> Any:
        asked.append(content)
        return 202, erasure()

    routes |= {"POST /compliance/erasure": ask, "DELETE /compliance/erasure": lambda *_: (204, None)}
    citizen.does.ask_for_erasure("long enough", False)
    seen = citizen.sees(lambda privacy: privacy.erasure.thing)
    assert seen.erasure.thing is not None
    assert (seen.erasure.thing.status, seen.erasure.thing.receipt_id) == ("scheduled", "r-1")
    assert asked == [{"password": "long enough", "immediately": False}]
    citizen.does.cancel_erasure()
    citizen.is_told("Your account stays")
    seen = citizen.sees(lambda privacy: privacy.erasure.thing)
    assert seen.erasure.thing is not None
    assert seen.erasure.thing.status == "none"


def test_who_goes_at_once_is_signed_out_with_the_receipt(citizen: Citizen, routes: Routes) -> None:
    routes["POST /compliance/erasure"] = lambda *_: (202, erasure("running"))
    citizen.does.ask_for_erasure("long enough", True)
    state = citizen.client.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    assert "r-1" in (state.auth.error or "")
    assert state.privacy == Privacy()
    assert citizen.client.tokens.load() is None


def test_the_receipt_is_told_whoever_notices_the_end_first(citizen: Citizen, routes: Routes) -> None:
    def ask(*_: Any) -> Any:
        citizen.client.store.dispatch(actions.SignedOut("Your log-in has ended."))
        return 202, erasure("running")

    routes["POST /compliance/erasure"] = ask
    citizen.does.ask_for_erasure("long enough", True)
    citizen.client.wait(lambda state: "r-1" in (state.auth.error or "") and not state.busy)
    citizen.client.commands.runner.show(ApiError(401, UNAUTHENTICATED, "Your log-in has ended."))
    assert "r-1" in (citizen.client.state.auth.error or "")


def test_too_late_to_stay(citizen: Citizen, routes: Routes) -> None:
    routes["DELETE /compliance/erasure"] = lambda *_: problem(409, "erasure_begun", "It has begun already.")
    citizen.does.cancel_erasure()
    citizen.is_told("It has begun already.")


# The record


def test_the_record_is_read_to_its_end(citizen: Citizen, routes: Routes) -> None:
    routes |= {
        "GET /compliance/audit?limit=30": lambda *_: (200, {"items": [recorded()], "next": "c2"}),
        "GET /compliance/audit?limit=30&cursor=c2": lambda *_: (
            200, {"items": [recorded("live.opened")], "next": None},
        ),
    }  # fmt: skip
    citizen.does.load_record()
    assert citizen.sees(lambda privacy: privacy.record.rows).record.next_page == 2
    citizen.does.load_more_record()
    seen = citizen.sees(lambda privacy: len(privacy.record.rows) == 2)
    assert ([one.action for one in seen.record.rows], seen.record.next_page) == (
        ["auth.log_in", "live.opened"],
        None,
    )
    citizen.does.load_more_record()
    # From the beginning again: what was there is replaced.
    citizen.does.load_record()
    assert len(citizen.sees(lambda privacy: privacy.record_cursor == "c2").record.rows) == 1
