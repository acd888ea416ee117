"""What screens show besides their usual sight: on their way, empty, failed, offline, further down, with a sheet open.

Each is named after its screen: `browse, empty` follows `browse` on the sheets of `tests.client.ui.contact_sheets`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from client.net.kitchen_values import CatalogueQuery
from client.net.people_values import RunningSession
from client.screens.table import SCREENS
from client.store import actions
from client.store.listing import Fetched, Listing, fetched
from client.store.state import AppState, Connection
from tests.client.ui import kitchen_scenes as kitchen
from tests.client.ui import people_scenes as people
from tests.client.ui import scenes
from tests.client.ui.contact_sheets import COUNTER, DISHES, SIGHTS, TACOS, Sight, with_server

if TYPE_CHECKING:
    from tests.client.ui.stage import Stage

Play = Callable[["Stage"], object]
UNREACHABLE = "The server cannot be reached. Check your connection."
BROKEN = "Something went wrong on the server. Please try again."


def pressing(name: str) -> Play:
    """Press something by its id, in sight or not."""

    def play(stage: Stage) -> None:
        stage.screen.ids[name].dispatch("on_release")
        stage.driver.wait(0.5)

    return play


def in_mode(mode: str) -> Play:
    """Choose another form on the welcome screen."""

    def play(stage: Stage) -> None:
        stage.screen.switch(mode)
        stage.driver.wait(0.3)

    return play


def found_group(stage: Stage) -> None:
    """Open the form for another group."""
    stage.screen.ids.groups.form = "create"
    stage.driver.wait(0.3)


def scrolling(share: float) -> Play:
    """Look further down: 0 is the foot."""

    def play(stage: Stage) -> None:
        from kivy.uix.scrollview import ScrollView  # noqa: PLC0415  (needs the display)

        view = next(widget for widget in stage.screen.walk() if isinstance(widget, ScrollView))
        if view.viewport_size[1] > view.height:
            view.scroll_y = share
        stage.driver.wait(0.3)

    return play


def open_chat(stage: Stage) -> None:
    """Read what was said."""
    stage.driver.press(stage.screen.ids.talk)
    stage.driver.wait(0.5)


def open_wishes(stage: Stage) -> None:
    """See what else one can do in a round."""
    stage.screen.open_menu()
    stage.driver.wait(0.5)


def ask_to_leave(stage: Stage) -> None:
    """Press the cross, and be asked."""
    stage.driver.key(27)
    stage.driver.wait(0.5)


def read_terms(stage: Stage) -> None:
    """Read what one agrees to."""
    text = people.text_of("terms").text
    stage.app.root.ids.reading.read(text)
    stage.driver.wait(0.5)


def break_down(stage: Stage) -> None:
    """Let the screen fail, which is no mishap here."""
    stage.app.root.fail(RuntimeError("on purpose"))
    stage.driver.wait(0.5)
    stage.reports.errors.clear()


def give_notice(stage: Stage) -> None:
    """Tell that something was taken back."""
    stage.store.dispatch(actions.NoticeShown("error", "That was not saved. Please try again."))
    stage.driver.wait(0.5)


def offline(state: AppState) -> AppState:
    """The same after some attempts to reach the server, the next one soon."""
    lost = Connection("reconnecting", attempts=3, retry_at=scenes.EVENING + 9, give_hint=True)
    return replace(state, connection=lost)


RUNNING = RunningSession("7" * 24, people.NAMES)
WAITING: Listing[Any] = Listing(status="loading")
NOTHING: Listing[Any] = Listing((), "loaded", next_page=None, total=0)
FAILED: Listing[Any] = Listing(status="failed", error=UNREACHABLE)
BROKEN_DOWN: Fetched[Any] = Fetched(status="failed", error=BROKEN)
ON_ITS_WAY: Fetched[Any] = Fetched(status="loading")


def _leaving() -> AppState:
    return people.private(
        exports=fetched((people.BEING_MADE, people.READY)), erasure=fetched(people.SCHEDULED)
    )


def _discover(state: AppState, play: Play | None = None) -> Sight:
    return Sight(state, place="discover", play=play)


def _mine(state: AppState, play: Play | None = None, argument: str = "") -> Sight:
    return Sight(state, argument, place="me", play=play)


ORDER = (
    *("restoring", "welcome", "claim", "home", "lobby", "swipe", "match", "closest", "ended"),
    *("browse", "recipe", "restaurant", "favourites", "shopping"),
    *(
        "groups",
        "group",
        "group_history",
        "history",
        "history_entry",
        "notifications",
        "notification_settings",
    ),
    *("me", "profile", "preferences", "account", "privacy", "privacy_record", "settings"),
)
STATES: dict[str, Sight] = {
    "welcome, create account": Sight(scenes.welcome_with_providers(), play=in_mode("register")),
    "welcome, guest": Sight(scenes.welcome_with_providers(), play=in_mode("guest")),
    "welcome, forgot password": Sight(scenes.welcome_with_providers(), play=in_mode("forgot")),
    "welcome, in the browser": Sight(scenes.in_the_browser()),
    "home, further down": Sight(people.with_history(), play=scrolling(0)),
    "home, running": Sight(people.with_history(running=(RUNNING,))),
    "home, guest": Sight(scenes.as_guest()),
    "home, notice": Sight(scenes.with_group(), play=give_notice),
    "home, fallback": Sight(scenes.at_home(), play=break_down),
    "lobby, further down": Sight(scenes.lobby(), play=scrolling(0)),
    "swipe, round two": Sight(scenes.asking()),
    "swipe, menu": Sight(scenes.swiping(), play=open_wishes),
    "swipe, paused": Sight(scenes.paused()),
    "swipe, waiting": Sight(scenes.waiting()),
    "swipe, watching": Sight(scenes.watching()),
    "swipe, chat": Sight(scenes.talking(), play=open_chat),
    "swipe, offline": Sight(offline(scenes.swiping())),
    "swipe, leave": Sight(scenes.swiping(), play=ask_to_leave),
    "closest, tie": Sight(scenes.tied()),
    "closest, coin": Sight(scenes.tossed()),
    "browse, filters": _discover(kitchen.results(DISHES), pressing("narrow")),
    "browse, restaurants": _discover(kitchen.results(kitchen.PLACES, query=CatalogueQuery("restaurant"))),
    "browse, loading": _discover(kitchen.results((), "loading")),
    "browse, empty": _discover(kitchen.results((), query=CatalogueQuery(words="stones"))),
    "browse, error": _discover(kitchen.results((), "failed", error=BROKEN)),
    "browse, offline": _discover(kitchen.results(DISHES, status="failed", error=UNREACHABLE)),
    "recipe, further down": Sight(kitchen.with_recipe(TACOS), TACOS.id, "discover", play=scrolling(0)),
    "recipe, loading": Sight(kitchen.in_kitchen(recipes={TACOS.id: ON_ITS_WAY}), TACOS.id, "discover"),
    "recipe, error": Sight(kitchen.in_kitchen(recipes={TACOS.id: BROKEN_DOWN}), TACOS.id, "discover"),
    "restaurant, further down": Sight(
        kitchen.with_restaurant(COUNTER), COUNTER.id, "discover", play=scrolling(0)
    ),
    "favourites, empty": _mine(kitchen.favourites("recipe")),
    "shopping, empty": _mine(kitchen.shopping()),
    "groups, empty": Sight(replace(scenes.at_home(), groups=()), place="groups"),
    "groups, loading": Sight(scenes.at_home(), place="groups"),
    "groups, error": Sight(replace(scenes.at_home(), groups_error=UNREACHABLE), place="groups"),
    "groups, asked": Sight(scenes.asked_into_group(), place="groups"),
    "groups, found one": Sight(scenes.with_group(), place="groups", play=found_group),
    "group, further down": Sight(people.with_open_group(), scenes.FAMILY.id, "groups", play=scrolling(0)),
    "history, loading": _mine(people.with_history(history=WAITING)),
    "history, empty": _mine(people.with_history(history=NOTHING)),
    "history, error": _mine(people.with_history(history=FAILED)),
    "history_entry, further down": _mine(people.with_history(), scrolling(0), people.LANTERN.decision.id),
    "notifications, empty": _mine(people.with_inbox(inbox=NOTHING, unread=0)),
    "preferences, asked first": _mine(scenes.not_asked_yet()),
    "preferences, further down": _mine(scenes.at_home(), scrolling(0)),
    "account, further down": _mine(replace(scenes.at_home(), devices=None), scrolling(0)),
    "privacy, further down": _mine(people.private(), scrolling(0)),
    "privacy, leaving": _mine(_leaving(), scrolling(0)),
    "privacy, export": _mine(_leaving(), scrolling(0.45)),
    "privacy, reading": _mine(people.private(), read_terms),
    "settings, further down": _mine(with_server(), scrolling(0)),
}


def album() -> dict[str, Sight]:
    """Every screen in the order of docs/product.md K2, each followed by its states."""
    known = {**SIGHTS, **STATES}
    missing = set(SCREENS) - set(ORDER)
    if missing:
        raise LookupError(f"No picture shows the screens {sorted(missing)}; add them to SIGHTS and ORDER.")
    return {name: known[name] for screen in ORDER for name in known if name.partition(", ")[0] == screen}
