"""Tables that are typed into: prices, the values of an option, the products of a bundle.

Each is a formset whose last rows are empty. A row that is ticked "remove", or was left as it came, is
ignored; "Add rows" shows the table again with what was typed and more empty rows, and saves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.formsets import BaseFormSet, formset_factory
from django.http import QueryDict

from ringup.catalog.amounts import BadAmount, amount_of, plain
from ringup.catalog.currencies import is_currency
from ringup.catalog.editing import Part
from ringup.catalog.models import Bundle, BundleItem, OptionValue, Price, Product
from ringup.catalog.price_editing import PriceRow, faults_of
from ringup.catalog.pricing import Cycle
from ringup.catalog.question_editing import ValueRow
from ringup.catalog.snapshots import Snapshot, amount_words, part_key, price_key
from ringup.core.money import Money

MOST_ROWS = 100
MOST_PIECES = 1_000
CODE = re.compile(r"(?:.*\()?[Pp]-([0-9]{1,9})\)?", re.ASCII | re.DOTALL)


class AmountField(forms.CharField):
    """An amount, in a currency that stands in another field; gives a ``Decimal``. Empty is zero where
    it is not required."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return amount_of(text or "0")
        except BadAmount as error:
            raise ValidationError(str(error)) from error


class CurrencyField(forms.CharField):
    """Three letters of ISO 4217."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs |= {"size": "4", "autocomplete": "off", "spellcheck": "false"}

    def clean(self, value: Any) -> str:
        code = str(super().clean(value)).upper()
        if not is_currency(code):
            raise ValidationError(
                f"{code[:10]} is no currency. Use three letters, for example USD."
            )
        return code


def money(cleaned: Mapping[str, Any], name: str) -> Money | None:
    """One amount of a cleaned row in its currency."""
    amount, currency = cleaned.get(name), cleaned.get("currency")
    return None if amount is None or currency is None else Money.of(amount, currency)


class RowForm(forms.Form):
    """One row. ``typed`` are the fields that make a row count as typed."""

    typed: tuple[str, ...] = ()

    @classmethod
    def is_typed(cls, row: Mapping[str, str]) -> bool:
        """Whether a raw row holds anything worth keeping."""
        return any(row[name].strip() for name in cls.typed) or row.get("cycle") == Cycle.FREE

    def __init__(self, *args: Any, currency: str = "USD", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "currency" in self.fields:
            self.fields["currency"].initial = currency

    @property
    def sentences(self) -> list[str]:
        """What is wrong with the row, each field by its name."""
        found = []
        for name, errors in self.errors.items():
            field = self.fields.get(name)
            label = f"{field.label}: " if field and field.label else ""
            found += [f"{label}{error}" for error in errors]
        return found


class PriceForm(RowForm):
    """What one piece costs in one cycle and currency."""

    typed = ("amount", "setup")
    cycle = forms.ChoiceField(
        label="Cycle",
        choices=[(cycle.value, cycle.label) for cycle in Cycle],
        initial=Cycle.MONTHLY.value,
        error_messages={"invalid_choice": "Choose a cycle from the list."},
    )
    currency = CurrencyField(
        label="Currency", error_messages={"required": "Type a currency, for example USD."}
    )
    setup = AmountField(label="Set-up", required=False)
    amount = AmountField(label="Amount", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        is_free = cleaned.get("cycle") == Cycle.FREE.value
        if not is_free and "amount" in cleaned and not str(self["amount"].data or "").strip():
            self.add_error("amount", "Type what it costs (0 for nothing), or remove the row.")
        return cleaned

    @property
    def row(self) -> PriceRow | None:
        """The row's meaning; None while something is wrong with it."""
        setup, amount = money(self.cleaned_data, "setup"), money(self.cleaned_data, "amount")
        if self.errors or setup is None or amount is None:
            return None
        return PriceRow(Cycle(self.cleaned_data["cycle"]), setup, amount)


class ValueForm(RowForm):
    """One value of an option with its price. Only a choice needs names."""

    typed = ("name", "amount", "setup")
    name = forms.CharField(label="Value", required=False, max_length=60)
    currency = PriceForm.declared_fields["currency"]
    setup = AmountField(label="Set-up", required=False)
    amount = AmountField(label="A month", required=False)


class PartForm(RowForm):
    """A product inside a bundle, by its id, its slug or its name."""

    typed = ("product",)
    product = forms.CharField(
        label="Product",
        max_length=200,
        widget=forms.TextInput(attrs={"list": "products", "autocomplete": "off"}),
    )
    quantity = forms.CharField(
        label="Quantity",
        initial="1",
        widget=forms.TextInput(attrs={"size": "6", "inputmode": "numeric"}),
    )

    def clean_quantity(self) -> int:
        text = self.cleaned_data["quantity"].strip()
        if not re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) or not 0 < int(text) <= MOST_PIECES:
            raise ValidationError(f"Type a whole number from 1 to {MOST_PIECES:,}.")
        return int(text)


class IncludedForm(forms.Form):
    """The monthly number price that a bundle includes."""

    amount = AmountField(label="Included number, a month", required=False)
    currency = CurrencyField(
        label="Currency", error_messages={"required": "Type a currency, for example USD."}
    )

    @property
    def money(self) -> Money | None:
        """What was typed; call it on a valid form."""
        return money(self.cleaned_data, "amount")


class Rows(BaseFormSet[Any]):
    """What the three tables share."""

    @property
    def kept(self) -> list[Any]:
        """The forms of rows that were typed and are not to be removed."""
        return [
            form
            for form in self.forms
            if form.has_changed() or not form.empty_permitted
            if not form.cleaned_data.get("DELETE")
        ]

    @property
    def has_errors(self) -> bool:
        """Whether any row, or the table, has something to correct. False for a fresh table."""
        return self.is_bound and not self.is_valid()


class PriceRows(Rows):
    """The price table: each cycle and currency once."""

    def clean(self) -> None:
        forms_with_rows = [(form, form.row) for form in self.kept]
        sound = [(form, row) for form, row in forms_with_rows if row is not None]
        for place, sentence in faults_of([row for _, row in sound]):
            sound[place][0].add_error(None, sentence)

    @property
    def rows(self) -> list[PriceRow]:
        """What was typed; call it on a valid table."""
        return [form.row for form in self.kept]


class ValueRows(Rows):
    """The values of an option."""

    def values(self, *, name: str) -> list[ValueRow]:
        """What was typed. ``name`` is for values that need none: a quantity's, a yes-or-no's."""
        found = []
        for form in self.kept:
            cleaned = form.cleaned_data
            setup, amount = money(cleaned, "setup"), money(cleaned, "amount")
            if setup is not None and amount is not None:
                found.append(ValueRow(name or cleaned["name"], setup, amount))
        return found


class PartRows(Rows):
    """The products of a bundle, found with one query."""

    def clean(self) -> None:
        found = _products([str(form.cleaned_data.get("product", "")) for form in self.kept])
        taken: set[int] = set()
        for form in self.kept:
            if "product" not in form.cleaned_data:
                continue
            products = found(form.cleaned_data["product"])
            if len(products) != 1:
                form.add_error("product", _which(products))
            elif products[0].pk in taken:
                form.add_error("product", f"{products[0].name} is in a row above already.")
            else:
                taken.add(products[0].pk)
                form.cleaned_data["found"] = products[0]

    @property
    def parts(self) -> list[Part]:
        """What was typed; call it on a valid table."""
        cleaned = [form.cleaned_data for form in self.kept]
        return [Part(row["found"], row["quantity"]) for row in cleaned]


def _which(products: list[Product]) -> str:
    if products:
        return f"Several products are called so. Type the id, for example {products[0].code}."
    return "There is no such product. Type its id, for example P-12, or choose from the list."


def _products(texts: list[str]) -> Any:
    """A function from what was typed to the products that it may mean."""
    codes = [int(found[1]) for found in map(CODE.fullmatch, map(str.strip, texts)) if found]
    named = Q(slug__in=texts) | Q(name__in=texts)
    rows = list(Product.objects.filter(Q(pk__in=codes) | named).order_by("pk"))

    def find(text: str) -> list[Product]:
        code = CODE.fullmatch(text.strip())
        if code is not None:
            return [row for row in rows if row.pk == int(code[1])]
        by_slug = [row for row in rows if row.slug == text]
        return by_slug or [row for row in rows if row.name == text]

    return find


def _factory(form: type[RowForm], rows: type[Rows], *, extra: int) -> Any:
    return formset_factory(
        form,
        formset=rows,
        extra=extra,
        can_delete=True,
        max_num=MOST_ROWS,
        absolute_max=MOST_ROWS,
        validate_max=True,
    )


EMPTY_ROWS = 1
PriceTable = _factory(PriceForm, PriceRows, extra=EMPTY_ROWS)
ValueTable = _factory(ValueForm, ValueRows, extra=EMPTY_ROWS)
PartTable = _factory(PartForm, PartRows, extra=EMPTY_ROWS)


def with_more_rows(
    data: QueryDict, prefix: str, form: type[RowForm], rows: type[Rows], **options: Any
) -> Any:
    """The table again with what was typed, and three empty rows."""
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    count = min(int(total), MOST_ROWS) if re.fullmatch(r"[0-9]{1,6}", total, re.ASCII) else 0
    names = [*form.base_fields, "DELETE"]
    typed = [{name: data.get(f"{prefix}-{i}-{name}", "") for name in names} for i in range(count)]
    initial = [row for row in typed if form.is_typed(row)]
    return _factory(form, rows, extra=3)(initial=initial, prefix=prefix, **options)


# A row by its key in a snapshot: its words there, and what a table shows in its fields.
Held = dict[str, tuple[str, dict[str, str]]]


def fields_of(held: Held) -> list[dict[str, str]]:
    """Initial values of a table."""
    return [fields for _, fields in held.values()]


def merged_rows(seen: Snapshot, typed: Held, now: Held) -> list[dict[str, str]]:
    """Initial values of a table after somebody else saved: rows that were typed differently from what
    was shown, and all others as they are now."""
    found = []
    for key in [*now, *(key for key in typed if key not in now)]:
        mine = typed.get(key)
        row = now.get(key) if (mine[0] if mine else None) == seen.get(key) else mine
        if row is not None:
            found.append(row[1])
    return found


def prices_held(rows: Iterable[Price | PriceRow]) -> Held:
    """Price rows: shorter cycles first, by currency."""
    order = [cycle.value for cycle in Cycle]
    held: Held = {}
    for row in sorted(rows, key=lambda row: (row.currency, order.index(row.cycle))):
        fields = {
            "cycle": str(row.cycle),
            "currency": row.currency,
            "setup": plain(row.setup) if row.setup else "",
            "amount": "" if row.cycle == Cycle.FREE else plain(row.amount),
        }
        held[price_key(row.cycle, row.currency)] = amount_words(row.setup, row.amount), fields
    return held


def values_held(rows: Iterable[OptionValue | ValueRow]) -> Held:
    """The values of an option."""
    held: Held = {}
    for row in rows:
        currency = row.amount.currency
        fields = {
            "name": row.name,
            "currency": currency,
            "setup": plain(row.setup) if row.setup else "",
            "amount": plain(row.amount),
        }
        held[f"{row.name}, {currency}"] = amount_words(row.setup, row.amount), fields
    return held


def included_initial(bundle: Bundle) -> dict[str, str]:
    """The number that a bundle includes, for its form."""
    included = bundle.included_number
    return {"amount": plain(included), "currency": included.currency}


def parts_held(rows: Iterable[BundleItem | Part]) -> Held:
    """The products of a bundle."""
    return {
        part_key(row.product): (
            str(row.quantity),
            {"product": part_key(row.product), "quantity": str(row.quantity)},
        )
        for row in rows
    }
