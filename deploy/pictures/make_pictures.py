"""Make the catalogue's pictures: food art on two tones, one 512 px WebP for each name in pictures.toml.

The art is Microsoft's Fluent Emoji (MIT; the licence is kept beside the pictures), taken from the npm package
`@iconify-json/fluent-emoji`. The pictures are committed: run this again only after changing pictures.toml.

    npm pack @iconify-json/fluent-emoji && tar xzf iconify-json-fluent-emoji-*.tgz
    python -m deploy.pictures.make_pictures package [--only NAME ...]

It needs the dev requirements and nothing else, and the same input gives the same files. Besides the pictures
it writes each one's `blurhash` (shown while it loads) and `picture_version` (a hash of the file, part
of its address, so that caches may keep it for ever) into the catalogue's seed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import blurhash
import resvg_py
from PIL import Image

_HERE = Path(__file__).resolve().parent
_CATALOG = _HERE.parent.parent / "backend" / "catalog"
COMPOSITIONS = _HERE / "pictures.toml"
PICTURES = _CATALOG / "pictures"
FACTS = _CATALOG / "seed" / "pictures.json"

_SIZE = 512
_WEBP_QUALITY = 86
_BLURHASH_COMPONENTS = 4
_VERSION_LENGTH = 8
_DISC_RADIUS = 206
_HERO_SIZE = 312
_ACCENT_SIZE = 128

# Centre and tilt in degrees of the small foods around the hero.
_SLOTS = {
    "nw": (112, 118, -14),
    "ne": (400, 112, 14),
    "sw": (116, 396, -10),
    "se": (398, 394, 10),
}


class PictureError(Exception):
    """The pictures cannot be made; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as #RRGGBB: the background from corner to corner, and the disc behind the food."""

    base: tuple[str, str]
    disc: str


@dataclass(frozen=True, slots=True)
class Accent:
    """A small food at one of the slots, behind the hero or in front of it."""

    slot: str
    emoji: str
    in_front: bool


@dataclass(frozen=True, slots=True)
class Composition:
    """What one picture shows."""

    palette: Palette
    hero: str
    hero_size: int
    around: tuple[Accent, ...]


def read_compositions(path: Path) -> dict[str, Composition]:
    """Read pictures.toml.

    Raises:
        PictureError: it names a palette or a slot that does not exist.
    """
    plan = tomllib.loads(path.read_text(encoding="utf-8"))
    palettes = {name: Palette(tuple(p["base"]), p["disc"]) for name, p in plan["palettes"].items()}
    compositions = {}
    for name, picture in plan["pictures"].items():
        if picture["palette"] not in palettes:
            raise PictureError(
                f"{path.name}: {name} asks for palette {picture['palette']!r}, which is not there."
            )
        compositions[name] = Composition(
            palette=palettes[picture["palette"]],
            hero=picture["hero"],
            hero_size=picture.get("size", _HERO_SIZE),
            around=tuple(_accent(name, text) for text in picture.get("around", ())),
        )
    return compositions


def _accent(picture: str, text: str) -> Accent:
    slot, _, emoji = text.partition(":")
    if slot not in _SLOTS or not emoji:
        raise PictureError(
            f"{picture}: write SLOT:EMOJI with a slot of {', '.join(_SLOTS)}; {text!r} is not that."
        )
    return Accent(slot, emoji.removesuffix("*"), emoji.endswith("*"))


class Emoji:
    """The emoji of the unpacked npm package, as pieces of SVG."""

    def __init__(self, package: Path) -> None:
        """Read `package`/icons.json (100 MB, about a second)."""
        try:
            collection: dict[str, Any] = json.loads((package / "icons.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise PictureError(
                f"{package}/icons.json is not there: give the folder of the unpacked package."
            ) from None
        self._icons: Mapping[str, Mapping[str, Any]] = collection["icons"]
        self._grid: int = collection.get("width", 32)

    def placed(self, name: str, centre: tuple[float, float], size: float, tilt: float = 0) -> str:
        """The emoji `size` pixels wide around `centre`, turned by `tilt` degrees, with a soft shadow.

        Raises:
            PictureError: the package has no emoji of that name.
        """
        icon = self._icons.get(name)
        if icon is None:
            raise PictureError(f"The package has no emoji called {name!r}.")
        x, y = centre
        grid = icon.get("width", self._grid)
        return (
            f'<g filter="url(#shadow)"><g transform="translate({x} {y}) rotate({tilt}) '
            f'scale({size / grid:.4f}) translate({-grid / 2} {-grid / 2})">{icon["body"]}</g></g>'
        )


def compose(composition: Composition, emoji: Emoji) -> str:
    """One picture as an SVG document."""
    centre = _SIZE / 2
    behind = (_placed(a, emoji) for a in composition.around if not a.in_front)
    in_front = (_placed(a, emoji) for a in composition.around if a.in_front)
    hero = emoji.placed(composition.hero, (centre, centre + 4), composition.hero_size)
    return "".join((_background(composition.palette), *behind, hero, *in_front, "</svg>"))


def _placed(accent: Accent, emoji: Emoji) -> str:
    x, y, tilt = _SLOTS[accent.slot]
    return emoji.placed(accent.emoji, (x, y), _ACCENT_SIZE, tilt)


def _background(palette: Palette) -> str:
    dark, light = palette.base
    circle = f'<circle cx="{_SIZE / 2}" cy="{_SIZE / 2}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}"><defs>'
        f'<linearGradient id="base" x1="0" y1="1" x2="1" y2="0"><stop stop-color="{dark}"/>'
        f'<stop offset="1" stop-color="{light}"/></linearGradient>'
        f'<radialGradient id="disc"><stop offset="0.55" stop-color="#FFFFFF" stop-opacity="0.55"/>'
        f'<stop offset="1" stop-color="#FFFFFF" stop-opacity="0"/></radialGradient>'
        '<filter id="shadow" x="-30%" y="-30%" width="160%" height="170%">'
        '<feDropShadow dx="0" dy="9" stdDeviation="9" flood-color="#4A2512" flood-opacity="0.28"/>'
        "</filter></defs>"
        f'<rect width="{_SIZE}" height="{_SIZE}" fill="url(#base)"/>'
        f'{circle} r="{_DISC_RADIUS + 34}" fill="{palette.disc}" fill-opacity="0.35"/>'
        f'{circle} r="{_DISC_RADIUS}" fill="{palette.disc}"/>'
        f'{circle} r="{_DISC_RADIUS}" fill="url(#disc)"/>'
    )


def render(svg: str) -> Image.Image:
    """Render an SVG document at the catalogue's size, without any transparency."""
    png = resvg_py.svg_to_bytes(svg_string=svg, width=_SIZE, height=_SIZE, skip_system_fonts=True)
    return Image.open(BytesIO(png)).convert("RGB")


def encode(image: Image.Image) -> bytes:
    """The picture as WebP."""
    buffer = BytesIO()
    image.save(buffer, "WEBP", quality=_WEBP_QUALITY, method=6)
    return buffer.getvalue()


def facts(image: Image.Image, webp: bytes) -> dict[str, str]:
    """What the seed says about a picture."""
    small = image.resize((64, 64), Image.Resampling.LANCZOS)
    return {
        "picture_version": hashlib.sha256(webp).hexdigest()[:_VERSION_LENGTH],
        "blurhash": blurhash.encode(small, _BLURHASH_COMPONENTS, _BLURHASH_COMPONENTS),
    }


def update_facts(path: Path, planned: Collection[str], made: Mapping[str, Mapping[str, str]]) -> None:
    """Write the facts of the pictures in `made` into the seed, one line each, and drop what is not `planned`."""
    known: dict[str, Mapping[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    known = {name: facts for name, facts in {**known, **made}.items() if name in planned}
    lines = (f"  {_json(name)}: {_json(known[name])}" for name in sorted(known))
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def make(package: Path, only: Iterable[str]) -> int:
    """Make all pictures, or those in `only`, and return how many."""
    compositions = read_compositions(COMPOSITIONS)
    if unknown := set(only) - compositions.keys():
        raise PictureError(f"pictures.toml has no {', '.join(sorted(unknown))}.")
    emoji = Emoji(package)
    known = {}
    for name in sorted(only) or compositions:
        image = render(compose(compositions[name], emoji))
        webp = encode(image)
        (PICTURES / f"{name}.webp").write_bytes(webp)
        known[name] = facts(image, webp)
    update_facts(FACTS, compositions.keys(), known)
    return len(known)


def main() -> int:
    """Run from the command line; 0 on success."""
    parser = argparse.ArgumentParser(description="Make the catalogue's pictures from Fluent Emoji.")
    parser.add_argument(
        "package", type=Path, help="folder of the unpacked npm package @iconify-json/fluent-emoji"
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="make only these")
    arguments = parser.parse_args()
    try:
        made = make(arguments.package, arguments.only)
    except PictureError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    sys.stdout.write(f"{made} pictures are in {PICTURES}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
