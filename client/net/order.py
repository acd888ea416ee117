"""Which waiting operations may be sent already (docs/product.md S13). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from client.net.signals import Operation


def free_to_go(pending: Sequence[Operation]) -> Iterator[Operation]:
    """The operations that need no answer to an earlier one, in order; `pending` are all unanswered ones, oldest first.

    An undo takes back whatever the server took as the last swipe. So it waits until every swipe before it is answered,
    and what is swiped or undone after it waits for its own answer: a swipe that the server asks to send again later
    cannot get behind the undo that was meant for it.
    """
    swiped = undoing = False
    for operation in pending:
        if operation.name == "undo":
            if not (swiped or undoing):
                yield operation
            undoing = True
        elif operation.name == "swipe":
            if not undoing:
                yield operation
            swiped = True
        else:
            yield operation
