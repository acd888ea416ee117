"""What a group's members are told: a sentence for people, and what a program needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bson import ObjectId

from backend.groups import news
from backend.groups.store import Group, Member
from backend.notifications.kinds import Kind, News

NOW = datetime(2026, 5, 1, 18, 30, tzinfo=UTC)
ADA, BO, CY = ObjectId(), ObjectId(), ObjectId()
GROUP = Group(
    id=ObjectId(),
    name="The flat",
    owner_id=ADA,
    token="a" * 32,
    members=(Member(ADA, NOW), Member(BO, NOW + timedelta(seconds=1))),
    created_at=NOW,
)


def every_news() -> list[News]:
    return [
        news.session_started(GROUP, ADA, "Ada", ObjectId(), "K7M2QX"),
        news.joined(GROUP, BO, "Bo"),
        news.removed(GROUP),
        news.deleted(GROUP),
        news.owned(GROUP),
    ]


def test_all_kinds_are_told_by_somebody() -> None:
    assert [one.kind for one in every_news()] == list(Kind)


def test_each_says_which_group_it_is_about_and_never_its_secret() -> None:
    for one in every_news():
        assert (one.data["group_id"], one.data["group_name"]) == (str(GROUP.id), "The flat")
        assert "The flat" in one.text
        assert one.text.endswith((".", "!"))
        assert GROUP.token not in f"{one.key} {one.text} {dict(one.data)}"


def test_the_same_session_and_the_same_joining_have_the_same_key() -> None:
    session_id = ObjectId()
    first, again = (news.session_started(GROUP, ADA, "Ada", session_id, "K7M2QX") for _ in range(2))
    assert first.key == again.key
    assert news.joined(GROUP, BO, "Bo").key == news.joined(GROUP, BO, "Bobby").key
    assert news.deleted(GROUP).key == news.deleted(GROUP).key


def test_coming_back_is_news_again() -> None:
    later = Group(
        id=GROUP.id,
        name=GROUP.name,
        owner_id=ADA,
        token=GROUP.token,
        members=(Member(ADA, NOW), Member(BO, NOW + timedelta(days=1))),
        created_at=NOW,
    )
    assert news.joined(GROUP, BO, "Bo").key != news.joined(later, BO, "Bo").key
    assert news.removed(GROUP).key != news.removed(GROUP).key


def test_others_are_those_who_were_there_longest_first() -> None:
    assert GROUP.others(ADA) == (BO,)
    assert GROUP.others(CY) == (ADA, BO)
    assert (GROUP.has(BO), GROUP.has(CY)) == (True, False)
