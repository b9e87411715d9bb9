"""What staff types."""

from __future__ import annotations

from django import forms

NONE_CHOSEN = "Choose one of the numbers. Nothing was changed."


class NumberForm(forms.Form):
    """One of the offered numbers."""

    e164 = forms.RegexField(
        r"^\+[1-9][0-9]{6,14}$",
        error_messages={"required": NONE_CHOSEN, "invalid": NONE_CHOSEN},
    )


class ReasonForm(forms.Form):
    """Why something is refused or skipped."""

    reason = forms.CharField(
        label="Reason",
        min_length=5,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "data-focus": "", "dir": "auto"}),
        error_messages={
            "required": "Write the reason in a sentence. Nothing was changed yet.",
            "min_length": "Write the reason in a sentence. Nothing was changed yet.",
            "max_length": "Use at most 300 characters. Nothing was changed yet.",
        },
    )
