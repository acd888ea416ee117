"""This participant's cards and swipes in the running round: pure, and per round, since a card may come again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from client.net.signals import Operation
from client.net.values import Deck
from client.store.state import Session


def with_deck(session: Session, deck: Deck) -> Session:
    """The session with its round's cards; a deck of another round changes nothing.

    What was swiped here meanwhile stays swiped: the answer may have left before those swipes arrived.
    """
    if deck.round != session.round:
        return session
    return replace(
        session, deck=deck.items, deck_round=deck.round, swiped_ids=session.swiped_ids | deck.swiped
    )


def with_swipe(session: Session, item_id: str) -> Session:
    """The card is done; swiping one that is done changes nothing."""
    if item_id in session.swiped_ids:
        return session
    return replace(
        session, swiped_ids=session.swiped_ids | {item_id}, swipe_order=(*session.swipe_order, item_id)
    )


def without_swipe(session: Session, item_id: str) -> Session:
    """The card is to be swiped again, in its place."""
    order = tuple(known for known in session.swipe_order if known != item_id)
    return replace(session, swiped_ids=session.swiped_ids - {item_id}, swipe_order=order)


def last_swiped(session: Session) -> str | None:
    """The card that an undo brings back; None when this device cannot know, as after a restart."""
    return session.swipe_order[-1] if session.swipe_order else None


def with_last_swipe_back(session: Session) -> Session:
    """The last card swiped here is on top again."""
    item_id = last_swiped(session)
    return session if item_id is None else _on_top(without_swipe(session, item_id), item_id)


def with_undo_settled(session: Session, shown: str | None, taken_back: str | None) -> Session:
    """What the server took back is what is on top; what was `shown` too early goes away again.

    When both are the same there is nothing to do: the card may have been swiped once more since.
    """
    if shown == taken_back:
        return session
    if shown is not None:
        session = with_swipe(session, shown)
    return session if taken_back is None else _on_top(without_swipe(session, taken_back), taken_back)


def known_here(deck: Deck, pending: Iterable[Operation]) -> Deck:
    """The server's deck with what this device has swiped and taken back in that round but not heard an answer to.

    `pending` are the unanswered operations, oldest first.
    """
    swiped = set(deck.swiped)
    for operation in pending:
        if operation.data.get("round") != deck.round:
            continue
        if operation.name == "swipe":
            swiped.add(operation.data["item"])
        elif operation.name == "undo":
            swiped.discard(operation.note["shown"])
    return replace(deck, swiped=frozenset(swiped))


def _on_top(session: Session, item_id: str) -> Session:
    first = tuple(card for card in session.deck if card.id == item_id)
    return replace(session, deck=first + tuple(card for card in session.deck if card.id != item_id))
