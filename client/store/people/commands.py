"""What the user can do about history, inbox, a group and their name. Every method returns at once.

What comes of it is seen in the store: lists and the group say themselves where they failed; other failures are notices.
"""

from __future__ import annotations

from collections.abc import Callable

from client.net.errors import ApiError
from client.net.people_api import PeopleApi
from client.net.people_values import Opinion
from client.net.values import Group
from client.store import actions
from client.store.answers import Answers
from client.store.people import actions as people_actions
from client.store.people.choices import Choices
from client.store.runner import CommandRunner
from client.store.store import Store
from client.words import _

GONE = "group_not_found"


class PeopleCommands:
    """Does what screens ask for (see `client.screens.people_ports.PeopleIntentions`)."""

    def __init__(self, *, store: Store, api: PeopleApi, runner: CommandRunner) -> None:
        self._store = store
        self._api = api
        self._runner = runner
        self._choices = Choices(store=store, api=api, runner=runner)

    # What was decided

    def load_history(self) -> None:
        """Read the newest decisions, and about which of them the server would like to hear."""

        def read(answers: Answers) -> None:
            answers.tell(people_actions.HistoryCame(self._api.history(1)))
            answers.tell(people_actions.FeedbackDue(self._api.feedback_due()))

        self._list("load_history", read, people_actions.HistoryAsked(), people_actions.HistoryFailed)

    def load_recent(self) -> None:
        """Read what the user can go back into, and the newest decisions."""

        def read(answers: Answers) -> None:
            answers.tell(people_actions.RunningCame(self._api.running()))
            answers.tell(people_actions.HistoryCame(self._api.history(1)))

        self._list("load_recent", read, people_actions.HistoryAsked(), people_actions.HistoryFailed)

    def load_more_history(self) -> None:
        """Read the next page of decisions, if there is one."""
        number = self._store.state.people.history.next_page
        if number is None:
            return

        def read(answers: Answers) -> None:
            answers.tell(people_actions.HistoryCame(self._api.history(number)))

        self._list("load_history", read, people_actions.HistoryAsked(), people_actions.HistoryFailed)

    def rate(self, session_id: str, opinion: Opinion) -> None:
        """Keep what the user thinks of an outcome; it shows at once."""
        self._choices.rate(session_id, opinion)

    def follow_up(self, session_id: str, followed_through: bool) -> None:
        """Say whether one cooked it, or went there; it shows at once. One answer at a time is on its way."""
        if "follow_up" in self._store.state.busy:
            return
        answers = Answers(self._store)
        before = self._store.state.people.followed.get(session_id)

        def refused(error: ApiError) -> None:
            answers.tell(people_actions.FollowedUp(session_id, before))
            self._runner.show(error)

        answers.tell(people_actions.FollowedUp(session_id, followed_through))
        self._runner.run(
            "follow_up",
            lambda: self._api.follow_up(session_id, followed_through=followed_through),
            on_error=refused,
        )

    # What one was told

    def load_inbox(self) -> None:
        """Read the newest notifications."""
        self._read_inbox(1)

    def load_more_inbox(self) -> None:
        """Read the next page of notifications, if there is one."""
        number = self._store.state.people.inbox.next_page
        if number is not None:
            self._read_inbox(number)

    def mark_read(self, notification_id: str) -> None:
        """The user has seen a notification; it shows at once."""
        seen = frozenset({notification_id})
        self._mark(seen, people_actions.MarkedRead(seen), lambda: self._api.mark_read(notification_id))

    def mark_all_read(self) -> None:
        """The user has seen all of them; it shows at once."""
        unread = frozenset(one.id for one in self._store.state.people.inbox.rows if not one.read)
        self._mark(unread, people_actions.MarkedRead(), self._api.mark_all_read)

    def load_muted(self) -> None:
        """Read which kinds of notifications the user does not want."""

        def read(answers: Answers) -> None:
            answers.tell(people_actions.MutedCame(self._api.muted()))

        self._list("load_muted", read, people_actions.MutedAsked(), people_actions.MutedFailed)

    def mute(self, kind: str, muted: bool) -> None:
        """Get no notifications of this kind any more, or get them again; it shows at once."""
        self._choices.mute(kind, muted)

    # One group

    def open_group(self, group_id: str) -> None:
        """Look at a group: its people now, and what it has decided."""
        answers = Answers(self._store)
        answers.tell(people_actions.GroupOpened(group_id))

        def read() -> None:
            try:
                answers.tell(people_actions.GroupCame(self._api.group(group_id)))
            except ApiError as error:
                gone = error.code == GONE
                self._fail(error, answers, people_actions.GroupFailed(group_id, error.detail, gone))
            else:
                self._read_decisions(answers, group_id, 1)

        self._runner.in_background(read)

    def load_more_decisions(self) -> None:
        """Read the next page of what the open group has decided, if there is one."""
        opened = self._store.state.people.open_group
        if opened is None or opened.decisions.next_page is None or opened.decisions.status == "loading":
            return
        answers, group_id, number = Answers(self._store), opened.id, opened.decisions.next_page
        answers.tell(people_actions.DecisionsAsked(group_id))
        self._runner.in_background(lambda: self._read_decisions(answers, group_id, number))

    def rename_group(self, group_id: str, name: str) -> None:
        """Call the group something else."""
        self._change_group("rename_group", lambda: self._api.rename_group(group_id, name))

    def renew_invite(self, group_id: str) -> None:
        """Make another invite link, so that the one before leads nowhere."""
        self._change_group(
            "renew_invite",
            lambda: self._api.renew_invite(group_id),
            _("The group has a new invite link. The one before leads nowhere now."),
        )

    def remove_member(self, group_id: str, user_id: str) -> None:
        """Show somebody out of the group."""
        self._change_group("remove_member", lambda: self._api.remove_member(group_id, user_id))

    # Oneself

    def rename_self(self, display_name: str) -> None:
        """Choose another name to be shown by."""
        answers = Answers(self._store)

        def rename() -> None:
            renamed = self._api.rename_self(display_name)
            answers.tell(actions.SignedIn(renamed), people_actions.NameChanged())
            answers.tell(actions.NoticeShown("info", _("Your name is changed.")))

        def refused(error: ApiError) -> None:
            words = error.field_errors.get("display_name", error.detail)
            self._fail(error, answers, people_actions.NameRefused(words))

        answers.tell(people_actions.NameSent())
        self._runner.run("rename_self", rename, on_error=refused)

    # How it is done

    def _list(
        self,
        name: str,
        read: Callable[[Answers], None],
        asked: actions.Action,
        failed: Callable[[str], actions.Action],
    ) -> None:
        answers = Answers(self._store)

        def work() -> None:
            answers.tell(asked)
            read(answers)

        self._runner.run(name, work, on_error=lambda error: self._fail(error, answers, failed(error.detail)))

    def _read_inbox(self, number: int) -> None:
        def read(answers: Answers) -> None:
            answers.tell(people_actions.InboxCame(self._api.inbox(number)))

        self._list("load_inbox", read, people_actions.InboxAsked(), people_actions.InboxFailed)

    def _mark(self, ids: frozenset[str], marked: actions.Action, send: Callable[[], None]) -> None:
        answers, before = Answers(self._store), self._store.state

        def mark() -> None:
            try:
                send()
            except ApiError as error:
                answers.tell(people_actions.MarkingRefused(ids, before.people.unread, hidden))
                self._runner.show(error)

        answers.tell(marked)
        left = frozenset(one.id for one in self._store.state.notifications)
        hidden = tuple(one for one in before.notifications if one.id not in left)
        self._runner.in_background(mark)

    def _read_decisions(self, answers: Answers, group_id: str, number: int) -> None:
        try:
            page = self._api.group_history(group_id, number)
        except ApiError as error:
            self._fail(error, answers, people_actions.DecisionsFailed(group_id, error.detail))
        else:
            answers.tell(people_actions.DecisionsCame(group_id, page))

    def _change_group(self, name: str, change: Callable[[], Group], said: str = "") -> None:
        answers = Answers(self._store)

        def work() -> None:
            answers.tell(people_actions.GroupCame(change()))
            if said:
                answers.tell(actions.NoticeShown("info", said))

        def refused(error: ApiError) -> None:
            if "name" in error.field_errors:
                answers.tell(actions.NoticeShown("error", error.field_errors["name"]))
            else:
                self._runner.show(error)

        self._runner.run(name, work, on_error=refused)

    def _fail(self, error: ApiError, answers: Answers, failed: actions.Action) -> None:
        """Say it where it belongs; only a log-in that is over leads elsewhere."""
        if error.signed_out:
            self._runner.show(error)
        else:
            answers.tell(failed)
