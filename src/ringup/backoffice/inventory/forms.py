"""What staff types, ticks or has seen when a difference is settled."""

from __future__ import annotations

import re

from django import forms

from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.flows.reconciling.accepting import LONGEST_NOTE

SEEN = re.compile(r"(\d{1,15}) ([A-Z]{3})")
UNREADABLE = "This page was too old. Nothing was changed. Load it again, then decide."


class NoteForm(forms.Form):
    """Why it is meant to be so."""

    note = forms.CharField(
        label="Why is it meant to be so?",
        max_length=LONGEST_NOTE,
        required=False,
        help_text="For whoever looks next, for example: the fax line of our own office.",
    )


class ShelfForm(forms.Form):
    """What a number costs a month, where the carrier does not tell."""

    cost = forms.DecimalField(
        label="Monthly cost",
        required=False,
        min_value=0,
        max_digits=9,
        decimal_places=4,
        help_text="Counts only where the carrier does not say what a number costs.",
        error_messages={"invalid": "Type an amount such as 0.85."},
    )

    def cost_in(self, currency: str) -> Money | None:
        """The amount as money; None when nothing was typed."""
        amount = self.cleaned_data.get("cost")
        return None if amount is None else Money.of(amount, currency)


class GiveBackForm(forms.Form):
    """``seen`` is the reference that was on the screen."""

    seen = forms.CharField(required=False, max_length=200, strip=False)
    sure = forms.BooleanField(
        required=False, label="I know whose reference that is, and that nobody uses this number."
    )


def seen_money(text: str) -> Money:
    """An amount that was on the screen when the button was pressed: ``850000 USD``."""
    found = SEEN.fullmatch(text)
    if found is None:
        raise Refusal(UNREADABLE)
    return Money(int(found[1]), found[2])


def as_seen(amount: Money) -> str:
    """What ``seen_money`` reads."""
    return f"{amount.micros} {amount.currency}"


def keys_from(values: list[str], *, most: int) -> list[int]:
    """Row numbers out of tick boxes; nonsense is left out."""
    keys = {int(text) for text in values if text.isascii() and text.isdigit() and len(text) < 18}
    return sorted(keys)[:most]
