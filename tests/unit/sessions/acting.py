"""What people may do in a random history of a session."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bson import ObjectId
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from backend.sessions import rules
from backend.sessions.state import Change, Energy, MotionKind, Session, Status
from backend.sessions.tally import Direction
from tests.unit.sessions.playing import Play
from tests.unit.sessions.strategies import ITEMS, RESERVE, ROUNDS, USERS, known_id

PEOPLE = USERS[:5]
places = st.integers(0, 4)
durations = st.sampled_from([ROUNDS, ROUNDS, (60, 30), (10,)])

in_the_lobby = precondition(lambda self: self.session.status is Status.LOBBY)
while_live = precondition(lambda self: self.session.status.live)
while_running = precondition(lambda self: self.session.status.running)
while_swiping = precondition(lambda self: self.session.status is Status.SWIPING)
once_over = precondition(lambda self: not self.session.status.live)
once_decided = precondition(lambda self: self.session.outcome is not None)


class Acting(RuleBasedStateMachine):
    """People do what they like, in any order, and time passes."""

    play: Play

    @property
    def session(self) -> Session:
        """The session as it is."""
        return self.play.session

    @initialize(people=st.integers(1, 4), begun=st.sampled_from([True, True, False]), round_seconds=durations)
    def open_session(self, people: int, begun: bool, round_seconds: tuple[int, ...]) -> None:
        """A lobby with some people in it; mostly they start at once."""
        self.play = Play(round_seconds)
        self.gather(people, begun)

    @once_over
    @rule(people=st.integers(2, 4), round_seconds=durations)
    def meet_on_another_evening(self, people: int, round_seconds: tuple[int, ...]) -> None:
        """What is over stays over; the same people start a new session."""
        self.play = Play(round_seconds, self.play.now)
        self.gather(people, True)

    def gather(self, people: int, begun: bool) -> None:
        for user in PEOPLE[1:people]:
            self.play.join(user)
        if begun:
            self.play.begin()

    # People come and go.

    @rule(user=st.sampled_from(PEOPLE), lost=st.none() | st.sampled_from(ITEMS + RESERVE))
    def join_perhaps_with_an_allergy(self, user: ObjectId, lost: ObjectId | None) -> None:
        self.play.join(user, frozenset(ITEMS + RESERVE) - {lost} if lost else None)

    @rule(place=places, act=st.sampled_from([rules.go, rules.go, rules.come_back, rules.leave]))
    def go_or_come_back_or_leave(self, place: int, act: Any) -> None:
        self.play.attempt(lambda session, now: act(session, _at(session, place), now))

    @rule(act=st.sampled_from([rules.come_back, rules.leave]))
    def all_who_are_gone_come_back_or_leave(self, act: Any) -> None:
        for participant in self.session.participants:
            if participant.gone:
                self.play.attempt(partial(_act, act=act, user=participant.user_id))

    @while_running
    @rule(place=places)
    def leave_and_come_in_again(self, place: int) -> None:
        user = _at(self.session, place)
        self.play.attempt(lambda session, now: rules.leave(session, user, now))
        self.play.join(user)

    # The lobby.

    @in_the_lobby
    @rule(place=places, energy=st.sampled_from(Energy))
    def vote_energy(self, place: int, energy: Energy) -> None:
        self.play.attempt(lambda session, now: rules.vote_energy(session, _at(session, place), energy, now))

    @in_the_lobby
    @rule(place=places, ready=st.booleans())
    def get_ready(self, place: int, ready: bool) -> None:
        self.play.attempt(lambda session, now: rules.set_ready(session, _at(session, place), ready, now))

    @in_the_lobby
    @rule()
    def begin(self) -> None:
        self.play.begin()

    @in_the_lobby
    @rule()
    def refuse_to_begin(self) -> None:
        self.play.attempt(lambda s, now: rules.stop_countdown(s, now, "deck_too_small", "Too few cards."))

    # A round.

    @while_swiping
    @rule(place=places, card=st.integers(0, 20), direction=st.sampled_from(Direction))
    def swipe_one(self, place: int, card: int, direction: Direction) -> None:
        self.swipe(place, card, direction)

    def swipe(self, place: int, card: int, direction: Direction) -> None:
        user = _at(self.session, place)
        if deck := self.session.deck_of(user):
            self.play.swipe(user, deck[card % len(deck)], direction)

    @while_swiping
    @rule(place=places, direction=st.sampled_from(Direction))
    def swipe_all(self, place: int, direction: Direction) -> None:
        user = _at(self.session, place)
        for item in self.session.deck_of(user):
            self.play.swipe(user, item, direction)

    @while_swiping
    @rule(tastes=st.lists(st.integers(0, 9), min_size=1, max_size=8))
    def everybody_swipes_and_no_two_like_the_same(self, tastes: list[int]) -> None:
        number, people = self.session.round, self.session.present
        cards = ITEMS + RESERVE
        for place, participant in enumerate(people):
            for item in self.session.deck_of(participant.user_id):
                if self.session.round == number:
                    taste = tastes[cards.index(item) % len(tastes)]
                    direction = Direction.LIKE if taste == place else Direction.DISLIKE
                    self.play.swipe(participant.user_id, item, direction)

    @while_swiping
    @rule(place=st.integers(0, 20))
    def everybody_likes_one_card(self, place: int) -> None:
        number, people = self.session.round, self.session.present
        decks = [item for participant in people for item in self.session.deck_of(participant.user_id)]
        for participant in people:
            if decks and self.session.round == number:
                self.play.swipe(participant.user_id, decks[place % len(decks)], Direction.LIKE)

    @while_swiping
    @rule(place=places)
    def undo_one(self, place: int) -> None:
        self.undo(place)

    def undo(self, place: int) -> None:
        active = sorted(user for user, cards in self.play.tally().swiped.items() if cards)
        if active:
            self.play.undo(active[place % len(active)])

    @while_swiping
    @rule(place=places, card=st.integers(0, 20), words=st.lists(st.sampled_from(Direction), max_size=3))
    def say_this_and_that_and_take_it_back(self, place: int, card: int, words: list[Direction]) -> None:
        for word in words:
            self.swipe(place, card, word)
        self.undo(place)

    @while_swiping
    @rule()
    def time_is_up(self) -> None:
        counted_at = self.session.counted_at
        assert counted_at is not None
        self.play.pass_time(counted_at - self.play.now)

    # Votes.

    @while_running
    @rule(place=places, motion=st.sampled_from(MotionKind), in_favour=st.booleans())
    def vote(self, place: int, motion: MotionKind, in_favour: bool) -> None:
        self.play.attempt(
            lambda session, now: rules.vote(session, _at(session, place), motion, in_favour, now)
        )

    @while_running
    @rule(motion=st.sampled_from(MotionKind))
    def everybody_wants(self, motion: MotionKind) -> None:
        for participant in self.session.present:
            self.play.attempt(partial(_vote, user=participant.user_id, motion=motion))

    # Whenever.

    @once_decided
    @rule(place=places, drawn=st.integers(0, 2**64))
    def toss(self, place: int, drawn: int) -> None:
        self.play.attempt(lambda session, _: rules.toss(session, _at(session, place), drawn))

    @rule(place=places, text=st.text(min_size=1, max_size=20))
    def say(self, place: int, text: str) -> None:
        self.play.attempt(
            lambda session, now: rules.say(session, _at(session, place), known_id(0x3E55), text, now)
        )

    @while_live
    @rule(seconds=st.sampled_from([1, 1, 3, 3, 60, 60, 301, 3700]))
    def wait(self, seconds: int) -> None:
        self.play.pass_time(timedelta(seconds=seconds))


def _act(session: Session, now: datetime, act: Any, user: ObjectId) -> Change:
    return act(session, user, now)


def _vote(session: Session, now: datetime, user: ObjectId, motion: MotionKind) -> Change:
    return rules.vote(session, user, motion, True, now)


def _at(session: Session, place: int) -> ObjectId:
    """One of those who are or were there."""
    return session.participants[place % len(session.participants)].user_id
