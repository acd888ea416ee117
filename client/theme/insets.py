"""The edges of a phone's window that its camera, bars or round corners cover."""

from __future__ import annotations

import logging
from importlib import import_module

from client.theme.active import theme

log = logging.getLogger(__name__)

Insets = dict[str, float]
NONE: Insets = {"top": 0, "bottom": 0, "left": 0, "right": 0}


def apply_insets(platform: str) -> None:
    """Keep what is shown clear of them; `platform` is as Kivy calls it. In pixels, as the system says."""
    for edge, width in _insets_of(platform).items():
        setattr(theme, f"inset_{edge}", width)


def _insets_of(platform: str) -> Insets:
    try:
        if platform == "ios":
            said = import_module("ios").get_safe_area()
            return {edge: float(said.get(edge, 0)) for edge in NONE}
        if platform == "android":
            return _of_android()
    except (ImportError, AttributeError, TypeError, ValueError) as problem:
        log.info("the system does not say which edges it covers: %s", problem)
    return NONE


def _of_android() -> Insets:
    activity = import_module("jnius").autoclass("org.kivy.android.PythonActivity").mActivity
    window = activity.getWindow().getDecorView().getRootWindowInsets()
    cutout = window.getDisplayCutout() if window is not None else None
    if cutout is None:
        return NONE
    return {
        "top": float(cutout.getSafeInsetTop()),
        "bottom": float(cutout.getSafeInsetBottom()),
        "left": float(cutout.getSafeInsetLeft()),
        "right": float(cutout.getSafeInsetRight()),
    }
