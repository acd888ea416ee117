"""The commands about shopping lists; `client.store.kitchen.commands` says what holds for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from client.net.errors import ApiError
from client.net.kitchen_api import OWN_LIST, KitchenApi
from client.net.kitchen_values import Recipe, ShoppingItem, ShoppingList
from client.store import actions
from client.store.answers import Answers
from client.store.kitchen import actions as kitchen_actions
from client.store.kitchen.actions import KitchenAction
from client.store.kitchen.amounts import read_typed, scaled
from client.store.kitchen.reads import Reading
from client.store.kitchen.state import ItemsAdded, ItemsRemoved, ItemTicked, ListChange
from client.store.kitchen.turns import Turns
from client.store.runner import CommandRunner
from client.store.store import Store
from client.words import _

NOT_SHARED = "list_not_shared"
_NEW = "new"

Answer = ShoppingList | tuple[ShoppingItem, ...]


class ListCommands(Reading):
    """Lists are named by `OWN_LIST` or by the id of the group that one is shared with."""

    def __init__(self, *, store: Store, api: KitchenApi, runner: CommandRunner, turns: Turns) -> None:
        super().__init__(store=store, api=api, runner=runner)
        self._turns = turns
        # What each list was when it was last looked after, with the server's tag for it.
        self._looked_after: dict[str, tuple[ShoppingList, str]] = {}
        self._being_looked_after: set[str] = set()

    def load_list(self, list_id: str) -> None:
        """Read a list, after what is still to be changed about it."""
        answers = Answers(self._store)
        self._store.dispatch(kitchen_actions.ListRequested(list_id))
        self._turns.do(
            lambda: self._told(
                answers,
                lambda: self._loaded(list_id),
                lambda error: kitchen_actions.ListFailed(list_id, error),
            )
        )

    def look_after_list(self, list_id: str) -> None:
        """See whether somebody else has changed a list that is shown; nothing tells so, so it is asked now and then.

        It is asked after what is still to be changed about it; an unchanged list comes without its lines.
        """
        if list_id in self._being_looked_after:
            return
        self._being_looked_after.add(list_id)
        answers = Answers(self._store)

        def look() -> KitchenAction:
            try:
                return self._looked_at(list_id)
            finally:
                self._being_looked_after.discard(list_id)

        def failed(error: str) -> KitchenAction:
            return kitchen_actions.ListFailed(list_id, error)

        self._turns.do(lambda: self._told(answers, look, failed))

    def tick(self, list_id: str, item_id: str, ticked: bool) -> None:
        """Something is in the basket, or not after all; a line that the server does not know yet has to wait."""
        if is_new(item_id):
            return
        change = ItemTicked(kitchen_actions.next_change_id(), item_id, ticked)
        self._change(list_id, change, lambda: self._api.tick_item(list_id, item_id, ticked=ticked))

    def remove_item(self, list_id: str, item_id: str) -> None:
        """Take a line off; as in `tick` a new one has to wait."""
        if is_new(item_id):
            return
        change = ItemsRemoved(kitchen_actions.next_change_id(), frozenset({item_id}))
        self._change(list_id, change, lambda: self._api.remove_item(list_id, item_id))

    def clear_ticked(self, list_id: str) -> None:
        """Take every ticked line off."""
        known = self._store.state.kitchen.list_of(list_id)
        ticked = frozenset(item.id for item in known.items if item.ticked)
        change = ItemsRemoved(kitchen_actions.next_change_id(), ticked)
        self._change(list_id, change, lambda: self._api.clear_ticked(list_id))

    def add_typed(self, list_id: str, words: str) -> None:
        """Put something on a list, as in `2 kg potatoes`; blank words put nothing on."""
        typed = read_typed(words)
        if not typed.name:
            return
        number = kitchen_actions.next_change_id()
        line = ShoppingItem(f"{_NEW}-{number}", typed.name, typed.amount, typed.unit)
        self._change(
            list_id,
            ItemsAdded(number, (line,)),
            lambda: self._api.add_item(list_id, typed.name, typed.amount, typed.unit),
        )

    def add_ingredients(self, recipe: Recipe, places: Sequence[int]) -> None:
        """Put ingredients of a recipe on one's own list, for as many as it is shown for."""
        if not places:
            return
        servings = self._store.state.kitchen.servings_of(recipe)
        number = kitchen_actions.next_change_id()
        lines = tuple(_line(recipe, place, servings, number) for place in places)
        self._change(
            OWN_LIST,
            ItemsAdded(number, lines),
            lambda: self._api.add_ingredients(OWN_LIST, recipe.id, servings, places),
        )

    def share_list(self, group_id: str | None) -> None:
        """Let a group see and change one's own list, or nobody any more."""
        answers = Answers(self._store)

        def share() -> None:
            answer = self._api.share_list(group_id)
            answers.tell(kitchen_actions.ListLoaded(OWN_LIST, answer))
            if group_id is not None:
                answers.tell(kitchen_actions.ListLoaded(group_id, answer))
                self._store.dispatch(actions.NoticeShown("info", _("The group sees your list now.")))

        self._runner.run("share_list", share)

    def _change(self, list_id: str, change: ListChange, send: Callable[[], Answer]) -> None:
        """Show a change, send it in its turn, and undo it where it is refused."""
        answers = Answers(self._store)
        self._store.dispatch(kitchen_actions.ListChanged(list_id, change))

        def settle() -> None:
            if not answers.wanted:
                # It would be sent in the name of whoever is signed in by now.
                return
            outcome: KitchenAction = kitchen_actions.ListRefused(list_id, change.id)
            try:
                outcome = kitchen_actions.ListAnswered(list_id, change.id, send())
            except ApiError as error:
                if answers.wanted:
                    if not (error.unreachable or error.signed_out):
                        # The list is probably not what it was: somebody else changes it too.
                        self.load_list(list_id)
                    raise
            finally:
                answers.tell(outcome)

        self._turns.do(settle)

    def _loaded(self, list_id: str) -> KitchenAction:
        return self._or_none(list_id, lambda: self._api.shopping_list(list_id))

    def _looked_at(self, list_id: str) -> KitchenAction:
        shown = self._store.state.kitchen.list_of(list_id).fetched.thing
        known, tag = self._looked_after.get(list_id, (None, ""))

        def read() -> ShoppingList | None:
            # The tag says something about what is shown only as long as that is what came with it.
            changed = self._api.shopping_list_if_changed(list_id, tag if known == shown else "")
            if changed is None:
                return known
            self._looked_after[list_id] = changed
            return changed[0]

        return self._or_none(list_id, read)

    def _or_none(self, list_id: str, read: Callable[[], ShoppingList | None]) -> KitchenAction:
        try:
            return kitchen_actions.ListLoaded(list_id, read())
        except ApiError as error:
            if error.code == NOT_SHARED:
                return kitchen_actions.ListLoaded(list_id, None)
            raise


def is_new(item_id: str) -> bool:
    """Whether the server has not answered yet what became of this line."""
    return item_id.startswith(_NEW)


def _line(recipe: Recipe, place: int, servings: int, number: int) -> ShoppingItem:
    """An ingredient as a line of the list, until the server says which one it has become."""
    ingredient = recipe.ingredients[place]
    return ShoppingItem(
        f"{_NEW}-{number}-{place}",
        ingredient.name,
        scaled(ingredient.amount, servings, recipe.servings),
        ingredient.unit,
        recipe_ids=(recipe.id,),
    )
