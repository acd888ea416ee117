"""Gives Kivy the fonts by name: `Nunito` (regular and bold), `NunitoExtra` (headlines), `Icons`."""

from __future__ import annotations

from pathlib import Path

from kivy.core.text import LabelBase

ASSETS = Path(__file__).resolve().parent.parent / "assets"


def register_fonts() -> None:
    """Idempotent; must run before the first label is made."""
    fonts = ASSETS / "fonts"
    LabelBase.register("Nunito", str(fonts / "Nunito-Regular.ttf"), fn_bold=str(fonts / "Nunito-Bold.ttf"))
    LabelBase.register("NunitoExtra", str(fonts / "Nunito-ExtraBold.ttf"))
    LabelBase.register("Icons", str(ASSETS / "icons" / "materialdesignicons-subset.ttf"))


def art(name: str) -> str:
    """The path of a picture in `client/assets/art`; an empty name gives no picture."""
    return str(ASSETS / "art" / f"{name}.webp") if name else ""
