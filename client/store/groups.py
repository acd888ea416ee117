"""The groups that the user is in: founding, joining, leaving them (docs/product.md G1)."""

from __future__ import annotations

from client.net.api import ApiClient
from client.net.errors import ApiError
from client.net.values import Group
from client.store import actions, group_actions
from client.store.answers import Answers
from client.store.runner import CommandRunner
from client.store.store import Store
from client.words import _, marked

WELCOME = marked("You are in {group} now.")


class Groups:
    """Does the work of the commands about groups."""

    def __init__(self, *, store: Store, api: ApiClient, runner: CommandRunner) -> None:
        self._store = store
        self._api = api
        self._runner = runner

    def refresh(self) -> None:
        """Read the user's groups again. Whether that works is said where they are listed, and nowhere else."""
        answers = Answers(self._store)

        def read() -> None:
            try:
                groups = self._api.groups()
            except ApiError as error:
                answers.tell(group_actions.GroupsFailed(error.detail))
            else:
                answers.tell(group_actions.GroupsLoaded(groups))

        user = self._store.state.auth.user
        if user is not None and not user.guest:
            answers.tell(group_actions.GroupsAsked())
            self._runner.in_background(read)

    def create(self, name: str) -> None:
        """Found a group."""

        def found() -> None:
            self._enter(self._api.create_group(name))

        def refused(error: ApiError) -> None:
            if "name" in error.field_errors:
                self._store.dispatch(actions.NoticeShown("error", error.field_errors["name"]))
            else:
                self._runner.show(error)

        self._runner.run("create_group", found, on_error=refused)

    def join(self, token: str) -> None:
        """Join by the token of an invite link."""

        def join() -> None:
            group = self._api.join_group(token)
            self._enter(group)
            self._store.dispatch(actions.NoticeShown("info", _(WELCOME).format(group=group.name)))

        self._runner.run("join_group", join)

    def leave(self, group_id: str) -> None:
        """Leave a group; one that is not there any more is left already."""

        def leave() -> None:
            try:
                self._api.leave_group(group_id)
            except ApiError as error:
                if error.code != "group_not_found":
                    raise
            self._store.dispatch(group_actions.GroupLeft(group_id))

        self._runner.run("leave_group", leave)

    def _enter(self, group: Group) -> None:
        self._store.dispatch(group_actions.GroupEntered(group))
