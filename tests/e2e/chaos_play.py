"""What people do in the chaos, from the lobby to the coin: swipe, regret, ask, vote, talk, wander off."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.e2e.chaos_client import ShakyClient
from tests.e2e.chaos_table import Table

_SWIPES_AT_ONCE = 3
_CHANGE_OF_MIND = 0.1
_UNDO = 0.2
_SWIPED_AGAIN = 0.9
_IN_FAVOUR = 0.8
_GUEST_TOSSES = 0.3
_AWAY_SECONDS = (3.2, 4.5)  # the grace period of this stack is 3 s
_BETWEEN_WORDS_SECONDS = (0.1, 1.5)
_LOOK_AGAIN_SECONDS = 1.0
_EMOJI = ("👍", "😂", "🔥")


async def play(client: ShakyClient, table: Table) -> None:
    """A session from the lobby to its outcome."""
    place = table.place(client.person)
    await _wait_in_lobby(client, table)
    async with asyncio.TaskGroup() as doing:
        doing.create_task(_swipe_round_after_round(client, table, place))
        doing.create_task(_talk(client))
        doing.create_task(_vote(client))
    await _toss(client, is_host=place == 0)


async def _wait_in_lobby(client: ShakyClient, table: Table) -> None:
    """Vote, be ready, perhaps hesitate; the host may start, otherwise the countdown does."""
    await client.carry_out("energy", level=client.chance.choice(["low", "medium", "high"]))
    await client.carry_out("ready", ready=True)
    if client.chance.random() < 0.5:
        await client.carry_out("ready", ready=False)
        await client.carry_out("ready", ready=True)
    table.prepared()
    if client.person is table.people[0] and client.chance.random() < 0.7:
        await table.all_prepared.wait()
        await client.carry_out("start")
    await client.until(lambda: client.view.now.round > 0)


async def _swipe_round_after_round(client: ShakyClient, table: Table, place: int) -> None:
    while not client.view.over:
        number = client.view.now.round
        dealt = await client.ask("deck")
        if dealt["round"] == number:
            deck = [card["id"] for card in dealt["items"]]
            if number == 1:
                table.agreed_cards(deck)
            await _swipe_all(client, table, place, number, deck)
            await client.until(lambda number=number: client.view.over or client.view.now.round != number)
        else:  # we hear of it in a moment
            await client.until(lambda number=number: client.view.now.round != number, _LOOK_AGAIN_SECONDS)


async def _swipe_all(client: ShakyClient, table: Table, place: int, number: int, deck: Sequence[str]) -> None:
    """Swipe a deck in an order of one's own, a few cards at once, the agreed card last if there is just one."""
    cards = client.chance.sample(deck, len(deck))
    if table.game.agreed == 1:
        cards.sort(key=table.agreed_cards(deck).__contains__)
    middle = len(cards) // 2 // _SWIPES_AT_ONCE * _SWIPES_AT_ONCE
    for first in range(0, len(cards), _SWIPES_AT_ONCE):
        if client.view.over or client.view.now.round != number:
            return
        if first == middle:
            await _pass_the_time(client, table, place, number)
        some = cards[first : first + _SWIPES_AT_ONCE]
        await asyncio.gather(*(_swipe(client, number, item, table.ways(item, place)) for item in some))
        if table.game.lively and client.chance.random() < _UNDO:
            await _undo(client, table, place, number)


async def _swipe(client: ShakyClient, number: int, item: str, ways: Sequence[str]) -> None:
    """Swipe a card, and perhaps again; a like of an agreed card stays."""
    await client.carry_out("swipe", item=item, direction=client.chance.choice(ways), round=number)
    if len(ways) > 1 and client.chance.random() < _CHANGE_OF_MIND:
        await client.carry_out("swipe", item=item, direction=client.chance.choice(ways), round=number)


async def _undo(client: ShakyClient, table: Table, place: int, number: int) -> None:
    """Take the last swipe back, or the last two, and perhaps do it differently. Nothing else is on its way then."""
    for _ in range(client.chance.choice([1, 1, 2])):
        reply = await client.carry_out("undo", round=number)
        if reply["ok"] and client.chance.random() < _SWIPED_AGAIN:
            item = reply["data"]["item"]
            await _swipe(client, number, item, table.ways(item, place))


async def _pass_the_time(client: ShakyClient, table: Table, place: int, number: int) -> None:
    """Ask the others for something, or wander off."""
    wish = table.wish(place, number)
    if wish:
        await client.carry_out("vote", motion=wish, in_favour=True)
    if table.wanders(place, number):
        await client.stay_away(client.chance.uniform(*_AWAY_SECONDS))


async def _vote(client: ShakyClient) -> None:
    """Have one opinion on each open motion, and want to go on whenever the session was paused by vote."""
    opinions: dict[tuple[int, str], bool] = {}
    while not client.view.over:
        wanted = _open_question(client, opinions)
        if wanted is None:
            await client.until(lambda: client.view.over or _open_question(client, opinions) is not None)
            continue
        opinion = opinions.setdefault(wanted, wanted[1] == "resume" or client.chance.random() < _IN_FAVOUR)
        await client.carry_out("vote", motion=wanted[1], in_favour=opinion)
        # Somebody who was gone meanwhile has to vote on going on once more.
        await client.until(
            lambda: client.view.over or _open_question(client, opinions) is None, _LOOK_AGAIN_SECONDS
        )


def _open_question(client: ShakyClient, opinions: dict[tuple[int, str], bool]) -> tuple[int, str] | None:
    """A motion that waits for this client's vote, and its round."""
    now, me = client.view.now, client.person.id
    if now.pause and now.pause["reason"] == "vote":
        known = now.motions.get("resume")
        return None if known and me in known["in_favour"] else (now.round, "resume")
    for kind, motion in now.motions.items():
        question = (now.round, kind)
        if me not in motion["in_favour"] + motion["against"] and question not in opinions:
            return question
    return None


async def _talk(client: ShakyClient) -> None:
    """Say a few things and react to others, also after the outcome."""
    for number in range(client.chance.randint(2, 4)):
        await asyncio.sleep(client.chance.uniform(*_BETWEEN_WORDS_SECONDS))
        if client.chance.random() < 0.6:
            await client.carry_out("chat", text=f"{client.person.name} says {number}")
        else:
            await client.carry_out("react", emoji=client.chance.choice(_EMOJI))


async def _toss(client: ShakyClient, is_host: bool) -> None:
    """Where cards share the first place, the host has a coin thrown; a guest may try."""
    outcome = client.view.now.outcome
    if outcome and outcome.get("tied"):
        if is_host or client.chance.random() < _GUEST_TOSSES:
            await client.carry_out("toss")
        await client.until(lambda: (client.view.now.outcome or {}).get("tossed") is not None)
