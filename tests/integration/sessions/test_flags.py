"""What flags switch, in the services that ask them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import svcs
from flask.testing import FlaskClient

from backend.catalog.service import CatalogService
from backend.config import Settings
from backend.infra.flags import Flag, FlagProvider, Flags, flags_of
from backend.infra.mongo import MongoDatabase
from tests.conftest import Account
from tests.integration.sessions.test_over_http import begin, created
from tests.integration.sessions.test_rounds import deck_of, swipe_all, view
from tests.waiting import eventually

Register = Callable[..., Account]
Switch = Callable[[Flag, bool], None]


def test_settings_say_which(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "flags.toml"
    file.write_text("guests = false\nsponsored_cards = false")
    changed = {"flags_file": str(file), "flag_guests": "true", "flag_reconsideration": ""}
    flags = flags_of(Settings(_env_file=None, **{**settings.model_dump(), **changed}))
    assert flags.is_on(Flag.GUESTS)
    assert not flags.is_on(Flag.SPONSORED_CARDS)
    assert flags.is_on(Flag.RECONSIDERATION)


@pytest.fixture
def switch(services: svcs.Container, monkeypatch: pytest.MonkeyPatch) -> Switch:
    """Switch a flag of the app under test, until the test ends."""
    flags = services.get(Flags)

    def switch(flag: Flag, on: bool) -> None:
        monkeypatch.setattr(flags, "_client", Flags(FlagProvider({flag.key: on}))._client)

    return switch


def test_guests(client: FlaskClient, switch: Switch) -> None:
    def enter() -> tuple[int, str]:
        answer = client.post("/api/v1/auth/guest", json={"display_name": "Gil"})
        return answer.status_code, answer.get_json().get("code", "")

    switch(Flag.GUESTS, False)
    assert enter() == (403, "guests_off")
    switch(Flag.GUESTS, True)
    assert enter() == (201, "")


@pytest.fixture
def many_sponsored(services: svcs.Container) -> Iterator[None]:
    """Of the restaurants only twenty are not sponsored; two of twenty in a deck may be then."""
    places = services.get(MongoDatabase).restaurants
    before = {on: [found["_id"] for found in places.find({"sponsored": on})] for on in (True, False)}
    places.update_many({"_id": {"$nin": before[False][:20]}}, {"$set": {"sponsored": True}})
    services.get(CatalogService).changed()
    yield
    for on, ids in before.items():
        places.update_many({"_id": {"$in": ids}}, {"$set": {"sponsored": on}})
    services.get(CatalogService).changed()


@pytest.mark.usefixtures("many_sponsored")
def test_sponsored_cards(register: Register, switch: Switch) -> None:
    def sponsored() -> int:
        ada, bo = register("Ada"), register("Bo")
        session = created(ada, menu="restaurants", deck_size=20)
        bo.post("/sessions/join", {"code": session["code"]})
        assert len(begin(ada, bo, session)) == 20
        return sum(card["sponsored"] for card in deck_of(ada, session)["items"])

    switch(Flag.SPONSORED_CARDS, True)
    assert sponsored() == 2
    switch(Flag.SPONSORED_CARDS, False)
    assert sponsored() == 0


@pytest.mark.parametrize(("on", "following"), [(True, 2), (False, 3)])
def test_reconsideration(register: Register, switch: Switch, on: bool, following: int) -> None:
    switch(Flag.RECONSIDERATION, on)
    ada, bo = register("Ada"), register("Bo")
    session = created(ada, deck_size=5, rounds=[600, 600, 600])
    bo.post("/sessions/join", {"code": session["code"]})
    deck = begin(ada, bo, session)
    for account, liked in ((ada, deck[0]), (bo, deck[1])):
        swipe_all(account, session, {liked: "right"})
    eventually(lambda: view(ada, session)["round"] == following)
