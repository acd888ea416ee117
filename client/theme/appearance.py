"""Makes the theme follow the settings of this device."""

from __future__ import annotations

from client.store.settings.state import Settings
from client.theme.active import theme


def apply_look(settings: Settings) -> None:
    """Light or dark, larger text, less motion: at once, on whatever is shown."""
    theme.dark = settings.dark
    theme.reduced_motion = settings.chosen.reduced_motion
    theme.text_scale = settings.chosen.text_percent / 100
