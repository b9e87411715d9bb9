"""What several faces ask for in their forms."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f<>]")


class PlainText(forms.CharField):
    """One line of text without control characters and without what reads as markup."""

    default_error_messages = {"max_length": "Use at most %(limit_value)d characters."}

    def clean(self, value: Any) -> Any:
        # Django itself refuses a zero byte, with words that help nobody.
        text = re.sub(r"\s+", " ", str(value or "").replace("\x00", " ")).strip()
        if CONTROL_CHARACTERS.search(text):
            raise ValidationError("Leave out the characters < and >.")
        return super().clean(text)
