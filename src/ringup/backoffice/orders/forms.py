"""What staff types."""

from __future__ import annotations

from typing import Any

from django import forms

from ringup.core.phones import NotANumber, to_e164

NONE_CHOSEN = "Choose one of the numbers. Nothing was changed."


class NumberForm(forms.Form):
    """One of the offered numbers, or one that was typed."""

    e164 = forms.CharField(required=False, max_length=40)
    other = forms.CharField(
        label="Another number that is on sale",
        required=False,
        max_length=40,
        help_text="Any number of this provider, for example +1 212 555 0100.",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        typed = (cleaned.get("other") or cleaned.get("e164") or "").strip()
        try:
            cleaned["e164"] = to_e164(typed)
        except NotANumber:
            self.add_error("e164", NONE_CHOSEN)
        return cleaned


class LabelForm(forms.Form):
    """The first part of a PBX's address. ``services.domains.check_label`` judges it."""

    label = forms.CharField(
        label="PBX address",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-focus": ""}),
        error_messages={"required": "Type the first part of the address. Nothing was changed."},
    )


class MessageForm(forms.Form):
    """A letter to the client, a question, or a note. ``flows.writing.plain`` judges the text."""

    text = forms.CharField(required=False, strip=False)


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
