"""The step behind the number: what the buyer configures, with its prices, and what is asked besides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from ringup.catalog.models import CustomField, OptionValue, ProductOption
from ringup.catalog.pricing import Cycle
from ringup.catalog.questions import (
    LONGEST_TEXT,
    Asked,
    AskedField,
    AskedOption,
    asked_about,
    is_asked,
)
from ringup.core.form_fields import PlainText
from ringup.flows.checkout import answering
from ringup.numbers.holding import Buyer
from ringup.orders.models import Draft
from ringup.shop.steps.step import Step


class OptionsForm(forms.Form):
    """A field for each row of the catalogue: ``option-<pk>`` and ``field-<pk>``."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        asked: Asked,
        cycle: Cycle,
        known: dict[str, dict[str, Any]],
    ) -> None:
        super().__init__(data)
        self.asked = asked
        for option in asked.options:
            field = option_field(option, cycle)
            field.initial = known["options"].get(option.key, field.initial)
            self.fields[f"option-{option.key}"] = field
        for question in asked.fields:
            field = question_field(question)
            before = known["fields"].get(question.key, "")
            field.initial = before == "Yes" if isinstance(field, forms.BooleanField) else before
            self.fields[f"field-{question.key}"] = field

    def options(self) -> dict[str, Any]:
        """What the draft keeps of the options."""
        return {one.key: self.cleaned_data[f"option-{one.key}"] for one in self.asked.options}

    def answers(self) -> dict[str, str]:
        """What the draft keeps of the custom fields."""
        found = {}
        for one in self.asked.fields:
            value = self.cleaned_data[f"field-{one.key}"]
            if isinstance(value, bool):
                value = "Yes" if value else "No"
            found[one.key] = value
        return found


class OneValue(forms.ChoiceField):
    """The key of a value, as a number."""

    def clean(self, value: Any) -> int:
        return int(super().clean(value))


class Ticked(forms.BooleanField):
    """A question that must be answered with yes, where it has to be answered."""

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError("Tick the box to go on.")


def option_field(option: AskedOption, cycle: Cycle) -> forms.Field:
    """A number, a list or a box, with its price."""
    row = option.row
    price = price_words(option.values[0], cycle, pieces=option.pieces)
    if row.kind == ProductOption.Kind.QUANTITY:
        return forms.IntegerField(
            label=option.label,
            min_value=row.least,
            max_value=row.most,
            initial=row.least,
            help_text=f"From {row.least} to {row.most}. {price}, each.",
            error_messages={
                "required": f"Type a number from {row.least} to {row.most}.",
                "invalid": f"Type a number from {row.least} to {row.most}.",
                "min_value": f"Type a number from {row.least} to {row.most}.",
                "max_value": f"Type a number from {row.least} to {row.most}.",
            },
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        )
    if row.kind == ProductOption.Kind.YES_NO:
        return forms.BooleanField(label=option.label, required=False, help_text=f"{price}.")
    return OneValue(
        label=option.label,
        choices=[
            ("", "Choose one"),
            *(
                (value.pk, f"{value.name}: {price_words(value, cycle, pieces=option.pieces)}")
                for value in option.values
            ),
        ],
        error_messages={
            "required": "Choose one of the list.",
            "invalid_choice": "This is not offered any more. Choose one of the list.",
        },
    )


def price_words(value: OptionValue, cycle: Cycle, *, pieces: int) -> str:
    """``$2.00 a month, $6.00 a quarter, $10.00 once``, before tax."""
    parts = []
    if value.amount:
        parts.append(f"{value.amount * pieces} a month")
        if cycle.months > 1:
            parts.append(f"{value.amount * pieces * cycle.months} {cycle.each}")
    if value.setup:
        parts.append(f"{value.setup * pieces} once")
    return ", ".join(parts) or "Included"


def question_field(question: AskedField) -> forms.Field:
    """A line, a list or a box."""
    row = question.row
    if row.kind == CustomField.Kind.YES_NO:
        return Ticked(label=question.label, required=row.is_required, help_text=row.help_text)
    words = "Choose one of the list." if row.choices else f"Answer this: {question.label}."
    if row.kind == CustomField.Kind.CHOICE:
        return forms.ChoiceField(
            label=question.label,
            required=row.is_required,
            help_text=row.help_text,
            choices=[("", "Choose one"), *((choice, choice) for choice in row.choices)],
            error_messages={"required": words, "invalid_choice": words},
        )
    return PlainText(
        label=question.label,
        required=row.is_required,
        help_text=row.help_text,
        max_length=LONGEST_TEXT,
        error_messages={"required": words},
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )


class OptionsStep(Step):
    slug = "options"
    title = "Options"
    template = "checkout/options.html"
    inputs = frozenset({"options", "fields"})

    def applies(self, draft: Draft) -> bool:
        # Asked many times for one page.
        sold: Any = draft.sold
        if not hasattr(sold, "_ringup_is_asked"):
            sold._ringup_is_asked = is_asked(sold, lately=True)
        return bool(sold._ringup_is_asked)

    def form(self, draft: Draft, data: QueryDict | None = None) -> OptionsForm:
        return OptionsForm(
            data,
            asked=asked_about(draft.sold, draft.currency),
            cycle=Cycle(draft.cycle),
            known={part: draft.answers.get(part, {}) for part in ("options", "fields")},
        )

    def save(self, draft: Draft, form: OptionsForm, *, buyer: Buyer) -> None:
        answering.save(draft, options=form.options(), fields=form.answers())
