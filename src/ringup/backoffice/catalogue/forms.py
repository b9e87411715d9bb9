"""What staff types about groups, products, bundles, and what buyers are asked."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model

from ringup.catalog.editing import propose_slug
from ringup.catalog.models import Bundle, CustomField, Product, ProductGroup, ProductOption
from ringup.catalog.snapshots import (
    FIELD_WORDS,
    OPTION_WORDS,
    WORDS,
    Seen,
    field_of,
    option_of,
    settings_of,
)

Row = TypeVar("Row", bound=Model)
MOST_SEATS = 5_000
MOST_STOCK = 1_000_000
LAST_POSITION = 9_999
MOST_CHOICES = 50
CHOOSE = "Choose"
TAX_CLASS = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
SLUG = "Use letters of the Latin alphabet, digits and hyphens, for example hosted-pbx."


class Count(forms.IntegerField):
    """A whole number of ASCII digits within bounds, with one sentence for everything else."""

    def __init__(self, *, most: int, least: int = 0, **options: Any) -> None:
        super().__init__(min_value=least, max_value=most, **options)
        sentence = f"Type a whole number from {least:,} to {most:,}."
        for error in ("invalid", "min_value", "max_value"):
            self.error_messages[error] = sentence
        self.validators = [_bounds(least, most, sentence)]

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip() if value != 0 else "0"
        if text and not re.fullmatch(r"-?[0-9]{1,12}", text, re.ASCII):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(text) if text else None


def _bounds(least: int, most: int, sentence: str) -> Any:
    def check(value: int) -> None:
        if not least <= value <= most:
            raise ValidationError(sentence)

    return check


class GroupForm(forms.ModelForm[ProductGroup]):
    """A shelf of the shop."""

    class Meta:
        model = ProductGroup
        fields = ("name", "tagline", "cart", "is_hidden")
        labels = {
            "name": "Name",
            "tagline": "Tagline",
            "cart": "Order form",
            "is_hidden": "Hidden: nothing of this group is shown in the shop",
        }
        help_texts = {
            "tagline": "One line under the name.",
            "cart": "Who may order from this group, and with which form.",
        }
        error_messages = {
            "name": {"unique": "There is a group of this name already. Choose another name."}
        }


class SoldForm(forms.ModelForm[Row]):
    """What products and bundles have in common. An empty slug is made of the name."""

    slug = forms.SlugField(
        label="Slug",
        max_length=60,
        required=False,
        error_messages={"invalid": SLUG},
        help_text="In the shop's addresses. Left empty, it is made of the name.",
    )
    stock = Count(
        label="Stock limit",
        most=MOST_STOCK,
        required=False,
        help_text="How many can still be sold. Empty: no limit.",
    )
    position = Count(
        label="Position",
        most=LAST_POSITION,
        required=False,
        help_text="Smaller numbers come first in the shop.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("group", "kind"):
            field = self.fields.get(name)
            if isinstance(field, forms.ModelChoiceField):
                field.empty_label = CHOOSE
            elif isinstance(field, forms.ChoiceField):
                field.choices = [("", CHOOSE), *Product.Kind.choices]

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        return slug or propose_slug(self.cleaned_data.get("name", ""))

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or 0

    def clean_tax_class(self) -> str:
        text: str = self.cleaned_data["tax_class"].strip().lower()
        if not TAX_CLASS.fullmatch(text):
            raise ValidationError("Use small letters, digits and hyphens, for example telecom.")
        return text


_LABELS = {
    "name": "Name",
    "group": "Product group",
    "description": "Description",
    "tax_class": "Tax class",
    "most_per_client": "Most for one client",
    "is_hidden": "Hidden: not shown in the shop",
}
_HELP = {
    "description": "Two lines under the name, in the shop.",
    "tax_class": "Which tax an invoice adds, for example telecom.",
    "most_per_client": "Orders that were not ended count. Empty: as many as he likes.",
}
_TAKEN = {"slug": {"unique": "This slug is taken. Choose another, or leave it empty."}}
_COMMON = ("name", "slug", "group", "description", "tax_class", "stock", "most_per_client", "position",
           "is_hidden")  # fmt: skip


class ProductForm(SoldForm[Product]):
    """A product of any kind, without its prices."""

    seats = Count(
        label="Seats per product",
        most=MOST_SEATS,
        required=False,
        help_text="How many extensions one piece brings; 0 for plain numbers and add-ons.",
    )

    class Meta:
        model = Product
        fields = (*_COMMON, "kind", "seats", "first_free")
        labels = _LABELS | {
            "kind": "Kind",
            "first_free": "The first number of a client is free",
        }
        help_texts = _HELP
        error_messages = _TAKEN

    def __init__(self, *args: Any, kind_is_fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind_is_fixed:
            self.fields["kind"].disabled = True
            self.fields["kind"].help_text = "It was ordered already, so it stays what it is."

    def clean_seats(self) -> int:
        return self.cleaned_data["seats"] or 0


class BundleForm(SoldForm[Bundle]):
    """A bundle, without its products and prices."""

    class Meta:
        model = Bundle
        fields = _COMMON
        labels = _LABELS
        help_texts = _HELP
        error_messages = _TAKEN


def merged(form: forms.ModelForm[Any], seen: Seen) -> dict[str, Any]:
    """Initial values for the form after somebody else saved: what was typed where it differs from
    what was shown. Everything else is taken from the row as it is now."""
    row = form.instance
    if isinstance(row, CustomField):
        typed, words = field_of(row), FIELD_WORDS
    elif isinstance(row, ProductOption):
        typed, words = option_of(row), OPTION_WORDS
    else:
        typed, words = settings_of(row), WORDS
    return {
        name: value
        for name, value in form.cleaned_data.items()
        if typed.get(words[name]) != seen.values.get(words[name])
    }


class FieldForm(forms.ModelForm[CustomField]):
    """A question that every order of the product asks."""

    choices = forms.CharField(
        label="Choices",
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text="One a line. Only for one of a list.",
    )
    position = Count(label="Position", most=LAST_POSITION, required=False)

    class Meta:
        model = CustomField
        fields = ("name", "kind", "help_text", "choices", "is_required", "position")
        labels = {
            "name": "Question",
            "kind": "Kind of answer",
            "help_text": "Help below the question",
            "is_required": "Required: no order without an answer",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = self.initial.get("choices")
        if isinstance(lines, list):
            self.initial["choices"] = "\n".join(lines)

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or 0

    def clean_choices(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["choices"].splitlines()]
        return [line for line in lines if line]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        choices = cleaned.get("choices", [])
        if cleaned.get("kind") != CustomField.Kind.CHOICE:
            cleaned["choices"] = []
        elif "choices" in cleaned:
            if len(choices) < 2:
                self.add_error("choices", "Type at least two choices, one a line.")
            elif len(choices) > MOST_CHOICES:
                self.add_error("choices", f"Type at most {MOST_CHOICES} choices.")
            elif len({choice.casefold() for choice in choices}) < len(choices):
                self.add_error("choices", "Two choices are the same. Type each once.")
            elif max(map(len, choices)) > 80:
                self.add_error("choices", "Use at most 80 characters for a choice.")
        _once(self, cleaned, CustomField)
        return cleaned


class OptionForm(forms.ModelForm[ProductOption]):
    """Something that the buyer configures at a price; its values are rows of their own."""

    least = Count(label="Least", most=10_000, required=False, help_text="Of a quantity.")
    most = Count(label="Most", most=10_000, required=False, help_text="Of a quantity.")
    position = Count(label="Position", most=LAST_POSITION, required=False)

    class Meta:
        model = ProductOption
        fields = ("name", "kind", "least", "most", "position")
        labels = {"name": "Option", "kind": "Kind"}

    def clean_least(self) -> int:
        return self.cleaned_data["least"] or 0

    def clean_most(self) -> int:
        most: int | None = self.cleaned_data["most"]
        return 100 if most is None else most

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or 0

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        _once(self, cleaned, ProductOption)
        return cleaned


def _once(
    form: forms.ModelForm[Any], cleaned: dict[str, Any], model: type[CustomField | ProductOption]
) -> None:
    """A product has each question and each option once."""
    others = model._default_manager.filter(
        product=form.instance.product, name__iexact=cleaned.get("name", "")
    )
    if others.exclude(pk=form.instance.pk).exists():
        form.add_error("name", "This product has one of this name already. Choose another name.")
