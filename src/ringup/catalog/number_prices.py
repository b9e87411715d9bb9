"""From the carrier's cost of a number to the client's price: which rule applies, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from ringup.carriers.models import CarrierAccount
from ringup.carriers.places import may_sell, sells_in
from ringup.carriers.port import NumberOffer, NumberType, PlaceOffer
from ringup.catalog.models import Bundle, NumberPriceRule, Product
from ringup.catalog.pricing import NumberPrice, PriceRule, price_number
from ringup.catalog.rates import exchanged, rate_between
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.prepared import prepared
from ringup.core.sentences import Refusal


@dataclass(frozen=True, slots=True)
class Working:
    """How a price came about. ``cost`` is the carrier's in the selling currency. Without ``price``
    the number is not on sale, and ``missing`` says why, in a sentence."""

    rule: NumberPriceRule | None = None
    cost: NumberPrice | None = None
    price: NumberPrice | None = None
    missing: str = ""

    @property
    def margin(self) -> NumberPrice | None:
        """What is left of the price when the carrier is paid; may be negative."""
        if self.price is None or self.cost is None:
            return None
        price, cost = self.price, self.cost
        return NumberPrice(price.monthly - cost.monthly, price.setup - cost.setup)


def price_offer(
    account: CarrierAccount, offer: NumberOffer | PlaceOffer, currency: str
) -> NumberPrice | None:
    """What the client pays for an offered number, or for one of a place; None where the provider's
    places, the rules or the exchange rates do not cover it: not on sale."""
    return work_out_offer(account, offer, currency).price


def work_out_offer(
    account: CarrierAccount, offer: NumberOffer | PlaceOffer, currency: str
) -> Working:
    """``price_offer`` with the rule behind it, or with the reason why there is no price."""
    if not may_sell(account, offer):
        place = ", ".join(filter(None, [offer.region_name or offer.region, offer.country]))
        return Working(missing=f"{account.name} does not sell in {place}: see its settings.")
    return work_out(
        account,
        NumberPrice(monthly=offer.monthly, setup=offer.setup),
        country=offer.country,
        number_type=offer.number_type.value,
        currency=currency,
    )


def work_out(
    account: CarrierAccount,
    cost: NumberPrice,
    *,
    country: str,
    number_type: str,
    currency: str,
) -> Working:
    """The price of a number that costs us ``cost``, with the rule behind it. It is what the shop
    asks: ``price_offer`` adds only where the provider sells."""
    if country and not sells_in(account, country):
        return Working(missing=f"{account.name} does not sell in {country}: see its settings.")
    rule = rule_for(account, country=country, number_type=number_type, currency=currency)
    if rule is None:
        return Working(missing=f"No rule of {account.name} in {currency} covers these numbers.")
    return priced_by(rule, cost)


def priced_by(rule: NumberPriceRule, cost: NumberPrice) -> Working:
    """What this rule makes of a cost. The rule need not be saved."""
    currency = rule.currency
    monthly, setup = exchanged(cost.monthly, currency), exchanged(cost.setup, currency)
    if monthly is None or setup is None:
        missing = f"There is no exchange rate from {cost.monthly.currency} to {currency}."
        return Working(rule, missing=missing)
    price = price_number(monthly=monthly, setup=setup, rule=as_price_rule(rule))
    return Working(rule, NumberPrice(monthly, setup), price)


def rule_for(
    account: CarrierAccount,
    *,
    country: str,
    number_type: str,
    currency: str,
    but: NumberPriceRule | None = None,
) -> NumberPriceRule | None:
    """The most specific rule: a country counts more than a type. ``but`` is left out."""
    for rule in _rules(account.pk, currency, country, number_type):
        if but is None or rule.pk != but.pk:
            return rule
    return None


@prepared
def _rules(
    account: int, currency: str, country: str, number_type: str
) -> QuerySet[NumberPriceRule]:
    """Those that cover such a number, the one that wins first."""
    rows = NumberPriceRule.objects.filter(
        Q(country="") | Q(country=country),
        Q(number_type="") | Q(number_type=number_type),
        account=account,
        currency=currency,
    )
    return by_precedence(rows)


def by_precedence(rules: QuerySet[NumberPriceRule]) -> QuerySet[NumberPriceRule]:
    """By provider and currency, and there the one that wins first."""
    return rules.order_by("account__name", "currency", "-country", "-number_type")


def as_price_rule(row: NumberPriceRule) -> PriceRule:
    """The row as the pure value that ``price_number`` takes."""
    return PriceRule(
        percent=row.percent,
        addition=row.addition,
        floor=row.floor,
        rounding=row.rounding,
        setup_percent=row.setup_percent,
        fixed=row.fixed,
        fixed_setup=row.fixed_setup,
    )


def included_number(sold: Bundle | Product, currency: str) -> Money:
    """The monthly number price that the thing covers; nothing where no exchange rate tells."""
    if isinstance(sold, Product):
        return Money.zero(currency)
    return exchanged(sold.included_number, currency) or Money.zero(currency)


# -- what is not on sale --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gap:
    """An account whose numbers nobody sees, and why. ``needs_rate`` tells an exchange rate from a
    rule."""

    account: CarrierAccount
    why: str
    needs_rate: bool


def gaps(currency: str) -> list[Gap]:
    """The accounts that products are mapped to and whose numbers have no price in ``currency``."""
    accounts = CarrierAccount.objects.filter(mappings__isnull=False, is_retired=False).distinct()
    priced = set(
        NumberPriceRule.objects.filter(currency=currency).values_list("account_id", flat=True)
    )
    found = []
    for account in accounts.order_by("name"):
        if account.pk not in priced:
            why = f"{account.name} has no price rule in {currency}."
            found.append(Gap(account, why, needs_rate=False))
        if account.currency != currency and rate_between(account.currency, currency) is None:
            why = f"{account.name} charges in {account.currency}, and no rate leads to {currency}."
            found.append(Gap(account, why, needs_rate=True))
    return found


# -- changing rules -------------------------------------------------------------------------------

TWICE = (
    "There is a rule for this provider, country, type and currency already. "
    "Nothing was changed. Edit that one."
)


def save_rule(rule: NumberPriceRule, *, changes: dict[str, Any], actor: Actor) -> None:
    """Store a new or changed rule. Refuses a second one for the same numbers."""
    twins = NumberPriceRule.objects.filter(
        account=rule.account,
        country=rule.country,
        number_type=rule.number_type,
        currency=rule.currency,
    )
    if twins.exclude(pk=rule.pk).exists():
        raise Refusal(TWICE, field="country")
    what = "changed a number price rule" if rule.pk else "added a number price rule"
    try:
        with transaction.atomic():
            rule.save()
            Activity.record(actor, f"price-rule:{rule.pk}", what, rule=name_of(rule), **changes)
    except IntegrityError as error:
        # Somebody else's was stored between the look and the write.
        raise Refusal(TWICE, field="country") from error


def delete_rule(rule: NumberPriceRule, *, actor: Actor) -> None:
    """Forget a rule. Its numbers go to the next less specific one, or off sale."""
    with transaction.atomic():
        Activity.record(
            actor, f"price-rule:{rule.pk}", "deleted a number price rule", rule=name_of(rule)
        )
        rule.delete()


def name_of(rule: NumberPriceRule) -> str:
    """``VoIP.ms sandbox, US, toll-free, USD``"""
    parts = [rule.account.name, rule.country, rule.number_type, rule.currency]
    return ", ".join(part for part in parts if part)


NUMBER_TYPES = [(kind.value, kind.value.capitalize()) for kind in NumberType]
