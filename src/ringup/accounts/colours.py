"""A brand's accent, and what follows from it: readable on light and on dark pages, or refused.

Contrast is WCAG 2.1's: 4.5 is readable text. The stylesheet needs five colours for each of the two
themes; they are mixed from the one that was chosen.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ringup.core.sentences import Refusal

READABLE = 4.5
HEX = re.compile(r"#[0-9a-f]{6}")
# The surfaces of ringup.css on which links stand: --canvas, light, and --raised, dark.
LIGHT, DARK = "#f5f7f7", "#1b2226"
WHITE, BLACK = "#ffffff", "#000000"
STEPS = 50
# In the address of the stylesheet, which browsers keep for ever: raise it with the mixing below.
LOOK = 1


class Tones(NamedTuple):
    """The accent of one theme: text and buttons, pressed, text on it, behind text, and lines."""

    accent: str
    hover: str
    ink: str
    soft: str
    line: str


def contrast(one: str, other: str) -> float:
    """From 1, the same, to 21, black on white."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def checked_accent(text: str) -> str:
    """``#rrggbb`` in small letters of what was typed; empty stays empty. Refuses what cannot be read
    on a white page, and names the next colour that can."""
    colour = text.strip().lower()
    if colour and not colour.startswith("#"):
        colour = f"#{colour}"
    if not colour:
        return ""
    if not HEX.fullmatch(colour):
        raise Refusal("Type a colour as # and six digits, for example #0b5a73.", field="accent")
    if contrast(colour, LIGHT) < READABLE:
        better = _until_readable(colour, towards=BLACK, on=LIGHT)
        raise Refusal(
            f"Links and buttons in {colour} are hard to read on a white page: the contrast is "
            f"{contrast(colour, LIGHT):.1f}, and {READABLE} is needed. {better} is the next colour "
            "that is dark enough.",
            field="accent",
        )
    return colour


def light_tones(accent: str) -> Tones:
    """For light pages: the colour itself."""
    return Tones(
        accent=accent,
        hover=mix(accent, BLACK, 0.2),
        ink=WHITE,
        soft=_until_text_fits(mix(accent, WHITE, 0.9), accent, towards=WHITE),
        line=mix(accent, WHITE, 0.6),
    )


def dark_tones(accent: str) -> Tones:
    """For dark pages: as much lighter as it takes."""
    bright = _until_readable(mix(accent, WHITE, 0.3), towards=WHITE, on=DARK)
    ink = mix(accent, BLACK, 0.8)
    return Tones(
        accent=bright,
        hover=mix(bright, WHITE, 0.3),
        ink=ink if contrast(ink, bright) >= READABLE else BLACK,
        soft=_until_text_fits(mix(accent, "#0d1113", 0.75), bright, towards="#0d1113"),
        line=mix(accent, DARK, 0.4),
    )


def stylesheet(accent: str) -> str:
    """The custom properties of ringup.css that an accent changes. It stands in no layer, so it wins
    over the tokens there."""
    pairs = zip(Tones._fields, light_tones(accent), dark_tones(accent), strict=True)
    lines = [
        f"  --accent{'' if name == 'accent' else f'-{name}'}: light-dark({light}, {dark});"
        for name, light, dark in pairs
    ]
    focus = f"  --focus: light-dark({accent}, {dark_tones(accent).accent});"
    return "\n".join([":root {", *lines, focus, "}", ""])


def mix(one: str, other: str, share: float) -> str:
    """``one`` with a ``share`` of ``other`` from 0 to 1, channel by channel."""
    parts = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def _until_readable(colour: str, *, towards: str, on: str) -> str:
    """The first on the way ``towards`` black or white that can be read ``on`` a surface."""
    steps = (mix(colour, towards, step / STEPS) for step in range(STEPS + 1))
    return next((found for found in steps if contrast(found, on) >= READABLE), towards)


def _until_text_fits(surface: str, text: str, *, towards: str) -> str:
    """The first surface on the way ``towards`` the page on which the text can be read."""
    steps = (mix(surface, towards, step / STEPS) for step in range(STEPS + 1))
    return next((found for found in steps if contrast(found, text) >= READABLE), towards)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4
