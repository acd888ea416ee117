"""What screens ask for about people and privacy, written down instead of carried out."""

from __future__ import annotations

from typing import Any

from client.net.people_values import Opinion
from client.net.values import TextKind

Calls = list[tuple[Any, ...]]


class RecordedPeople:
    """Implements `client.screens.people_ports.PeopleIntentions`; `calls` holds what was asked for, in order.

    What home looks up by itself is in `looked_up` instead: every app begins there.
    """

    def __init__(self) -> None:
        self.calls: Calls = []
        self.looked_up: Calls = []

    def load_recent(self) -> None:
        self.looked_up.append(("load_recent",))

    def load_history(self) -> None:
        self.calls.append(("load_history",))

    def load_more_history(self) -> None:
        self.calls.append(("load_more_history",))

    def rate(self, session_id: str, opinion: Opinion) -> None:
        self.calls.append(("rate", session_id, opinion))

    def follow_up(self, session_id: str, followed_through: bool) -> None:
        self.calls.append(("follow_up", session_id, followed_through))

    def load_inbox(self) -> None:
        self.calls.append(("load_inbox",))

    def load_more_inbox(self) -> None:
        self.calls.append(("load_more_inbox",))

    def mark_read(self, notification_id: str) -> None:
        self.calls.append(("mark_read", notification_id))

    def mark_all_read(self) -> None:
        self.calls.append(("mark_all_read",))

    def load_muted(self) -> None:
        self.calls.append(("load_muted",))

    def mute(self, kind: str, muted: bool) -> None:
        self.calls.append(("mute", kind, muted))

    def open_group(self, group_id: str) -> None:
        self.calls.append(("open_group", group_id))

    def load_more_decisions(self) -> None:
        self.calls.append(("load_more_decisions",))

    def rename_group(self, group_id: str, name: str) -> None:
        self.calls.append(("rename_group", group_id, name))

    def renew_invite(self, group_id: str) -> None:
        self.calls.append(("renew_invite", group_id))

    def remove_member(self, group_id: str, user_id: str) -> None:
        self.calls.append(("remove_member", group_id, user_id))

    def rename_self(self, display_name: str) -> None:
        self.calls.append(("rename_self", display_name))


class RecordedPrivacy:
    """Implements `client.screens.privacy_ports.PrivacyIntentions`; `calls` holds what was asked for, in order."""

    def __init__(self) -> None:
        self.calls: Calls = []

    def load_consents(self) -> None:
        self.calls.append(("load_consents",))

    def agree(self, kind: TextKind) -> None:
        self.calls.append(("agree", kind))

    def withdraw(self, kind: TextKind) -> None:
        self.calls.append(("withdraw", kind))

    def load_exports(self) -> None:
        self.calls.append(("load_exports",))

    def watch_exports(self) -> None:
        self.calls.append(("watch_exports",))

    def stop_watching(self) -> None:
        self.calls.append(("stop_watching",))

    def ask_for_export(self, password: str) -> None:
        self.calls.append(("ask_for_export", password))

    def download_export(self, export_id: str, password: str) -> None:
        self.calls.append(("download_export", export_id, password))

    def load_erasure(self) -> None:
        self.calls.append(("load_erasure",))

    def ask_for_erasure(self, password: str, immediately: bool) -> None:
        self.calls.append(("ask_for_erasure", password, immediately))

    def cancel_erasure(self) -> None:
        self.calls.append(("cancel_erasure",))

    def drop_proof(self) -> None:
        self.calls.append(("drop_proof",))

    def load_record(self) -> None:
        self.calls.append(("load_record",))

    def load_more_record(self) -> None:
        self.calls.append(("load_more_record",))
