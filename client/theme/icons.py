"""The glyphs of the icon font, by their Material Design Icons name.

Run as a module it prints the code points for `pyftsubset --unicodes` (see `client/assets/README.md`).
"""

from __future__ import annotations

import sys

GLYPHS = {
    "account": "\U000f0004",
    "account-group": "\U000f0849",
    "account-outline": "\U000f0013",
    "account-plus": "\U000f0014",
    "alert-circle": "\U000f0028",
    "arrow-left": "\U000f004d",
    "arrow-up-bold": "\U000f0737",
    "bullhorn-outline": "\U000f0b23",
    "chat-outline": "\U000f0ede",
    "check": "\U000f012c",
    "check-bold": "\U000f0e1e",
    "check-circle": "\U000f05e0",
    "chef-hat": "\U000f0b7c",
    "chevron-down": "\U000f0140",
    "chevron-right": "\U000f0142",
    "clock-outline": "\U000f0150",
    "close": "\U000f0156",
    "cog-outline": "\U000f08bb",
    "content-copy": "\U000f018f",
    "crown": "\U000f01a5",
    "currency-usd": "\U000f01c1",
    "dots-vertical": "\U000f01d9",
    "email-outline": "\U000f01f0",
    "exit-run": "\U000f0a48",
    "eye-off-outline": "\U000f06d1",
    "eye-outline": "\U000f06d0",
    "fire": "\U000f0238",
    "flag-checkered": "\U000f023c",
    "food-off-outline": "\U000f1915",
    "food-outline": "\U000f1916",
    "hand-coin-outline": "\U000f1890",
    "heart": "\U000f02d1",
    "heart-outline": "\U000f02d5",
    "information": "\U000f02fc",
    "leaf": "\U000f032a",
    "lightning-bolt": "\U000f140b",
    "link-variant": "\U000f0339",
    "lock-outline": "\U000f0341",
    "logout": "\U000f0343",
    "map-marker": "\U000f034e",
    "medal": "\U000f0987",
    "open-in-new": "\U000f03cc",
    "pause": "\U000f03e4",
    "pencil": "\U000f03eb",
    "play": "\U000f040a",
    "plus": "\U000f0415",
    "qrcode": "\U000f0432",
    "refresh": "\U000f0450",
    "send": "\U000f048a",
    "share-variant": "\U000f0497",
    "silverware-fork-knife": "\U000f0a70",
    "skip-next": "\U000f04ad",
    "sleep": "\U000f04b2",
    "sofa": "\U000f04b9",
    "speedometer": "\U000f04c5",
    "sprout": "\U000f0e66",
    "star": "\U000f04ce",
    "store": "\U000f04dc",
    "theme-light-dark": "\U000f050e",
    "timer-outline": "\U000f051b",
    "trophy": "\U000f0538",
    "tune": "\U000f062e",
    "undo": "\U000f054c",
    "weather-night": "\U000f0594",
    "white-balance-sunny": "\U000f05a8",
    "wifi-off": "\U000f05aa",
}


def glyph(name: str) -> str:
    """The character that draws the icon; an empty name gives no character.

    Raises KeyError for a name that is not in the cut font, so that a typo shows at once and not as an empty box.
    """
    return GLYPHS[name] if name else ""


if __name__ == "__main__":
    sys.stdout.write(",".join(f"U+{ord(character):X}" for character in GLYPHS.values()))
