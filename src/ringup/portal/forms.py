"""What clients choose in the portal."""

from __future__ import annotations

from django import forms

NONE_CHOSEN = "Choose one of the numbers. Nothing was changed."


class NumberForm(forms.Form):
    """One of the offered numbers."""

    e164 = forms.RegexField(
        r"^\+[1-9][0-9]{6,14}$",
        error_messages={"required": NONE_CHOSEN, "invalid": NONE_CHOSEN},
    )
