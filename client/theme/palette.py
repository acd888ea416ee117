"""Colours as plain values. No Kivy here: the contrast test reads this file without a window."""

from __future__ import annotations

from dataclasses import dataclass

Rgba = tuple[float, float, float, float]

# docs/product.md K8: text on its background, and icons that carry meaning, are at least this far apart (WCAG 2.2 AA).
MINIMUM_CONTRAST = 4.5
# Below this an sRGB channel is linear, above it a power (IEC 61966-2-1).
SRGB_KNEE = 0.04045


def rgba(code: str, alpha: float = 1.0) -> Rgba:
    """`#rrggbb` as four floats from 0 to 1."""
    red, green, blue = (int(code[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return (red, green, blue, alpha)


def luminance(colour: Rgba) -> float:
    """Relative luminance as WCAG 2.2 defines it, 0 (black) to 1 (white); alpha is ignored."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= SRGB_KNEE else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgba, other: Rgba) -> float:
    """Contrast ratio of two opaque colours, 1 (equal) to 21 (black on white)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@dataclass(frozen=True, slots=True)
class Palette:
    """One set of colours; every name says what the colour is for, not what it looks like."""

    paper: Rgba  # the background of every screen
    surface: Rgba  # panels and cards
    sunken: Rgba  # fields, chips, tracks: a step back from the surface
    line: Rgba  # hairlines and outlines; never carries meaning alone
    ink: Rgba  # text
    ink_soft: Rgba  # second-rank text
    coral: Rgba  # the one strong colour: main buttons, the countdown
    text_on_coral: Rgba  # text on coral
    coral_ink: Rgba  # coral as text or icon on paper and surface
    coral_wash: Rgba  # a breath of coral: chosen tiles, art backdrops
    like: Rgba
    text_on_like: Rgba
    like_wash: Rgba
    nope: Rgba
    skip: Rgba
    warn: Rgba  # reconnecting
    text_on_warn: Rgba
    shadow: Rgba
    scrim: Rgba  # dims a screen under a sheet

    def readable_pairs(self) -> dict[str, tuple[Rgba, Rgba]]:
        """Every text or icon colour with each background it is used on, for the contrast test."""
        pairs: dict[str, tuple[Rgba, Rgba]] = {
            "text_on_coral/coral": (self.text_on_coral, self.coral),
            "text_on_like/like": (self.text_on_like, self.like),
            "text_on_warn/warn": (self.text_on_warn, self.warn),
            "ink/coral_wash": (self.ink, self.coral_wash),
            "ink_soft/coral_wash": (self.ink_soft, self.coral_wash),
            "coral_ink/coral_wash": (self.coral_ink, self.coral_wash),
            "ink/like_wash": (self.ink, self.like_wash),
            "ink_soft/like_wash": (self.ink_soft, self.like_wash),
            "like/like_wash": (self.like, self.like_wash),
        }
        for background in ("paper", "surface", "sunken"):
            for text in ("ink", "ink_soft", "coral_ink"):
                pairs[f"{text}/{background}"] = (getattr(self, text), getattr(self, background))
        for stamp in ("like", "nope", "skip"):
            pairs[f"{stamp}/surface"] = (getattr(self, stamp), self.surface)
        return pairs


LIGHT = Palette(
    paper=rgba("#FBF3E7"),
    surface=rgba("#FFFDF9"),
    sunken=rgba("#F5E9DA"),
    line=rgba("#E8D8C4"),
    ink=rgba("#3A2318"),
    ink_soft=rgba("#725443"),
    coral=rgba("#D43C28"),
    text_on_coral=rgba("#FFFFFF"),
    coral_ink=rgba("#BA3220"),
    coral_wash=rgba("#FDE3DA"),
    like=rgba("#257245"),
    text_on_like=rgba("#FFFFFF"),
    like_wash=rgba("#E0F0E2"),
    nope=rgba("#BA3220"),
    skip=rgba("#8A5B00"),
    warn=rgba("#FFD98A"),
    text_on_warn=rgba("#4A2F00"),
    shadow=rgba("#6B3F22", 0.24),
    scrim=rgba("#2A1710", 0.55),
)

DARK = Palette(
    paper=rgba("#1D1410"),
    surface=rgba("#2C201A"),
    sunken=rgba("#3A2B23"),
    line=rgba("#4E3C31"),
    ink=rgba("#FAEFE2"),
    ink_soft=rgba("#D2BCA9"),
    coral=rgba("#FF7D66"),
    text_on_coral=rgba("#2B0F08"),
    coral_ink=rgba("#FF9A86"),
    coral_wash=rgba("#4A2720"),
    like=rgba("#7FD79E"),
    text_on_like=rgba("#0C2615"),
    like_wash=rgba("#1F3A2A"),
    nope=rgba("#FF9A86"),
    skip=rgba("#F2C46B"),
    warn=rgba("#F2C46B"),
    text_on_warn=rgba("#332000"),
    shadow=rgba("#000000", 0.55),
    scrim=rgba("#0A0604", 0.68),
)

WHITE = rgba("#FFFFFF")

# Behind a white initial, on paper of either theme.
AVATAR_TINTS = (
    rgba("#9A4B2F"),
    rgba("#2B6B70"),
    rgba("#5A5CA3"),
    rgba("#8A4780"),
    rgba("#4A6B35"),
    rgba("#A33B55"),
)

# The faint pieces of paper that rain on a match. Decoration: no contrast is asked of them.
CONFETTI = (
    rgba("#F25C44"),
    rgba("#F7B733"),
    rgba("#3FA66B"),
    rgba("#4C8FD9"),
    rgba("#B66BD1"),
    rgba("#FF8FA3"),
)
