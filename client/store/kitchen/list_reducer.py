"""How what is known of the shopping lists changes. Pure."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from client.net.kitchen_values import ShoppingItem, ShoppingList
from client.store import actions
from client.store.kitchen import actions as kitchen_actions
from client.store.kitchen.state import Kitchen, KnownList
from client.store.listing import Fetched, fetched


def with_list_action(kitchen: Kitchen, action: actions.Action) -> Kitchen:
    """The kitchen after something happened to a list; any other action changes nothing."""
    match action:
        case (
            kitchen_actions.ListRequested(list_id)
            | kitchen_actions.ListLoaded(list_id)
            | kitchen_actions.ListFailed(list_id)
            | kitchen_actions.ListChanged(list_id)
            | kitchen_actions.ListAnswered(list_id)
            | kitchen_actions.ListRefused(list_id)
        ):
            changed = _reduce(kitchen.list_of(list_id), action)
            return replace(kitchen, lists=MappingProxyType({**kitchen.lists, list_id: changed}))
        case _:
            return kitchen


def _reduce(known: KnownList, action: actions.Action) -> KnownList:
    match action:
        case kitchen_actions.ListRequested():
            return replace(known, fetched=known.fetched.loading())
        case kitchen_actions.ListLoaded(_, shopping_list):
            told = Fetched(shopping_list, "loaded")
            return replace(known, fetched=told, unshared=shopping_list is None)
        case kitchen_actions.ListFailed(_, error):
            return replace(known, fetched=known.fetched.failed(error))
        case _:
            return _with_change(known, action)


def _with_change(known: KnownList, action: actions.Action) -> KnownList:
    match action:
        case kitchen_actions.ListChanged(_, change):
            return replace(known, changes=(*known.changes, change))
        case kitchen_actions.ListAnswered(_, change_id, answer):
            return _without(_told(known, answer), change_id)
        case kitchen_actions.ListRefused(_, change_id):
            return _without(known, change_id)
        case _:
            return known


def _told(known: KnownList, answer: ShoppingList | tuple[ShoppingItem, ...]) -> KnownList:
    """With the whole list, or with some lines in their places; these say nothing where the rest is not known."""
    if isinstance(answer, ShoppingList):
        return replace(known, fetched=fetched(answer), unshared=False)
    before = known.fetched.thing
    if before is None:
        return known
    told = {item.id: item for item in answer}
    there = {item.id for item in before.items}
    items = tuple(told.get(item.id, item) for item in before.items)
    fresh = tuple(item for item in told.values() if item.id not in there)
    return replace(known, fetched=replace(known.fetched, thing=replace(before, items=(*items, *fresh))))


def _without(known: KnownList, change_id: int) -> KnownList:
    return replace(known, changes=tuple(change for change in known.changes if change.id != change_id))
