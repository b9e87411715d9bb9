"""Changing what a buyer is asked about a product: custom fields, and options with prices."""

from __future__ import annotations

from dataclasses import dataclass

from ringup.catalog.editing import locked, saving
from ringup.catalog.models import CustomField, OptionValue, Product, ProductOption
from ringup.catalog.snapshots import (
    NOTHING_SEEN,
    Seen,
    Snapshot,
    as_changes,
    differences,
    field_of,
    option_of,
    require_unchanged,
    subject_of,
)
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.sentences import Refusal


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value of an option: per piece ``setup`` once and ``amount`` a month. Quantities and
    yes-or-no have one for each currency, under the option's own name."""

    name: str
    setup: Money
    amount: Money


def _now(product: Product, row: CustomField | ProductOption) -> CustomField | ProductOption | None:
    """The row as it is, with its product locked; None for a new one."""
    locked(product)
    if row._state.adding:
        return None
    fresh = type(row)._default_manager.filter(pk=row.pk, product=product).first()
    if fresh is None:
        raise Refusal(f"{row.name} was removed meanwhile. Nothing was changed.")
    return fresh


def save_field(field: CustomField, *, seen: Seen = NOTHING_SEEN, actor: Actor) -> None:
    """Add or change a custom field: ``field`` is as it is to be."""
    product = field.product
    with saving():
        now = _now(product, field)
        before = field_of(now) if isinstance(now, CustomField) else {}
        if now is not None:
            require_unchanged(field.name, subject_of(product), before, seen=seen)
        field.save()
        _record(product, "question", field.name, before, field_of(field), actor=actor)


def save_option(
    option: ProductOption, values: list[ValueRow], *, seen: Seen = NOTHING_SEEN, actor: Actor
) -> None:
    """Add or change an option with exactly these values."""
    _require_values(option, values)
    product = option.product
    with saving():
        now = _now(product, option)
        before = option_of(now) if isinstance(now, ProductOption) else {}
        if now is not None:
            require_unchanged(option.name, subject_of(product), before, seen=seen)
        option.save()
        _write_values(option, values)
        _record(product, "option", option.name, before, option_of(option), actor=actor)


def _require_values(option: ProductOption, values: list[ValueRow]) -> None:
    if not values:
        raise Refusal("Give the option at least one price. Nothing was changed.")
    if option.kind == ProductOption.Kind.QUANTITY and option.most < max(option.least, 1):
        raise Refusal("The most must be at least the least, and not zero.", field="most")
    if not all(value.name for value in values):
        raise Refusal("Give the value a name, in every row. Nothing was changed.")
    keys = [(value.name.casefold(), value.amount.currency) for value in values]
    if len(set(keys)) < len(keys):
        raise Refusal("Two rows have the same value and currency. Nothing was changed.")
    if any(value.setup.micros < 0 or value.amount.micros < 0 for value in values):
        raise Refusal("A price cannot be negative. Nothing was changed.")


def _write_values(option: ProductOption, values: list[ValueRow]) -> None:
    held = {(row.name, row.amount.currency): row for row in option.values.all()}
    for place, value in enumerate(values):
        row = held.pop((value.name, value.amount.currency), None)
        row = row or OptionValue(option=option, name=value.name)
        row.setup, row.amount, row.position = value.setup, value.amount, place
        row.save()
    OptionValue.objects.filter(pk__in=[row.pk for row in held.values()]).delete()


def remove_question(row: CustomField | ProductOption, *, actor: Actor) -> None:
    """Take a custom field or an option away. Orders keep what was answered: it is frozen in them."""
    product = row.product
    with saving():
        now = _now(product, row)
        assert now is not None
        before = field_of(now) if isinstance(now, CustomField) else option_of(now)
        kind = "question" if isinstance(now, CustomField) else "option"
        now.delete()
        _record(product, kind, row.name, before, {}, actor=actor)


def _record(
    product: Product, kind: str, name: str, before: Snapshot, after: Snapshot, *, actor: Actor
) -> None:
    found = differences(before, after)
    verb = "changed" if before and after else "added" if after else "removed"
    if found:
        what = f"{verb} the {kind} {name} of {product.name}"
        Activity.record(actor, subject_of(product), what, **as_changes(found))
