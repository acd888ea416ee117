"""Where the user is: four places, each with its own stack of screens, and what lies on top of a session. No Kivy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from client.screens.routing import Route
from client.screens.table import SCREENS
from client.words import marked

Place: TypeAlias = Literal["tonight", "discover", "groups", "me"]
TONIGHT: Place = "tonight"


@dataclass(frozen=True, slots=True)
class PlaceSign:
    """How a place is shown in the bar, and the screen that one finds there first."""

    icon: str
    words: str
    screen: str


PLACES: dict[Place, PlaceSign] = {
    "tonight": PlaceSign("silverware-fork-knife", marked("Tonight"), "home"),
    "discover": PlaceSign("compass-outline", marked("Discover"), "browse"),
    "groups": PlaceSign("account-group-outline", marked("Groups"), "groups"),
    "me": PlaceSign("account-circle-outline", marked("Me"), "me"),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """A screen, and what it is about: the id of a recipe, say."""

    screen: str
    argument: str = ""


def open_places() -> tuple[Place, ...]:
    """The places that there is a screen for."""
    return tuple(place for place, sign in PLACES.items() if sign.screen in SCREENS)


class Whereabouts:
    """Which screen is shown, and which ones lie beneath it.

    While the state calls for "home" the user moves freely between the places. Every other screen that it calls for
    stands alone: what was opened on top of it closes as soon as the state calls for another one.
    """

    def __init__(self, route: Route) -> None:
        self._route: Route = route
        self._place: Place = TONIGHT
        self._stacks: dict[Place, list[Visit]] = {}
        self._alone: list[Visit] = [Visit(route)]

    @property
    def place(self) -> Place | None:
        """The place that the user is in; None where there are no places to go to."""
        return self._place if self._route == "home" else None

    @property
    def here(self) -> Visit:
        """What is shown."""
        return self._stack[-1]

    @property
    def can_go_back(self) -> bool:
        """Whether there is something to go back to."""
        return len(self._stack) > 1 or self.place not in {None, TONIGHT}

    def follow(self, route: Route) -> None:
        """Go where the state leads."""
        before, self._route = self._route, route
        self._alone = [Visit(route)]
        if route == "welcome":
            # Nothing of one user is left for the next one.
            self._stacks = {}
        if {before, route} != {"home", "claim"}:
            # Who makes an account on the way goes on where they were; else one comes home to dinner.
            self._place = TONIGHT
            self._stacks.pop(TONIGHT, None)

    def go_to(self, place: Place) -> None:
        """Go to a place, as one left it; to its first screen for who is there already."""
        if place == self._place:
            self._stacks.pop(place, None)
        self._place = place

    def go_to_start_of(self, place: Place) -> None:
        """Go to the first screen of a place."""
        self._place = place
        self._stacks.pop(place, None)

    def open(self, visit: Visit) -> None:
        """Open a screen on top; what is shown already is not opened twice."""
        if visit != self.here:
            self._stack.append(visit)

    def go_back(self) -> bool:
        """Close what is on top, or return to Tonight; False where there is nothing to go back to."""
        if len(self._stack) > 1:
            self._stack.pop()
            return True
        if not self.can_go_back:
            return False
        self._place = TONIGHT
        return True

    @property
    def _stack(self) -> list[Visit]:
        if self.place is None:
            return self._alone
        return self._stacks.setdefault(self._place, [Visit(PLACES[self._place].screen)])
