"""Step 2: the number, or several."""

from __future__ import annotations

import re

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from ringup.flows.checkout import choosing_places, chosen_numbers, holding_numbers
from ringup.numbers import holding
from ringup.numbers.holding import Buyer
from ringup.orders.models import Draft
from ringup.shop.asked import IN_A_ROW
from ringup.shop.steps.step import Step

# A number, how many follow it one by one, and what it is sold with where that differs by row.
PICKED = re.compile(r"(\+[1-9]\d{6,14})(?:\*(\d{1,2}))?(?: ([-\w]{1,60}))?", re.ASCII)
# The same of a place, by its ticket: how many of it is said apart.
PLACE = re.compile(r"~([0-9a-f]{20})(?: ([-\w]{1,60}))?", re.ASCII)
CHOOSE = "Choose a number from the list."
HOW_MANY = f"Choose 1 to {holding.MOST_PER_DRAFT} numbers at once."


class NumberForm(forms.Form):
    """Step 2: the chosen number, the first of several in a row, or a place, of which ``count`` numbers
    are wanted. Its cleaned ``e164s`` are all numbers, ``ticket`` is the place's, and ``slug`` what they
    are sold with, if the row says so."""

    e164 = forms.CharField(max_length=90, label="Number", error_messages={"required": CHOOSE})
    count = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=holding.MOST_PER_DRAFT,
        error_messages={name: HOW_MANY for name in ("invalid", "min_value", "max_value")},
    )

    def clean_e164(self) -> str:
        if place := PLACE.fullmatch(self.cleaned_data["e164"]):
            self.cleaned_data["e164s"], self.cleaned_data["ticket"] = [], place[1]
            self.cleaned_data["slug"] = place[2] or ""
            return place[0]
        found = PICKED.fullmatch(self.cleaned_data["e164"])
        count = int(found[2] or 1) if found else 0
        if found is None or count not in IN_A_ROW:
            raise ValidationError(CHOOSE)
        first = int(found[1])
        self.cleaned_data["e164s"] = [f"+{first + more}" for more in range(count)]
        self.cleaned_data["slug"] = found[3] or ""
        self.cleaned_data["ticket"] = ""
        return found[1]

    def choose(self, draft: Draft, *, buyer: Buyer) -> None:
        """Put what was chosen into the draft; a valid form only. Raises ``Refusal``."""
        cleaned = self.cleaned_data
        if cleaned["ticket"]:
            choosing_places.choose_of(draft, cleaned["ticket"], count=cleaned["count"] or 1)
        else:
            holding_numbers.choose(draft, cleaned["e164s"], buyer=buyer)


class NumberStep(Step):
    slug = "number"
    title = "Number"
    template = "checkout/number.html"
    inputs = frozenset(NumberForm.base_fields)

    def form(self, draft: Draft, data: QueryDict | None = None) -> NumberForm:
        return NumberForm(data)

    def save(self, draft: Draft, form: NumberForm, *, buyer: Buyer) -> None:
        form.choose(draft, buyer=buyer)

    def stays(self, draft: Draft) -> bool:
        return chosen_numbers.takes_several(draft)
