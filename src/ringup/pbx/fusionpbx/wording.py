"""Text from people, made harmless for the places where FusionPBX puts it into XML."""

from __future__ import annotations

import re

_DISPLAYABLE = re.compile(r"[^\w .,()/-]")


def display_name(text: str) -> str:
    """A caller id or directory name: letters, digits and simple signs, at most 60 characters.

    The directory handler does not escape ``&``, and drops ``$`` (read in the source of 5.5.13).
    """
    plain = _DISPLAYABLE.sub("", text.replace("&", " and "))
    return " ".join(plain.split())[:60].strip()


def route_label(text: str) -> str:
    """A short name for dialplans and gateways: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:30] or "trunk"
