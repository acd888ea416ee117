"""What the user agrees to: through the wire to the state, and from there into what is sent."""

from __future__ import annotations

from typing import Any

import pytest

from client.net.values import Consent, ConsentText, Preferences
from client.store import actions
from tests.client.net.peer import Route, problem
from tests.client.store.conftest import TOKENS, USER, WholeClient, signed_in

Routes = dict[str, Route]
KINDS = ("terms", "privacy", "special_category")
AGREED = Consent("special_category", given=True, up_to_date=True)
NOT_AGREED = Consent("special_category")


def text(kind: str, version: str = "2026-11-23") -> dict[str, str]:
    return {"kind": kind, "version": version, "text": f"# About {kind}\n", "sha256": "0"}


def consent(given: bool) -> dict[str, Any]:
    return {"kind": "special_category", "given": given, "up_to_date": given}


@pytest.fixture
def decisions(routes: Routes) -> list[dict[str, Any]]:
    """What the server was told; it has the texts, and does as it is told."""
    told: list[dict[str, Any]] = []

    def decide(content: dict[str, Any], _token: str | None) -> tuple[int, Any]:
        told.append(content)
        return 200, consent(content["given"])

    for kind in KINDS:
        routes[f"GET /compliance/consent-texts/{kind}"] = lambda *_, kind=kind: (200, text(kind))
    routes["GET /compliance/consents"] = lambda *_: (
        200,
        {"items": [{"kind": "terms", "given": True, "up_to_date": True}, consent(bool(told))]},
    )
    routes["PUT /compliance/consents"] = decide
    return told


def asked(client: WholeClient) -> WholeClient:
    """Signed in, and shown what is asked about diet and allergies."""
    signed_in(client).commands.load_diet_consent()
    client.wait(lambda state: state.diet_consent and not state.busy)
    return client


def test_the_question_and_how_one_stands_to_it_are_loaded(
    client: WholeClient, decisions: list[dict[str, Any]]
) -> None:
    assert asked(client).state.diet_consent == NOT_AGREED
    assert client.state.texts["special_category"] == ConsentText(
        "special_category", "2026-11-23", "# About special_category\n"
    )
    assert decisions == []


def test_agreeing_names_the_words_that_were_shown(
    client: WholeClient, decisions: list[dict[str, Any]]
) -> None:
    asked(client).commands.agree_to_diet()
    client.wait(lambda state: state.diet_consent == AGREED)
    assert decisions == [{"kind": "special_category", "given": True, "version": "2026-11-23"}]


def test_nobody_agrees_to_words_that_were_not_shown(
    client: WholeClient, decisions: list[dict[str, Any]]
) -> None:
    signed_in(client).commands.agree_to_diet()
    assert not client.state.busy
    assert decisions == []


def test_words_that_changed_are_shown_before_anybody_agrees(
    client: WholeClient, routes: Routes, decisions: list[dict[str, Any]]
) -> None:
    asked(client)
    routes["PUT /compliance/consents"] = lambda *_: problem(409, "consent_outdated", "The text changed.")
    newer = text("special_category", "2027-01-31")
    routes["GET /compliance/consent-texts/special_category"] = lambda *_: (200, newer)
    client.commands.agree_to_diet()
    state = client.wait(
        lambda state: state.texts["special_category"].version == "2027-01-31" and not state.busy
    )
    assert state.diet_consent == NOT_AGREED
    assert state.notice is not None
    assert state.notice.text == "The text changed."
    assert decisions == []


def test_taking_it_back_empties_what_is_shown(client: WholeClient, decisions: list[dict[str, Any]]) -> None:
    asked(client)
    client.store.dispatch(actions.PreferencesLoaded(Preferences(("vegan",), ("nuts",), max_price=2)))
    client.commands.withdraw_diet()
    state = client.wait(lambda state: state.notice and not state.busy)
    assert decisions == [{"kind": "special_category", "given": False}]
    assert state.preferences == Preferences(max_price=2)
    assert state.notice is not None
    assert state.notice.text == "Your diet and allergies are deleted."


def test_without_the_server_nothing_is_said_to_be_deleted(
    client: WholeClient, routes: Routes, decisions: list[dict[str, Any]]
) -> None:
    asked(client)
    kept = Preferences(("vegan",), ("nuts",))
    client.store.dispatch(actions.PreferencesLoaded(kept))
    routes["PUT /compliance/consents"] = lambda *_: (503, b"")
    client.commands.withdraw_diet()
    state = client.wait(lambda state: state.notice and not state.busy)
    assert state.preferences == kept
    assert state.notice is not None
    assert state.notice.kind == "error"
    assert decisions == []


def test_a_consent_that_is_gone_by_now_is_asked_for_again(
    client: WholeClient, routes: Routes, decisions: list[dict[str, Any]]
) -> None:
    asked(client).commands.agree_to_diet()
    client.wait(lambda state: state.diet_consent == AGREED and not state.busy)
    decisions.clear()  # withdrawn on another device
    routes["PUT /users/me/preferences"] = lambda *_: problem(409, "consent_needed", "Agree first.")
    client.commands.save_preferences(Preferences(("vegan",)))
    state = client.wait(lambda state: state.diet_consent == NOT_AGREED and not state.busy)
    assert state.notice is not None
    assert state.notice.text == "Agree first."


class TestComingIn:
    @pytest.fixture
    def sent(self, routes: Routes) -> list[dict[str, Any]]:
        """The bodies with which people came in."""
        bodies: list[dict[str, Any]] = []

        def let_in(content: dict[str, Any], _token: str | None) -> tuple[int, Any]:
            bodies.append(content)
            return 200, {**TOKENS, "user": USER}

        for path in ("register", "guest", "claim"):
            routes[f"POST /auth/{path}"] = let_in
        return bodies

    def test_everybody_accepts_what_they_were_shown(
        self, client: WholeClient, decisions: list[dict[str, Any]], sent: list[dict[str, Any]]
    ) -> None:
        client.commands.load_texts()
        client.wait(lambda state: len(state.texts) == 2 and not state.busy)
        client.commands.register("ben@example.com", "long enough", "Ben")
        client.wait(lambda state: state.auth.status == "signed_in" and not state.busy)
        client.commands.claim("ben@example.com", "long enough")
        client.wait(lambda state: state.notice and not state.busy)
        client.commands.enter_as_guest("Ben")
        client.wait(lambda state: len(sent) == 3 and not state.busy)
        assert [body["accepted"] for body in sent] == [{"terms": "2026-11-23", "privacy": "2026-11-23"}] * 3
        assert decisions == []

    def test_where_the_texts_have_not_come_nobody_is_said_to_accept_them(
        self, client: WholeClient, routes: Routes, sent: list[dict[str, Any]]
    ) -> None:
        routes["GET /compliance/consent-texts/terms"] = lambda *_: (503, b"")
        client.commands.load_texts()
        client.wait(lambda state: not state.busy)
        assert client.state.notice is None
        client.commands.register("ben@example.com", "long enough", "Ben")
        client.wait(lambda state: state.auth.status == "signed_in" and not state.busy)
        assert "accepted" not in sent[0]

    def test_words_that_changed_meanwhile_are_read_again(
        self, client: WholeClient, routes: Routes, decisions: list[dict[str, Any]]
    ) -> None:
        client.commands.load_texts()
        client.wait(lambda state: len(state.texts) == 2 and not state.busy)
        routes["GET /compliance/consent-texts/terms"] = lambda *_: (200, text("terms", "2027-01-31"))
        routes["POST /auth/register"] = lambda *_: problem(409, "consent_outdated", "The terms changed.")
        client.commands.register("ben@example.com", "long enough", "Ben")
        state = client.wait(lambda state: state.texts["terms"].version == "2027-01-31" and not state.busy)
        assert state.auth.error == "The terms changed."
        assert decisions == []


def test_one_user_s_consent_is_not_left_for_the_next(
    client: WholeClient, decisions: list[dict[str, Any]]
) -> None:
    asked(client).commands.agree_to_diet()
    client.wait(lambda state: state.diet_consent == AGREED and not state.busy)
    client.commands.log_out()
    state = client.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    assert state.diet_consent is None
    assert "special_category" in state.texts
    assert len(decisions) == 1
