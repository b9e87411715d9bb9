"""All number prices of a few accounts at once: ``number_prices`` for thousands of costs, in three
queries. A list is compared by ``key``: as long as that is the same, so is every price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import ExchangeRate, NumberPriceRule
from ringup.catalog.number_prices import as_price_rule, by_precedence
from ringup.catalog.pricing import NumberPrice, PriceRule, price_number
from ringup.catalog.rates import Rate
from ringup.core.money import MILLION, Money


@dataclass(frozen=True)
class PriceList:
    """What clients pay in ``currency``. Where an account may sell is not asked here."""

    currency: str
    key: tuple[Any, ...]
    _rules: dict[tuple[int, str, str], PriceRule] = field(repr=False)
    _rates: dict[str, Rate] = field(repr=False)

    @classmethod
    def read(cls, accounts: Sequence[CarrierAccount], currency: str) -> PriceList:
        found = NumberPriceRule.objects.filter(currency=currency, account__in=accounts)
        rules = {
            (row.account_id, row.country, row.number_type): as_price_rule(row)
            for row in by_precedence(found)
        }
        rates = _rates(currency)
        key = (currency, tuple(sorted(rules.items(), key=lambda rule: rule[0])), *rates.values())
        return cls(currency, key, rules, rates)

    def price(
        self, account: int, *, country: str, number_type: str, monthly: Money, setup: Money
    ) -> NumberPrice | None:
        """The client's price of what costs us this; None where no rule or no rate covers it."""
        rule = self._rule(account, country, number_type)
        costs = self._exchanged(monthly), self._exchanged(setup)
        if rule is None or costs[0] is None or costs[1] is None:
            return None
        return price_number(monthly=costs[0], setup=costs[1], rule=rule)

    def _rule(self, account: int, country: str, number_type: str) -> PriceRule | None:
        """The most specific one: a country counts more than a type."""
        places = [(country, number_type), (country, ""), ("", number_type), ("", "")]
        found = (self._rules.get((account, *place)) for place in places)
        return next((rule for rule in found if rule is not None), None)

    def _exchanged(self, amount: Money) -> Money | None:
        if amount.currency == self.currency:
            return amount
        rate = self._rates.get(amount.currency)
        return rate.apply(amount) if rate else None


def _rates(currency: str) -> dict[str, Rate]:
    """Every rate that leads to the currency; the inverse where only that is known."""
    rows = ExchangeRate.objects.filter(Q(base=currency) | Q(quote=currency)).order_by("pk")
    found: dict[str, Rate] = {}
    for row in rows:
        if row.base == currency:
            found.setdefault(row.quote, Rate(row.quote, currency, MILLION, row.rate_micros))
    for row in rows:
        if row.quote == currency:
            found[row.base] = Rate(row.base, currency, row.rate_micros, MILLION)
    return found
