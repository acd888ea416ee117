"""The server's HTTP routes as typed calls. Every method blocks, is thread safe, and raises `ApiError`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from client.net.account import Account
from client.net.caller import Caller
from client.net.errors import ApiError
from client.net.fields import Fields
from client.net.reading import (
    read_consent,
    read_consent_text,
    read_deck,
    read_devices,
    read_group,
    read_groups,
    read_messages,
    read_notifications,
    read_preferences,
    read_providers,
    read_snapshot,
    read_user,
)
from client.net.tokens import TokenStore
from client.net.transport import HttpTransport
from client.net.values import (
    ChatMessage,
    Consent,
    ConsentText,
    Deck,
    Device,
    Direction,
    EnergyLevel,
    Group,
    Menu,
    Notification,
    Preferences,
    Provider,
    Snapshot,
    TextKind,
    User,
)

Value = TypeVar("Value")

PAGE = 100
"""As many entries as the server puts on one page."""


class ApiClient:
    """Talks to the server at `base_url` as whoever the tokens in `tokens` belong to.

    Other parts of the API share its connections and its log-in through `caller`.
    """

    def __init__(self, base_url: str, tokens: TokenStore) -> None:
        self.base_url = base_url
        self._transport = HttpTransport(base_url)
        self.account = Account(self._transport, tokens)
        self.caller = Caller(self._transport, self.account)

    # Accounts

    def has_tokens(self) -> bool:
        """Whether somebody was signed in here last."""
        return self.account.present

    def register(
        self, email: str, password: str, display_name: str, accepted: Mapping[str, str] | None = None
    ) -> User:
        """Make an account and sign in with it. Nothing tells whether others have used this address too.

        Here and below `accepted` are the versions of the texts that one agrees to by coming in, by kind.
        """
        content = {"email": email, "password": password, "display_name": display_name}
        return self._sign_in("/auth/register", _accepting(content, accepted))

    def log_in(self, email: str, password: str) -> User:
        """Sign in."""
        return self._sign_in("/auth/login", {"email": email, "password": password})

    def enter_as_guest(self, display_name: str, accepted: Mapping[str, str] | None = None) -> User:
        """Sign in with a name only."""
        return self._sign_in("/auth/guest", _accepting({"display_name": display_name}, accepted))

    def claim(self, email: str, password: str, accepted: Mapping[str, str] | None = None) -> User:
        """Make an account of the guest that one is; all that was the guest's stays, and so does this log-in."""
        content = {"email": email, "password": password}
        return self._keep_log_in(self._call("POST", "/auth/claim", _accepting(content, accepted)))

    def providers(self) -> tuple[Provider, ...]:
        """Whose pages one can log in through."""
        return self._read(read_providers, self._transport.request("GET", "/auth/providers"))

    def trade(self, code: str, verifier: str) -> User:
        """Sign in with what `client.net.browser_log_in` brought home."""
        return self._sign_in("/auth/oidc/token", {"code": code, "verifier": verifier})

    def forget_password(self, email: str) -> None:
        """Ask for a mail with which to choose a new password; the answer is the same for every address."""
        self._transport.request("POST", "/auth/password/forgot", {"email": email})

    def change_password(self, current: str, new: str) -> None:
        """Choose another password; every other log-in of this account ends."""
        self._call("POST", "/auth/password", {"current": current, "new": new})

    def ask_to_confirm(self) -> None:
        """Ask once more for the mail that confirms the address."""
        self._call("POST", "/auth/email/confirmation")

    def devices(self) -> tuple[Device, ...]:
        """Where the user is logged in."""
        return self._read(read_devices, self._call("GET", "/users/me/devices"))

    def log_out_device(self, device_id: str) -> None:
        """End the log-in on one device."""
        self._call("DELETE", f"/users/me/devices/{device_id}")

    def log_out_everywhere(self) -> None:
        """End all log-ins of this account, here too."""
        self._call("POST", "/auth/logout-all")
        self.account.forget()

    def log_out(self) -> None:
        """End the log-in on the server if it can be told, and here in any case; raises nothing."""
        try:
            if self.account.present:
                self._call("POST", "/auth/logout")
        except ApiError:
            # Without its tokens the log-in runs out by itself.
            return
        finally:
            self.account.forget()

    def verify(self) -> User:
        """Who the tokens belong to."""
        return self._read(lambda answer: read_user(answer.object("user")), self._call("GET", "/auth/verify"))

    # The user's own things

    def preferences(self) -> Preferences:
        """What the user can and likes to eat."""
        return self._read(read_preferences, self._call("GET", "/users/me/preferences"))

    def save_preferences(self, preferences: Preferences) -> Preferences:
        """Replace the preferences; returns them as the server keeps them."""
        content = asdict(preferences)
        return self._read(read_preferences, self._call("PUT", "/users/me/preferences", content))

    def consent_text(self, kind: TextKind) -> ConsentText:
        """The words that are in force; nobody needs to be signed in."""
        answer = self._transport.request("GET", f"/compliance/consent-texts/{kind}")
        return self._read(read_consent_text, answer)

    def consent(self, kind: TextKind) -> Consent:
        """Whether the user agrees to a text."""
        answer = self._call("GET", "/compliance/consents")
        known = self._read(lambda fields: tuple(map(read_consent, fields.objects("items"))), answer)
        return next((consent for consent in known if consent.kind == kind), Consent(kind))

    def decide(self, kind: TextKind, *, given: bool, version: str | None = None) -> Consent:
        """Agree to a version of a text, or take that back; 409 `consent_outdated` where the words have changed."""
        content: dict[str, Any] = {"kind": kind, "given": given}
        if version is not None:
            content["version"] = version
        return self._read(read_consent, self._call("PUT", "/compliance/consents", content))

    def notifications(self) -> tuple[Notification, ...]:
        """What the user was told last, newest first."""
        return self._read(read_notifications, self._call("GET", f"/users/me/notifications?limit={PAGE}"))

    def mark_read(self, notification_id: str) -> None:
        """Note that the user has seen a notification; harmless to repeat."""
        self._call("POST", f"/users/me/notifications/{notification_id}/read")

    # Groups

    def groups(self) -> tuple[Group, ...]:
        """The groups the user is in, newest first."""
        return self._read(read_groups, self._call("GET", f"/groups?limit={PAGE}"))

    def create_group(self, name: str) -> Group:
        """Found a group; 409 `too_many_groups` where the account may be in no more."""
        return self._read(read_group, self._call("POST", "/groups", {"name": name}))

    def join_group(self, token: str) -> Group:
        """Join by an invite link's token; 404 `unknown_invite`, 409 `group_full` or `too_many_groups`."""
        return self._read(read_group, self._call("POST", "/groups/join", {"token": token}))

    def leave_group(self, group_id: str) -> None:
        """Leave a group; with its last member it goes."""
        self._call("POST", f"/groups/{group_id}/leave")

    # Sessions

    def create_session(
        self,
        menu: Menu,
        round_seconds: Sequence[int] | None = None,
        deck_size: int | None = None,
        group_id: str | None = None,
    ) -> Snapshot:
        """Open a session, whose group's members are told if it has one; what is None is the server's choice."""
        content: dict[str, Any] = {"menu": menu}
        if round_seconds is not None:
            content["rounds"] = list(round_seconds)
        if deck_size is not None:
            content["deck_size"] = deck_size
        if group_id is not None:
            content["group_id"] = group_id
        return self._read(read_snapshot, self._call("POST", "/sessions", content))

    def join_session(self, code: str) -> Snapshot:
        """Join by code."""
        return self._read(read_snapshot, self._call("POST", "/sessions/join", {"code": code}))

    def session(self, session_id: str) -> Snapshot:
        """A session the user belongs to."""
        return self._read(read_snapshot, self._call("GET", f"/sessions/{session_id}"))

    def deck(self, session_id: str) -> Deck:
        """The running round's cards; 409 in the lobby."""
        return self._read(read_deck, self._call("GET", f"/sessions/{session_id}/deck"))

    def messages(self, session_id: str) -> tuple[ChatMessage, ...]:
        """What was said last in a session, oldest first."""
        return self._read(read_messages, self._call("GET", f"/sessions/{session_id}/messages?limit={PAGE}"))

    def vote_energy(self, session_id: str, level: EnergyLevel) -> None:
        """Vote for an energy level."""
        self._call("POST", f"/sessions/{session_id}/energy", {"level": level})

    def set_ready(self, session_id: str, *, ready: bool) -> None:
        """Say that one is ready for the first round, or no longer."""
        self._call("POST", f"/sessions/{session_id}/ready", {"ready": ready})

    def start(self, session_id: str) -> None:
        """Start the first round at once (the host's right)."""
        self._call("POST", f"/sessions/{session_id}/start", {})

    def swipe(self, session_id: str, op_id: str, item_id: str, direction: Direction) -> None:
        """Swipe a card; the same `op_id` counts once however often it is sent."""
        content = {"op_id": op_id, "item_id": item_id, "direction": direction}
        self._call("POST", f"/sessions/{session_id}/swipes", content)

    def leave(self, session_id: str) -> None:
        """Leave a session for good."""
        self._call("POST", f"/sessions/{session_id}/leave", {})

    def close(self) -> None:
        """Close the kept connections."""
        self._transport.close()

    def _sign_in(self, path: str, content: Mapping[str, Any]) -> User:
        return self._keep_log_in(self._transport.request("POST", path, content))

    def _keep_log_in(self, answer: Fields) -> User:
        user = self._read(lambda fields: read_user(fields.object("user")), answer)
        self.account.take(answer)
        return user

    def _call(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Fields:
        return self.caller.call(method, path, content)

    def _read(self, reader: Callable[[Fields], Value], answer: Fields) -> Value:
        return self.caller.understand(reader, answer)


def _accepting(content: Mapping[str, Any], accepted: Mapping[str, str] | None) -> dict[str, Any]:
    return {**content, "accepted": dict(accepted)} if accepted else dict(content)
