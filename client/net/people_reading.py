"""From the server's JSON about past sessions and the inbox to values; raises `FrameError` naming what is wrong."""

from __future__ import annotations

from client.net.fields import Fields
from client.net.paging import Page, read_page
from client.net.people_values import Decision, HistoryEntry, InboxPage, Opinion, RunningSession
from client.net.reading import read_notification, read_outcome

RUNNING = frozenset({"lobby", "swiping", "paused"})
"""The statuses of sessions that one can go back into."""


def read_decision(fields: Fields) -> Decision:
    """One past decision."""
    return Decision(
        id=fields.text("id"),
        outcome=read_outcome(fields.object("outcome")),
        host_name=fields.text("host_name"),
        people=fields.texts("participants"),
    )


def read_history_entry(fields: Fields) -> HistoryEntry:
    """A decision with what the user thinks of it."""
    return HistoryEntry(
        decision=read_decision(fields),
        opinion=Opinion(
            rating=fields.integer("rating") if fields.has("rating") else None, note=fields.text("note", "")
        ),
        group_name=fields.object("group").text("name") if fields.has("group") else "",
    )


def read_history(fields: Fields) -> Page[HistoryEntry]:
    """A page of the user's own decisions, newest first."""
    return read_page(fields, read_history_entry)


def read_decisions(fields: Fields) -> Page[Decision]:
    """A page of a group's decisions, newest first."""
    return read_page(fields, read_decision)


def read_inbox(fields: Fields) -> InboxPage:
    """A page of the inbox."""
    return InboxPage(page=read_page(fields, read_notification), unread=fields.integer("unread"))


def read_due(fields: Fields) -> frozenset[str]:
    """Of a page of the user's sessions those that the server wants to hear about: was it cooked, did one go there?"""
    return frozenset(
        session.text("id")
        for session in fields.objects("items")
        if session.flag("feedback_due", default=False)
    )


def read_running(fields: Fields) -> tuple[RunningSession, ...]:
    """Of a page of the user's sessions those that they have not left and that are not over."""
    return tuple(
        RunningSession(session.text("id"), session.texts("participants"))
        for session in fields.objects("items")
        if session.text("status") in RUNNING and not session.flag("left")
    )


def read_muted(fields: Fields) -> frozenset[str]:
    """The kinds of notifications that the user does not want."""
    return frozenset(fields.texts("muted"))
