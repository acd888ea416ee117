"""History, inbox, one group and one's name over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from client.net.api import ApiClient
from client.net.errors import BAD_ANSWER, ApiError
from client.net.people_api import PeopleApi
from client.net.people_values import Opinion
from client.net.tokens import FileTokens
from tests.client.net.examples import ANA, BEN, SESSION, group, notification
from tests.client.net.peer import HttpPeer
from tests.client.net.people_examples import decision, due, entry, page
from tests.client.net.test_account_api import Asked, noting

GROUP_ID = group()["id"]


@pytest.fixture
def api(http_peer: HttpPeer, tokens: FileTokens) -> Iterator[PeopleApi]:
    api = ApiClient(http_peer.url, tokens)
    yield PeopleApi(api.caller)
    api.close()


def test_the_history_comes_page_by_page(api: PeopleApi, http_peer: HttpPeer) -> None:
    rated = entry(rating=4, note="More lime.", group=None)
    http_peer.routes["GET /users/me/history?page=2&limit=30"] = lambda *_: (
        200, page([entry(), rated], 2, more=True),
    )  # fmt: skip
    found = api.history(2)
    assert (found.number, found.total, found.has_more) == (2, 31, True)
    first, second = found.rows
    assert (first.decision.id, first.decision.people, first.group_name) == (SESSION, ("Ana", "Ben"), "Home")
    assert first.opinion == Opinion()
    assert (second.opinion, second.group_name) == (Opinion(4, "More lime."), "")


def test_what_an_outcome_stands_for(api: PeopleApi, http_peer: HttpPeer) -> None:
    outcome = decision()["outcome"]
    first, second = outcome["items"][0], {**outcome["items"][0], "id": "2" * 24}
    tossed = {**outcome, "kind": "closest", "items": [first, second], "tossed": second["id"]}
    nothing = {**outcome, "kind": "closest", "items": []}
    items = [decision(), decision(outcome=tossed), decision(outcome=nothing)]
    http_peer.routes[f"GET /groups/{GROUP_ID}/history?page=1&limit=30"] = lambda *_: (200, page(items))
    cards = [one.card for one in api.group_history(GROUP_ID, 1).rows]
    assert [card and card.id for card in cards] == [first["id"], second["id"], None]


def test_an_opinion_is_kept_and_taken_back(api: PeopleApi, http_peer: HttpPeer) -> None:
    asked: Asked = []
    http_peer.routes[f"PUT /users/me/history/{SESSION}"] = noting(asked, (200, entry(rating=2)))
    assert api.rate(SESSION, Opinion(2, "Hm.")).opinion == Opinion(2)
    api.rate(SESSION, Opinion())
    assert [content for content, _ in asked] == [{"rating": 2, "note": "Hm."}, {"rating": None, "note": None}]


def test_the_server_hears_whether_it_was_cooked(api: PeopleApi, http_peer: HttpPeer) -> None:
    asked: Asked = []
    http_peer.routes["GET /sessions?limit=100"] = lambda *_: (200, due(SESSION))
    http_peer.routes[f"POST /sessions/{SESSION}/feedback"] = noting(asked, (200, {}))
    assert api.feedback_due() == {SESSION}
    api.follow_up(SESSION, followed_through=False)
    assert asked == [({"followed_through": False}, "access-1")]


def test_the_inbox_says_how_many_are_unread(api: PeopleApi, http_peer: HttpPeer) -> None:
    one = notification(1)
    http_peer.routes |= {
        "GET /users/me/notifications?page=1&limit=30": lambda *_: (200, page([one], unread=7)),
        f"POST /users/me/notifications/{one['id']}/read": lambda *_: (200, one),
        "POST /users/me/notifications/read": lambda *_: (204, None),
    }
    found = api.inbox(1)
    assert ([row.id for row in found.page.rows], found.unread) == ([one["id"]], 7)
    api.mark_read(one["id"])
    api.mark_all_read()
    assert http_peer.times_asked("POST /users/me/notifications/read") == 1


def test_a_group_is_looked_at_and_changed(api: PeopleApi, http_peer: HttpPeer) -> None:
    asked: Asked = []
    http_peer.routes |= {
        f"GET /groups/{GROUP_ID}": lambda *_: (200, group()),
        f"PATCH /groups/{GROUP_ID}": noting(asked, (200, group(name="Flat"))),
        f"POST /groups/{GROUP_ID}/invite": noting(
            asked, (200, group(invite_link="https://dindin.example/g/new"))
        ),
        f"DELETE /groups/{GROUP_ID}/members/{BEN}": noting(
            asked, (200, group(members=group()["members"][:1]))
        ),
    }
    assert [member.id for member in api.group(GROUP_ID).members] == [ANA, BEN]
    assert api.rename_group(GROUP_ID, "Flat").name == "Flat"
    assert api.renew_invite(GROUP_ID).invite_link.endswith("/new")
    assert [member.id for member in api.remove_member(GROUP_ID, BEN).members] == [ANA]
    assert [content for content, _ in asked] == [{"name": "Flat"}, {}, {}]


def test_another_name(api: PeopleApi, http_peer: HttpPeer) -> None:
    asked: Asked = []
    user = {"id": BEN, "email": None, "display_name": "Benno", "tier": "free"}
    http_peer.routes["PATCH /users/me"] = noting(asked, (200, user))
    assert api.rename_self("Benno").display_name == "Benno"
    assert asked == [({"display_name": "Benno"}, "access-1")]


def test_an_answer_without_its_fields_is_no_answer(api: PeopleApi, http_peer: HttpPeer) -> None:
    http_peer.routes["GET /users/me/history?page=1&limit=30"] = lambda *_: (200, {"items": []})
    with pytest.raises(ApiError) as refused:
        api.history(1)
    assert refused.value.code == BAD_ANSWER
