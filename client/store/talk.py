"""Chat and reactions of the open session: bounded, and each thing said only once (docs/product.md S14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from client.net.values import ChatMessage
from client.store.state import Reaction, Session

MOST_MESSAGES = 200
MOST_REACTIONS = 6


def with_messages(session: Session, messages: Iterable[ChatMessage]) -> Session:
    """The session with more messages, by time; those that are known already stay as they are."""
    known = {message.id for message in session.messages}
    fresh = tuple(message for message in messages if message.id not in known)
    if not fresh:
        return session
    everything = sorted((*session.messages, *fresh), key=lambda message: message.at)
    return replace(session, messages=tuple(everything[-MOST_MESSAGES:]))


def with_messages_seen(session: Session) -> Session:
    """The session once the user has looked at everything that was said so far."""
    return replace(session, seen_until=session.messages[-1].at) if session.messages else session


def with_reaction(session: Session, reaction: Reaction) -> Session:
    """The session with one more reaction among the last few."""
    if reaction in session.reactions:
        return session
    return replace(session, reactions=(*session.reactions, reaction)[-MOST_REACTIONS:])
