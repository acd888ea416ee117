"""Placeholders: decoding a BlurHash (https://blurha.sh, "Algorithm") in plain Python, so that phones can do it as well.

A hash is a handful of cosine waves for each colour. Waves of rows and of columns are summed one after the other, which
makes a picture of 32 by 32 pixels a matter of milliseconds.
"""

from __future__ import annotations

import math

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_HEAD, _DIGITS_OF_A_WAVE = 6, 2
# sRGB (IEC 61966-2-1): below the knee a channel is linear, above it a power.
_KNEE, _LINEAR_KNEE = 0.04045, 0.0031308

Colour = tuple[float, float, float]


def decode(code: str, width: int, height: int) -> bytes:
    """RGBA, rows from the top; raises ValueError for what is no BlurHash."""
    try:
        values = [_VALUES[digit] for digit in code]
    except KeyError as unknown:
        raise ValueError(f"{unknown} is in no BlurHash") from unknown
    across, down = (values[0] % 9 + 1, values[0] // 9 + 1) if values else (0, 0)
    if len(values) != _HEAD + _DIGITS_OF_A_WAVE * (across * down - 1):
        raise ValueError(f"a BlurHash of {across} by {down} waves has another length")
    waves = _waves(values)
    columns = [[math.cos(math.pi * wave * x / width) for wave in range(across)] for x in range(width)]
    rows = [[math.cos(math.pi * wave * y / height) for wave in range(down)] for y in range(height)]
    picture = bytearray()
    for row in rows:
        summed = [_sum(row, waves[place::across]) for place in range(across)]
        for column in columns:
            red, green, blue = _sum(column, summed)
            picture += bytes((_channel(red), _channel(green), _channel(blue), 255))
    return bytes(picture)


def _waves(values: list[int]) -> list[Colour]:
    """The average colour, then how strongly each wave colours it; linear light."""
    strongest = (values[1] + 1) / 166
    average = _number(values[2:_HEAD])
    waves: list[Colour] = [(_linear(average >> 16), _linear(average >> 8 & 255), _linear(average & 255))]
    for place in range(_HEAD, len(values), _DIGITS_OF_A_WAVE):
        wave = _number(values[place : place + _DIGITS_OF_A_WAVE])
        red, green, blue = (
            _signed_square(digit) * strongest for digit in (wave // 361, wave // 19 % 19, wave % 19)
        )
        waves.append((red, green, blue))
    return waves


def _sum(strengths: list[float], colours: list[Colour]) -> Colour:
    red = green = blue = 0.0
    for strength, (more_red, more_green, more_blue) in zip(strengths, colours, strict=True):
        red += strength * more_red
        green += strength * more_green
        blue += strength * more_blue
    return red, green, blue


def _number(digits: list[int]) -> int:
    number = 0
    for digit in digits:
        number = number * len(_DIGITS) + digit
    return number


def _signed_square(digit: int) -> float:
    """0 to 18 as -1 to 1, finer around 0."""
    share = (digit - 9) / 9
    return math.copysign(share * share, share)


def _linear(channel: int) -> float:
    share = (channel & 255) / 255
    return float(share / 12.92 if share <= _KNEE else ((share + 0.055) / 1.055) ** 2.4)


def _srgb(light: float) -> int:
    share = 12.92 * light if light <= _LINEAR_KNEE else 1.055 * light ** (1 / 2.4) - 0.055
    return int(share * 255 + 0.5)


_STEPS = 4096
_CHANNELS = bytes(_srgb(step / _STEPS) for step in range(_STEPS + 1))
"""Channels by their light, so finely that none is wrong by more than one."""


def _channel(light: float) -> int:
    return _CHANNELS[min(max(int(light * _STEPS + 0.5), 0), _STEPS)]
