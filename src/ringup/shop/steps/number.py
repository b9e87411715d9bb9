"""Step 2: the number, or several."""

from __future__ import annotations

import re

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from ringup.flows.checkout import chosen_numbers, holding_numbers
from ringup.numbers.holding import Buyer
from ringup.orders.models import Draft
from ringup.shop.asked import IN_A_ROW
from ringup.shop.steps.step import Step

# A number, how many follow it one by one, and what it is sold with where that differs by row.
PICKED = re.compile(r"(\+[1-9]\d{6,14})(?:\*(\d{1,2}))?(?: ([-\w]{1,60}))?", re.ASCII)
CHOOSE = "Choose a number from the list."


class NumberForm(forms.Form):
    """Step 2: the chosen number, or the first of several in a row. Its cleaned ``e164s`` are all of
    them, its ``slug`` what they are sold with, if the row says so."""

    e164 = forms.CharField(max_length=90, label="Number", error_messages={"required": CHOOSE})

    def clean_e164(self) -> str:
        found = PICKED.fullmatch(self.cleaned_data["e164"])
        count = int(found[2] or 1) if found else 0
        if found is None or count not in IN_A_ROW:
            raise ValidationError(CHOOSE)
        first = int(found[1])
        self.cleaned_data["e164s"] = [f"+{first + more}" for more in range(count)]
        self.cleaned_data["slug"] = found[3] or ""
        return found[1]


class NumberStep(Step):
    slug = "number"
    title = "Number"
    template = "checkout/number.html"
    inputs = frozenset(NumberForm.base_fields)

    def form(self, draft: Draft, data: QueryDict | None = None) -> NumberForm:
        return NumberForm(data)

    def save(self, draft: Draft, form: NumberForm, *, buyer: Buyer) -> None:
        holding_numbers.choose(draft, form.cleaned_data["e164s"], buyer=buyer)

    def stays(self, draft: Draft) -> bool:
        return chosen_numbers.takes_several(draft)
