"""The brand as a mail shows it. Brands belong to a part above, which is asked by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.module_loading import import_string

# How Ringup itself looks, where a brand has no colour.
ACCENT = "#0b5a73"
LANGUAGES = {
    "en": "English",
    "fr": "Français",
    "de": "Deutsch",
    "es": "Español",
    "it": "Italiano",
    "nl": "Nederlands",
    "pt": "Português",
}
# SVG is shown by hardly any mail program.
LOGO_TYPES = {"image/png", "image/jpeg", "image/gif"}


@dataclass(frozen=True, slots=True)
class Face:
    """Name, colour (``#rrggbb``), logo and address for questions. ``logo`` is empty where the name
    stands in its place."""

    name: str
    support_email: str = ""
    accent: str = ACCENT
    language: str = "en"
    logo: bytes = field(repr=False, default=b"")
    logo_type: str = ""


def face_of(brand_id: int) -> Face:
    """The brand's face; Ringup's own where there is no such brand."""
    find: Callable[[int], Face | None] = import_string(settings.RINGUP_MAIL_FACE)
    return find(brand_id) or Face("Ringup")


def language_of(address: str, face: Face) -> str:
    """In which of ``LANGUAGES`` to write to ``address``: its login's, else the brand's."""
    find: Callable[[str], str] = import_string(settings.RINGUP_MAIL_READER)
    return known_language(find(address) or face.language)


def known_language(code: str) -> str:
    """French for "fr-ca", and English for what nobody knows."""
    base = code.lower().replace("_", "-").partition("-")[0]
    return base if base in LANGUAGES else "en"
