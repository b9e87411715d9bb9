"""What mails need to know of brands and readers: looks, and languages."""

from __future__ import annotations

import re

from ringup.accounts.models import Brand, Logo, User
from ringup.mail.faces import ACCENT, LOGO_TYPES, Face

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def face_of(brand_id: int) -> Face | None:
    """The looks of a brand; None where it does not exist."""
    brand = Brand.objects.filter(pk=brand_id).first()
    if brand is None:
        return None
    logo = Logo.objects.filter(digest=brand.logo_digest, content_type__in=LOGO_TYPES).first()
    return Face(
        name=brand.name,
        support_email=brand.support_email,
        accent=brand.accent if _COLOUR.fullmatch(brand.accent) else ACCENT,
        language=brand.language,
        logo=bytes(logo.data) if logo else b"",
        logo_type=logo.content_type if logo else "",
    )


def reader_language(address: str) -> str:
    """The language of the login behind an address; empty where there is none."""
    rows = User.objects.filter(email__iexact=address, is_active=True)
    return rows.values_list("language", flat=True).first() or ""
