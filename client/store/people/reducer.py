"""How past sessions, inbox, open group and name change. Pure, and harmless when something is told twice."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from client.net.paging import Page
from client.net.people_values import HistoryEntry, Opinion
from client.net.values import Group, Notification
from client.store import actions, group_actions
from client.store.listing import Listing, Row, fetched
from client.store.people import actions as people_actions
from client.store.people.state import NameForm, OpenGroup, People
from client.store.state import AppState


def with_people_action(state: AppState, action: actions.Action) -> AppState:
    """The state after something happened to what is known of people; any other action changes nothing."""
    people = _with_history(state.people, action)
    people = _with_inbox(people, action)
    people = _with_muted(people, action)
    people = _with_open_group(people, action)
    people = _with_name(people, action)
    match action:
        case people_actions.GroupCame(group):
            return replace(state, people=people, groups=_with_group(state.groups, group))
        case people_actions.MarkedRead(ids):
            # Home shows those that are unread.
            rest = () if not ids else tuple(one for one in state.notifications if one.id not in ids)
            return replace(state, people=people, notifications=rest)
        case people_actions.MarkingRefused(_, _, hidden):
            return replace(state, people=people, notifications=_with_hidden(state.notifications, hidden))
        case _:
            return state if people is state.people else replace(state, people=people)


def _with_history(people: People, action: actions.Action) -> People:
    match action:
        case people_actions.HistoryAsked():
            return replace(people, history=people.history.loading())
        case people_actions.HistoryCame(page):
            return replace(people, history=_with_history_page(people.history, page))
        case people_actions.HistoryFailed(error):
            return replace(people, history=people.history.failed(error))
        case people_actions.RunningCame(sessions):
            return replace(people, running=sessions)
        case actions.SessionOpened(session_id):
            # Who is in it need not go back; afterwards the server says whether they can.
            return replace(people, running=tuple(one for one in people.running if one.id != session_id))
        case _:
            return _with_opinions(people, action)


def _with_opinions(people: People, action: actions.Action) -> People:
    match action:
        case people_actions.FeedbackDue(session_ids):
            return replace(people, due=session_ids)
        case people_actions.Rated(session_id, opinion):
            return _with_opinion(people, session_id, opinion)
        case people_actions.FollowedUp(session_id, answer):
            others = {known: said for known, said in people.followed.items() if known != session_id}
            told = others if answer is None else {**others, session_id: answer}
            return replace(people, followed=MappingProxyType(told))
        case _:
            return people


def _with_opinion(people: People, session_id: str, opinion: Opinion) -> People:
    rows = (
        replace(entry, opinion=opinion) if entry.decision.id == session_id else entry
        for entry in people.history.rows
    )
    return replace(people, history=replace(people.history, rows=tuple(rows)))


def _with_inbox(people: People, action: actions.Action) -> People:
    match action:
        case people_actions.InboxAsked():
            return replace(people, inbox=people.inbox.loading())
        case people_actions.InboxCame(page):
            return replace(people, inbox=_with_inbox_page(people.inbox, page.page), unread=page.unread)
        case people_actions.InboxFailed(error):
            return replace(people, inbox=people.inbox.failed(error))
        case group_actions.Notified(notification):
            return _told(people, notification)
        case _:
            return _with_marks(people, action)


def _with_marks(people: People, action: actions.Action) -> People:
    match action:
        case people_actions.MarkedRead(ids):
            left = people.unread - _how_many(people, ids, read=False) if ids else 0
            return replace(people, inbox=_marked(people.inbox, ids, read=True), unread=max(0, left))
        case people_actions.MarkingRefused(ids, unread):
            # Without ids nobody is meant here: those that were unread are on pages that are not known.
            inbox = _marked(people.inbox, ids, read=False) if ids else people.inbox
            return replace(people, inbox=inbox, unread=unread)
        case group_actions.NotificationSeen(notification_id):
            seen = frozenset({notification_id})
            left = people.unread - _how_many(people, seen, read=False)
            return replace(people, inbox=_marked(people.inbox, seen, read=True), unread=max(0, left))
        case _:
            return people


def _with_hidden(
    shown: tuple[Notification, ...], hidden: tuple[Notification, ...]
) -> tuple[Notification, ...]:
    """Newest first, with those that were to be shown no longer."""
    known = {one.id for one in shown}
    back = (one for one in hidden if one.id not in known)
    return tuple(sorted((*shown, *back), key=lambda one: one.created_at, reverse=True))


def _with_muted(people: People, action: actions.Action) -> People:
    match action:
        case people_actions.MutedAsked():
            return replace(people, muted=people.muted.loading())
        case people_actions.MutedCame(kinds):
            return replace(people, muted=fetched(kinds))
        case people_actions.MutedFailed(error):
            return replace(people, muted=people.muted.failed(error))
        case _:
            return people


def _how_many(people: People, ids: frozenset[str], *, read: bool) -> int:
    return sum(one.id in ids and one.read == read for one in people.inbox.rows)


def _marked(inbox: Listing[Notification], ids: frozenset[str], *, read: bool) -> Listing[Notification]:
    rows = (replace(one, read=read) if not ids or one.id in ids else one for one in inbox.rows)
    return replace(inbox, rows=tuple(rows))


def _told(people: People, notification: Notification) -> People:
    """What is heard live stands on top of the list, where there is one already."""
    if people.inbox.status == "idle" or any(one.id == notification.id for one in people.inbox.rows):
        return people
    rows = (notification, *people.inbox.rows)
    return replace(people, inbox=replace(people.inbox, rows=rows), unread=people.unread + 1)


def _with_open_group(people: People, action: actions.Action) -> People:
    opened = people.open_group
    match action:
        case people_actions.GroupOpened(group_id):
            known = opened if opened is not None and opened.id == group_id else OpenGroup(group_id)
            return replace(people, open_group=replace(known, group=known.group.loading(), gone=False))
        case people_actions.GroupCame(group) if opened is not None and opened.id == group.id:
            return replace(people, open_group=replace(opened, group=fetched(group), gone=False))
        case group_actions.GroupLeft(group_id) if opened is not None and opened.id == group_id:
            return replace(people, open_group=replace(opened, gone=True))
        case (
            people_actions.GroupFailed(group_id)
            | people_actions.DecisionsAsked(group_id)
            | people_actions.DecisionsCame(group_id)
            | people_actions.DecisionsFailed(group_id)
        ) if opened is not None and opened.id == group_id:
            return replace(people, open_group=_with_answer(opened, action))
        case _:
            return people


def _with_answer(opened: OpenGroup, action: actions.Action) -> OpenGroup:
    match action:
        case people_actions.GroupFailed(_, error, gone):
            return replace(opened, group=opened.group.failed(error), gone=gone)
        case people_actions.DecisionsAsked():
            return replace(opened, decisions=opened.decisions.loading())
        case people_actions.DecisionsCame(_, page):
            return replace(opened, decisions=_with_page(opened.decisions, page))
        case people_actions.DecisionsFailed(_, error):
            return replace(opened, decisions=opened.decisions.failed(error))
        case _:
            return opened


def _with_name(people: People, action: actions.Action) -> People:
    match action:
        case people_actions.NameSent():
            return replace(people, name_form=NameForm())
        case people_actions.NameChanged():
            return replace(people, name_form=NameForm("done"))
        case people_actions.NameRefused(error):
            return replace(people, name_form=NameForm("refused", error))
        case _:
            return people


def _with_page(listing: Listing[Row], page: Page[Row]) -> Listing[Row]:
    return listing.with_page(page.number, page.rows, total=page.total, has_more=page.has_more)


def _with_history_page(history: Listing[HistoryEntry], page: Page[HistoryEntry]) -> Listing[HistoryEntry]:
    """Whoever comes back to the list finds its further pages there."""
    return history.with_page_of(
        page.number, page.rows, lambda entry: entry.decision.id, total=page.total, has_more=page.has_more
    )


def _with_inbox_page(inbox: Listing[Notification], page: Page[Notification]) -> Listing[Notification]:
    """What was heard live has moved the later pages: what they repeat is left out."""
    known = frozenset() if page.number == 1 else frozenset(one.id for one in inbox.rows)
    fresh = tuple(one for one in page.rows if one.id not in known)
    return _with_page(inbox, replace(page, rows=fresh))


def _with_group(groups: tuple[Group, ...] | None, group: Group) -> tuple[Group, ...] | None:
    """The list with the newer group in the place of the one that it had."""
    return None if groups is None else tuple(group if one.id == group.id else one for one in groups)
