"""Every screen of the app on one sheet, small and with its name: for whoever wants to see them all at a glance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from client.net.values import Device
from client.screens.places import Place
from client.store.state import AppState
from tests.client.ui import kitchen_scenes as kitchen
from tests.client.ui import people_scenes as people
from tests.client.ui import scenes
from tests.client.ui.catalogue_scenes import recipe_cards

if TYPE_CHECKING:
    from tests.client.ui.stage import Stage

FONT = Path(__file__).parents[3] / "client" / "assets" / "fonts" / "Nunito-Bold.ttf"
OVERVIEW = ("home", "lobby", "swipe", "match", "round-two-dark")
PER_ROW = 8
WIDTH = 240  # pixels of a screen on the sheet
GAP, EDGE, NAME_HEIGHT, RADIUS = 20, 28, 34, 16
DAY, NIGHT = ("#EFDCC6", "#4A2A18"), ("#0E0B0A", "#F3E7DC")  # what the screens lie on, and their names in ink
COLOURS = 256  # of the file: photographs this small need no more


DISHES = (*kitchen.RECIPES, *recipe_cards(9))
TACO_CARD = kitchen.RECIPES[1]
TACOS = replace(
    kitchen.RECIPE,
    id=TACO_CARD.id,
    title=TACO_CARD.title,
    image_url=TACO_CARD.image_url,
    blurhash=TACO_CARD.blurhash,
)
COUNTER = replace(
    kitchen.RESTAURANT,
    description="Skewers over charcoal at a counter for twelve, and rice that takes its time.",
    cuisines=("Japanese",),
)
DEVICES = (
    Device("1" * 24, "DinDin (Linux)", scenes.EVENING, scenes.EVENING, current=True),
    Device("2" * 24, "DinDin (Android)", scenes.EVENING - 9e5, scenes.EVENING - 9e4, current=False),
)


@dataclass(frozen=True)
class Sight:
    """What one sees a screen with, what it is about, the place where one finds it, and what one does there."""

    state: AppState
    argument: str = ""
    place: Place = "tonight"
    play: Callable[[Stage], object] | None = None


def with_server() -> AppState:
    """The app talks to a server."""
    state = scenes.at_home()
    return replace(state, settings=replace(state.settings, server="https://dindin.example"))


SIGHTS: dict[str, Sight] = {
    "restoring": Sight(AppState()),
    "welcome": Sight(scenes.welcome_with_providers()),
    "home": Sight(replace(people.with_history(), notifications=(scenes.CALLED,))),
    "groups": Sight(scenes.with_group(), place="groups"),
    "me": Sight(people.with_inbox(), place="me"),
    "settings": Sight(with_server(), place="me"),
    "claim": Sight(scenes.keeping_account()),
    "preferences": Sight(scenes.at_home(), place="me"),
    "account": Sight(replace(scenes.at_home(), devices=DEVICES), place="me"),
    "lobby": Sight(scenes.lobby_voted()),
    "swipe": Sight(scenes.swiping()),
    "match": Sight(scenes.matched()),
    "closest": Sight(scenes.closest()),
    "ended": Sight(scenes.expired()),
    "browse": Sight(kitchen.recommending(DISHES), place="discover"),
    "recipe": Sight(kitchen.with_recipe(TACOS), TACOS.id, "discover"),
    "restaurant": Sight(kitchen.with_restaurant(COUNTER), COUNTER.id, "discover"),
    "favourites": Sight(kitchen.favourites("recipe", *DISHES[3:8]), place="me"),
    "shopping": Sight(kitchen.shopping(*kitchen.ITEMS, shared_with=scenes.FAMILY.id), place="me"),
    "history": Sight(people.with_history(), place="me"),
    "history_entry": Sight(people.with_history(), people.TACOS.decision.id, "me"),
    "notifications": Sight(people.with_inbox(), place="me"),
    "notification_settings": Sight(people.with_muted("group_joined"), place="me"),
    "group": Sight(people.with_open_group(), scenes.FAMILY.id, "groups"),
    "group_history": Sight(people.with_open_group(), scenes.FAMILY.id, "groups"),
    "profile": Sight(scenes.at_home(), place="me"),
    "privacy": Sight(people.private(), place="me"),
    "privacy_record": Sight(people.private(), place="me"),
}


def draw_sheet(pictures: Mapping[str, Image.Image], *, dark: bool) -> Image.Image:
    """A sheet of screens with their names, by night or by day; it takes no more colours than a small file has."""
    small = {name: _small(picture) for name, picture in pictures.items()}
    return _lay_out(small, *(NIGHT if dark else DAY)).quantize(
        COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.FLOYDSTEINBERG
    )


def _small(picture: Image.Image) -> Image.Image:
    height = round(picture.height * WIDTH / picture.width)
    return picture.resize((WIDTH, height), Image.Resampling.LANCZOS)


def _lay_out(pictures: Mapping[str, Image.Image], paper: str, ink: str) -> Image.Image:
    rows = -(-len(pictures) // PER_ROW)
    height = max(picture.height for picture in pictures.values())
    step_x, step_y = WIDTH + GAP, height + NAME_HEIGHT + GAP
    sheet = Image.new("RGB", (PER_ROW * step_x - GAP + 2 * EDGE, rows * step_y - GAP + 2 * EDGE), paper)
    pen, font = ImageDraw.Draw(sheet), ImageFont.truetype(FONT, 17)
    mask = Image.new("L", (WIDTH, height), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, WIDTH - 1, height - 1), RADIUS, fill=255)
    for number, (name, picture) in enumerate(pictures.items()):
        x, y = EDGE + number % PER_ROW * step_x, EDGE + number // PER_ROW * step_y
        pen.text((x + WIDTH / 2, y + NAME_HEIGHT / 2 - 4), name.replace("_", " "), ink, font, anchor="mm")
        sheet.paste(picture, (x, y + NAME_HEIGHT), mask)
    return sheet


def overview(folder: Path, height: int = 760) -> Image.Image:
    """Several screens side by side, as phones on paper."""
    screens = []
    for name in OVERVIEW:
        with Image.open(folder / f"{name}.png") as picture:
            width = round(picture.width * height / picture.height)
            screens.append(picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS))
    gap, edge, radius = 44, 56, 40
    width = sum(screen.width for screen in screens) + gap * (len(screens) - 1) + 2 * edge
    sheet = Image.new("RGB", (width, height + 2 * edge), "#EFDCC6")
    left = edge
    for screen in screens:
        mask = Image.new("L", screen.size, 0)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, screen.width - 1, screen.height - 1), radius, fill=255)
        shadow = Image.new("L", sheet.size, 0)
        shadow.paste(mask.point(lambda value: value * 90 // 255), (left, edge + 12))
        sheet.paste("#4A2A18", mask=shadow.filter(ImageFilter.GaussianBlur(18)))
        sheet.paste(screen, (left, edge), mask)
        left += screen.width + gap
    return sheet
