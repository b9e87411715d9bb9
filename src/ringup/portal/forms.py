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


class MessageForm(forms.Form):
    """What somebody writes to the other side of an order. ``flows.writing.plain`` judges the text."""

    text = forms.CharField(required=False, strip=False)


class AnswerForm(forms.Form):
    """The mark of the proposal that was on the screen."""

    mark = forms.CharField(max_length=16)
