"""What counts as an open invitation, and how groups come and go: pure."""

from __future__ import annotations

from dataclasses import replace

from client.net.values import Group, Member, Notification
from client.store import actions
from client.store.group_actions import (
    GroupEntered,
    GroupInvitationDropped,
    GroupLeft,
    GroupsAsked,
    GroupsFailed,
    GroupsLoaded,
    InboxRead,
    NotificationSeen,
    Notified,
)
from client.store.group_reducer import (
    MOST_NOTIFICATIONS,
    SessionInvitation,
    known_groups,
    session_invitations,
)
from client.store.listing import Fetched
from client.store.reducer import reduce
from client.store.state import AppState

FAMILY = Group("g1", "Family", "u1", (Member("u1", "Ada"),), "https://dindin.example/g/T", "s1")
FLAT = Group("g2", "Flat", "u1", (Member("u1", "Ada"),), "https://dindin.example/g/U")


def calling(number: int, session_id: str = "s1", **changes: object) -> Notification:
    about = {"session_id": session_id, "code": "K7M2QX", "host_name": "Ada", "group_name": "Family"}
    told = Notification(f"n{number}", "session_started", "Join in!", about, float(number))
    return replace(told, **changes)  # type: ignore[arg-type]  # changes are Notification's own fields


def invited(state: AppState) -> list[str]:
    return [one.notification_id for one in session_invitations(state)]


def test_a_session_of_ones_group_is_an_invitation_at_once() -> None:
    state = reduce(AppState(), Notified(calling(1)))
    assert session_invitations(state) == (SessionInvitation("n1", "s1", "K7M2QX", "Ada", "Family"),)
    assert reduce(state, Notified(calling(1))) is state


def test_other_news_and_news_without_a_code_invite_to_nothing() -> None:
    joined = calling(1, kind="group_joined")
    state = reduce(reduce(AppState(), Notified(joined)), Notified(calling(2, about={"session_id": "s1"})))
    assert (len(state.notifications), invited(state)) == (2, [])


def test_the_newest_comes_first_and_there_are_not_endlessly_many() -> None:
    state = AppState()
    for number in range(MOST_NOTIFICATIONS + 5):
        state = reduce(state, Notified(calling(number)))
    assert len(state.notifications) == MOST_NOTIFICATIONS
    assert invited(state)[0] == f"n{MOST_NOTIFICATIONS + 4}"


def test_the_session_one_is_in_is_no_invitation() -> None:
    state = reduce(reduce(AppState(), Notified(calling(1))), actions.SessionOpened("s1"))
    assert invited(state) == []
    assert invited(reduce(state, actions.SessionLeft())) == ["n1"]


def test_what_was_seen_goes() -> None:
    state = reduce(reduce(AppState(), Notified(calling(1))), Notified(calling(2)))
    assert invited(reduce(state, NotificationSeen("n1"))) == ["n2"]


def test_the_inbox_tells_what_is_unread_and_not_over() -> None:
    page = (calling(4), calling(3, read=True), calling(2, "long over"), calling(1, kind="group_joined"))
    state = reduce(AppState(), InboxRead(page, (FAMILY, FLAT)))
    assert [one.id for one in state.notifications] == ["n4", "n1"]
    assert (invited(state), state.groups) == (["n4"], (FAMILY, FLAT))


def test_what_is_told_while_the_inbox_is_on_its_way_stays() -> None:
    told = reduce(AppState(), Notified(calling(9, "s2")))
    assert invited(reduce(told, InboxRead((calling(4),), (FAMILY,)))) == ["n9", "n4"]
    assert invited(reduce(told, InboxRead((), ()))) == ["n9"]


def test_what_was_read_elsewhere_or_is_long_gone_goes_with_the_next_reading() -> None:
    state = reduce(reduce(AppState(), Notified(calling(1))), Notified(calling(4)))
    page = (calling(6, read=True), calling(4, read=True))
    assert invited(reduce(state, InboxRead(page, (FAMILY,)))) == []


def test_groups_are_entered_once_and_left() -> None:
    state = reduce(AppState(group_invitation="T"), GroupEntered(FLAT))
    assert (state.groups, state.group_invitation) == ((FLAT,), "")
    state = reduce(state, GroupEntered(FAMILY))
    assert state.groups == (FAMILY, FLAT)
    renamed = replace(FLAT, name="The flat")
    assert reduce(state, GroupEntered(renamed)).groups == (renamed, FAMILY)
    assert reduce(state, GroupLeft(FAMILY.id)).groups == (FLAT,)
    assert reduce(state, GroupsLoaded(())).groups == ()


def test_there_are_no_groups_only_once_the_server_says_so() -> None:
    state = AppState()
    assert known_groups(state) == Fetched(None, "loading")
    state = reduce(state, GroupsFailed("Not now."))
    assert known_groups(state) == Fetched(None, "failed", "Not now.")
    assert known_groups(reduce(state, GroupLeft(FLAT.id))).thing is None
    assert known_groups(reduce(state, GroupsAsked())) == Fetched(None, "loading")
    assert known_groups(reduce(state, GroupsLoaded(()))) == Fetched((), "loaded")
    assert known_groups(reduce(state, InboxRead((), (FLAT,)))) == Fetched((FLAT,), "loaded")


def test_known_groups_outlast_a_failure() -> None:
    state = reduce(AppState(groups=(FLAT,)), GroupsFailed("Not now."))
    assert known_groups(state) == Fetched((FLAT,), "failed", "Not now.")


def test_the_link_waits_for_somebody_to_log_in_until_it_is_dropped() -> None:
    state = reduce(AppState(group_invitation="T"), actions.SignedOut())
    assert state.group_invitation == "T"
    assert reduce(state, GroupInvitationDropped()).group_invitation == ""


def test_nothing_of_one_user_is_left_for_the_next() -> None:
    state = reduce(AppState(groups=(FAMILY,), groups_error="Not now."), Notified(calling(1)))
    state = reduce(state, actions.SignedOut())
    assert (state.groups, state.groups_error, state.notifications) == (None, "", ())
