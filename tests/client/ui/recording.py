"""The boundary of the UI: commands that are written down instead of carried out, and pictures out of thin air."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.graphics.texture import Texture

from client.join_code import Invitation
from client.net.values import Direction, EnergyLevel, Menu, MotionKind, Preferences, Provider


class RecordedCommands:
    """Implements `client.screens.ports.Intentions`; `calls` holds what the screens asked for, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def restore(self) -> None:
        self.calls.append(("restore",))

    def follow(self, invitation: Invitation) -> None:
        self.calls.append(("follow", invitation))

    def register(self, email: str, password: str, display_name: str) -> None:
        self.calls.append(("register", email, password, display_name))

    def log_in(self, email: str, password: str) -> None:
        self.calls.append(("log_in", email, password))

    def enter_as_guest(self, display_name: str, code: str) -> None:
        self.calls.append(("enter_as_guest", display_name, code))

    def load_providers(self) -> None:
        self.calls.append(("load_providers",))

    def log_in_through(self, provider: Provider) -> None:
        self.calls.append(("log_in_through", provider))

    def cancel_log_in(self) -> None:
        self.calls.append(("cancel_log_in",))

    def forget_password(self, email: str) -> None:
        self.calls.append(("forget_password", email))

    def refresh_user(self) -> None:
        self.calls.append(("refresh_user",))

    def ask_to_confirm(self) -> None:
        self.calls.append(("ask_to_confirm",))

    def wish_account(self) -> None:
        self.calls.append(("wish_account",))

    def claim(self, email: str, password: str) -> None:
        self.calls.append(("claim", email, password))

    def drop_account_wish(self) -> None:
        self.calls.append(("drop_account_wish",))

    def log_out(self) -> None:
        self.calls.append(("log_out",))

    def log_out_for_proof(self) -> None:
        self.calls.append(("log_out_for_proof",))

    def load_devices(self) -> None:
        self.calls.append(("load_devices",))

    def change_password(self, current: str, new: str) -> None:
        self.calls.append(("change_password", current, new))

    def log_out_device(self, device_id: str) -> None:
        self.calls.append(("log_out_device", device_id))

    def log_out_everywhere(self) -> None:
        self.calls.append(("log_out_everywhere",))

    def create_session(self, menu: Menu, *, group_id: str | None = None) -> None:
        self.calls.append(
            ("create_session", menu) if group_id is None else ("create_session", menu, group_id)
        )

    def join_session(self, code: str) -> None:
        self.calls.append(("join_session", code))

    def open_session(self, session_id: str) -> None:
        self.calls.append(("open_session", session_id))

    def set_energy(self, level: EnergyLevel) -> None:
        self.calls.append(("set_energy", level))

    def set_ready(self, ready: bool) -> None:
        self.calls.append(("set_ready", ready))

    def start(self) -> None:
        self.calls.append(("start",))

    def swipe(self, item_id: str, direction: Direction) -> None:
        self.calls.append(("swipe", item_id, direction))

    def undo(self) -> None:
        self.calls.append(("undo",))

    def vote(self, motion: MotionKind, in_favour: bool) -> None:
        self.calls.append(("vote", motion, in_favour))

    def toss(self) -> None:
        self.calls.append(("toss",))

    def chat(self, text: str) -> None:
        self.calls.append(("chat", text))

    def react(self, emoji: str) -> None:
        self.calls.append(("react", emoji))

    def see_messages(self) -> None:
        self.calls.append(("see_messages",))

    def leave(self) -> None:
        self.calls.append(("leave",))

    def close_session(self) -> None:
        self.calls.append(("close_session",))

    def retry_now(self) -> None:
        self.calls.append(("retry_now",))

    def load_groups(self) -> None:
        self.calls.append(("load_groups",))

    def create_group(self, name: str) -> None:
        self.calls.append(("create_group", name))

    def join_group(self, token: str) -> None:
        self.calls.append(("join_group", token))

    def leave_group(self, group_id: str) -> None:
        self.calls.append(("leave_group", group_id))

    def drop_group_invitation(self) -> None:
        self.calls.append(("drop_group_invitation",))

    def join_invitation(self, notification_id: str) -> None:
        self.calls.append(("join_invitation", notification_id))

    def dismiss_notification(self, notification_id: str) -> None:
        self.calls.append(("dismiss_notification", notification_id))

    def load_preferences(self) -> None:
        self.calls.append(("load_preferences",))

    def save_preferences(self, preferences: Preferences) -> None:
        self.calls.append(("save_preferences", preferences))

    def load_texts(self) -> None:
        self.calls.append(("load_texts",))

    def load_diet_consent(self) -> None:
        self.calls.append(("load_diet_consent",))

    def agree_to_diet(self) -> None:
        self.calls.append(("agree_to_diet",))

    def withdraw_diet(self) -> None:
        self.calls.append(("withdraw_diet",))

    def dismiss_notice(self) -> None:
        self.calls.append(("dismiss_notice",))

    def shutdown(self) -> None:
        self.calls.append(("shutdown",))


class PlainPictures:
    """Implements `client.widgets.picture.Pictures` with one grey texture, at once."""

    def request(self, url: str, blurhash: str, show: Callable[[Texture], None]) -> Callable[[], None]:
        del url, blurhash
        texture = Texture.create(size=(8, 8), colorfmt="rgb")
        texture.blit_buffer(bytes([128] * 192), colorfmt="rgb", bufferfmt="ubyte")
        show(texture)
        return lambda: None
