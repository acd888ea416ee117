"""The commands about who is using the app; `client.store.commands` has the others and says what holds for all."""

from __future__ import annotations

from client.join_code import Invitation
from client.net.values import Provider
from client.store import actions, group_actions
from client.store.agreements import Agreements
from client.store.front_door import FrontDoor
from client.store.own_account import OwnAccount
from client.store.store import Store
from client.words import _, marked

WAITS_AT_HOME = marked("An invitation waits for you at home.")


class AccountCommands:
    """Coming in by any door, looking after one's account, going out again."""

    def __init__(
        self, store: Store, door: FrontDoor, own_account: OwnAccount, agreements: Agreements
    ) -> None:
        self._store = store
        self._door = door
        self._own_account = own_account
        self._agreements = agreements

    def restore(self) -> None:
        """Sign in with what was kept from the last run, and open the session that was open then."""
        self._door.restore()

    def register(self, email: str, password: str, display_name: str) -> None:
        """Make an account and sign in with it."""
        self._door.register(email, password, display_name)

    def log_in(self, email: str, password: str) -> None:
        """Sign in, and go on with the session that was open when the log-in ran out."""
        self._door.log_in(email, password)

    def enter_as_guest(self, display_name: str, code: str = "") -> None:
        """Sign in with a name only, and join the session with this code if there is one."""
        self._door.enter_as_guest(display_name, code)

    def load_providers(self) -> None:
        """Find out through whose pages one can log in; without an answer there are none."""
        self._door.load_providers()

    def log_in_through(self, provider: Provider) -> None:
        """Sign in on a provider's page in the browser; this waits for it, a few minutes at most."""
        self._door.log_in_through(provider)

    def cancel_log_in(self) -> None:
        """Wait for the browser no longer."""
        self._door.cancel()

    def forget_password(self, email: str) -> None:
        """Ask for a mail with which to choose a new password. What is said is the same for every address."""
        self._door.forget_password(email)

    def refresh_user(self) -> None:
        """See whether the address has been confirmed meanwhile, where that is open."""
        self._door.refresh_user()

    def ask_to_confirm(self) -> None:
        """Ask once more for the mail that confirms the address."""
        self._door.ask_to_confirm()

    def wish_account(self) -> None:
        """A guest wants to make an account."""
        self._store.dispatch(actions.AccountWished())

    def claim(self, email: str, password: str) -> None:
        """Make an account of the guest that one is; everything stays."""
        self._door.claim(email, password)

    def drop_account_wish(self) -> None:
        """A guest stays one for now."""
        self._store.dispatch(actions.AccountWishDropped())

    def log_out(self) -> None:
        """Sign out here in any case, and on the server if it can be reached."""
        self._door.log_out()

    def log_out_for_proof(self) -> None:
        """Sign out to log in again, where that is to prove who one is."""
        self._door.log_out_for_proof()

    def follow(self, invitation: Invitation) -> None:
        """Ask whether to follow a link that was opened while the app runs; in a session that can wait."""
        if invitation.group_token:
            self._store.dispatch(group_actions.GroupInvited(invitation.group_token))
        else:
            self._store.dispatch(actions.Invited(invitation.code))
        if self._store.state.open_session_id is not None:
            self._store.dispatch(actions.NoticeShown("info", _(WAITS_AT_HOME)))

    def load_devices(self) -> None:
        """Find out where the user is logged in."""
        self._own_account.load_devices()

    def change_password(self, current: str, new: str) -> None:
        """Choose another password; every other log-in ends."""
        self._own_account.change_password(current, new)

    def log_out_device(self, device_id: str) -> None:
        """End the log-in on another device."""
        self._own_account.log_out_device(device_id)

    def log_out_everywhere(self) -> None:
        """End all log-ins of this account, here too."""
        self._own_account.log_out_everywhere()

    def end_here(self, reason: str) -> None:
        """The account is gone: forget it on this device; `reason` is a sentence for whoever held it."""
        self._own_account.end_here(reason)

    def load_texts(self) -> None:
        """Find out what one accepts by coming in."""
        self._agreements.load_texts()

    def load_diet_consent(self) -> None:
        """Find out whether diet and allergies may be kept, and what one is asked about it."""
        self._agreements.load_diet_consent()

    def agree_to_diet(self) -> None:
        """Agree to the words that are shown about diet and allergies."""
        self._agreements.agree_to_diet()

    def withdraw_diet(self) -> None:
        """Take that back: the server deletes diet and allergies."""
        self._agreements.withdraw_diet()
