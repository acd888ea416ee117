"""Reading for the screens: what comes goes into the store, and so does the sentence about why it does not come."""

from __future__ import annotations

from collections.abc import Callable

from client.net.errors import ApiError
from client.net.kitchen_api import KitchenApi
from client.store.answers import Answers
from client.store.kitchen.actions import KitchenAction
from client.store.runner import SURPRISE, CommandRunner
from client.store.store import Store
from client.words import _


class Reading:
    """What all commands of the kitchen share."""

    def __init__(self, *, store: Store, api: KitchenApi, runner: CommandRunner) -> None:
        self._store = store
        self._api = api
        self._runner = runner

    def _read(self, read: Callable[[], KitchenAction], failed: Callable[[str], KitchenAction]) -> None:
        """Read in the background."""
        answers = Answers(self._store)
        self._runner.in_background(lambda: self._told(answers, read, failed))

    def _told(
        self, answers: Answers, read: Callable[[], KitchenAction], failed: Callable[[str], KitchenAction]
    ) -> None:
        """Read now, and tell the store what came, or why nothing did."""
        try:
            action = read()
        except ApiError as error:
            answers.tell(failed(error.detail))
            if error.signed_out and answers.wanted:
                self._runner.show(error)
        except Exception:
            answers.tell(failed(_(SURPRISE)))
            raise
        else:
            answers.tell(action)
