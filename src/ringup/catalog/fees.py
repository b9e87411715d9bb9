"""Which fees an order pays, and keeping the rules.

A fee in an amount is paid by orders in its currency; each other currency needs a rule of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from ringup.accounts.models import Brand
from ringup.catalog.rule_models import FeeRule
from ringup.catalog.terms import Fee
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.prepared import prepared
from ringup.core.sentences import Refusal

Due, Per = FeeRule.Due, FeeRule.Per


@dataclass(frozen=True, slots=True)
class Charged:
    """What a fee may be for: one order. Places are (country, region); None where there is none yet."""

    brand: Brand
    currency: str
    number: tuple[str, str] | None
    client: tuple[str, str]
    seats: int


def fees_for(charged: Charged, *, lately: bool = False) -> tuple[Fee, ...]:
    """The fees of one order, by name. ``lately``: as they were a few seconds ago, to be shown."""
    rules = _rules.lately if lately else _rules
    found = (_fee(row, charged) for row in rules(charged.brand.pk))
    return tuple(fee for fee in found if fee is not None)


@prepared
def _rules(brand: int) -> QuerySet[FeeRule]:
    rows = FeeRule.objects.filter(Q(brand=None) | Q(brand=brand), is_retired=False)
    return rows.order_by("name", "pk")


def _fee(row: FeeRule, charged: Charged) -> Fee | None:
    place = charged.number if row.place == FeeRule.Place.NUMBER else charged.client
    quantity = {Per.NUMBER: int(charged.number is not None), Per.SEAT: charged.seats}.get(
        Per(row.per), 1
    )
    if place is None or not quantity or not _covers(row, place):
        return None
    zero = Money.zero(charged.currency)
    if row.due == Due.RATE:
        return Fee(row.name, 1, zero, zero, row.rate, row.tax_class)
    amount = row.amount
    if amount is None or amount.currency != charged.currency:
        return None
    once, monthly = (amount, zero) if row.due == Due.ONCE else (zero, amount)
    return Fee(row.name, quantity, once, monthly, 0, row.tax_class)


def _covers(row: FeeRule, place: tuple[str, str]) -> bool:
    country, region = place
    return row.country in ("", country) and row.region in ("", region)


def save_rule(rule: FeeRule, *, changes: dict[str, Any], actor: Actor) -> None:
    """Store a new or changed fee. Orders that were placed keep what was frozen in them."""
    if rule.due != Due.RATE and (rule.amount is None or not rule.amount):
        raise Refusal("Type what the fee is. Nothing was changed.", field="amount")
    what = "changed a fee" if rule.pk else "added a fee"
    with transaction.atomic():
        rule.save()
        Activity.record(actor, f"fee-rule:{rule.uid}", what, fee=rule.name, **changes)


def set_retired(rule: FeeRule, is_retired: bool, *, actor: Actor) -> None:
    """A retired fee is on no new quote."""
    with transaction.atomic():
        rows = FeeRule.objects.filter(pk=rule.pk, is_retired=not is_retired)
        if rows.update(is_retired=is_retired):
            what = "retired a fee" if is_retired else "brought a fee back"
            Activity.record(actor, f"fee-rule:{rule.uid}", what, fee=rule.name)
