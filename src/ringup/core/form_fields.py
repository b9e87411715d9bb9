"""What several faces ask for in their forms."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f<>]")
# Invisible, and harmless where they stand around the text: a number that is copied out of an address
# book comes in them.
AROUND = "\u061c\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
# Within it they show something else than what is stored, and overrides do so wherever they stand.
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
BAD_EMAIL = "Type a complete e-mail address, for example anna@example.com."
MOST_EMAIL = 254  # RFC 5321 allows no more, and the columns hold no more


class PlainText(forms.CharField):
    """One line of text without control characters, without what reads as markup, and without what
    turns the direction in which it is read."""

    default_error_messages = {"max_length": "Use at most %(limit_value)d characters."}

    def clean(self, value: Any) -> Any:
        # Django itself refuses a zero byte, with words that help nobody.
        text = re.sub(r"\s+", " ", str(value or "").replace("\x00", " ")).strip(f" {AROUND}")
        if CONTROL_CHARACTERS.search(text):
            raise ValidationError("Leave out the characters < and >.")
        if TURNING.search(text):
            raise ValidationError(
                "This has invisible characters that turn the direction of the text. Type it anew "
                "instead of copying it."
            )
        return super().clean(text)


class EmailAddress(forms.EmailField):
    """An address in small letters: it is the login, and logins are compared."""

    default_error_messages = {
        "required": BAD_EMAIL,
        "invalid": BAD_EMAIL,
        "max_length": "Use an e-mail address of at most %(limit_value)d characters.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": MOST_EMAIL, **options})

    def clean(self, value: Any) -> Any:
        address = str(super().clean(str(value or "").replace("\x00", ""))).lower()
        # The PBX writes it unescaped into its directory.
        if unfit := sorted(set(address) & set('&<>"$')):
            raise ValidationError(
                f"Use an e-mail address without {' and '.join(unfit)}: the PBX cannot store it."
            )
        return address
