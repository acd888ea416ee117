"""What a user does about an account that is there: another password, and where one is logged in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from client.net.api import ApiClient
from client.net.errors import ApiError
from client.store import account_actions, actions
from client.store.inbox import Inbox
from client.store.memory import Memory
from client.store.open_session import OpenSession
from client.store.runner import CommandRunner
from client.store.store import Store
from client.words import _, marked

WRONG_PASSWORD = "wrong_password"  # noqa: S105  (an error's code, not a secret)
PASSWORD_CHANGED = marked("Your password is changed. Every other device is logged out.")


class OwnAccount:
    """Does the work of the commands about it. `on_signed_out` shows that nobody is signed in any more."""

    def __init__(
        self,
        *,
        store: Store,
        api: ApiClient,
        runner: CommandRunner,
        memory: Memory,
        session: OpenSession,
        inbox: Inbox,
        on_signed_out: Callable[[str | None], None],
    ) -> None:
        self._store = store
        self._api = api
        self._runner = runner
        self._memory = memory
        self._session = session
        self._inbox = inbox
        self._on_signed_out = on_signed_out

    def load_devices(self) -> None:
        """Find out where the user is logged in."""
        self._runner.run("load_devices", self._read_devices)

    def change_password(self, current: str, new: str) -> None:
        """Choose another password."""
        if "change_password" in self._store.state.busy:
            return

        def change() -> None:
            self._api.change_password(current, new)
            self._store.dispatch(account_actions.PasswordChanged())
            self._store.dispatch(actions.NoticeShown("info", _(PASSWORD_CHANGED)))
            self._read_devices()

        def refused(error: ApiError) -> None:
            if error.signed_out or self._store.state.password_form.status == "done":
                self._runner.show(error)
            elif error.code == WRONG_PASSWORD:
                self._refuse(error, {"current": error.detail})
            else:
                self._refuse(error, error.field_errors)

        self._store.dispatch(account_actions.PasswordSent())
        self._runner.run("change_password", change, on_error=refused)

    def log_out_device(self, device_id: str) -> None:
        """End the log-in on another device; one that has ended is what was wished for."""

        def end() -> None:
            try:
                self._api.log_out_device(device_id)
            except ApiError as error:
                if error.code != "device_not_found":
                    raise
            self._store.dispatch(account_actions.DeviceLoggedOut(device_id))

        self._runner.run("log_out_device", end)

    def log_out_everywhere(self) -> None:
        """End all log-ins, here too; without the server's word for it nothing ends."""

        def leave_all() -> None:
            self._api.log_out_everywhere()
            self.end_here(None)

        self._runner.run("log_out_everywhere", leave_all)

    def end_here(self, reason: str | None) -> None:
        """The log-in has ended on the server: forget it on this device too, and everything of the user's."""
        self._api.account.forget()
        self._session.hang_up()
        self._inbox.hang_up()
        self._memory.forget()
        self._on_signed_out(reason)

    def _refuse(self, error: ApiError, field_errors: Mapping[str, str]) -> None:
        self._store.dispatch(account_actions.PasswordRefused(error.detail, field_errors))

    def _read_devices(self) -> None:
        user = self._store.state.auth.user
        devices = self._api.devices()
        if self._store.state.auth.user == user:
            self._store.dispatch(account_actions.DevicesLoaded(devices))
