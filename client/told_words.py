"""What one is told, in the app's language: a sentence for each kind of notification (docs/live-protocol.md, "Events").

The server sends a sentence in English along. It is shown to whoever reads English, and where the kind is one of a later
server or lacks a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from client.net.values import Notification
from client.words import ENGLISH, _, chosen_language, marked

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "session_started": marked("{host_name} is finding dinner with {group_name}. Join in!"),
        "group_joined": marked("{display_name} has joined {group_name}."),
        "group_removed": marked("You are no longer in {group_name}."),
        "group_deleted": marked(
            "{group_name} has been deleted. What you decided together stays in your history."
        ),
        "group_owned": marked("You look after {group_name} now: its owner has left."),
    }
)


def told(notification: Notification) -> str:
    """The sentence to show."""
    sentence = SENTENCES.get(notification.kind)
    if sentence is None or chosen_language() == ENGLISH:
        return notification.text
    try:
        return _(sentence).format_map(notification.about)
    except KeyError:
        return notification.text
