"""A small catalogue to begin with: one hosted PBX with seats and a number, and the plain number.

What it makes are ordinary rows, to be changed like any other. Made twice, it is brought up to date.
A second provider has a range of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import (
    Bundle,
    BundleItem,
    Mapping,
    NumberPriceRule,
    Price,
    Product,
    ProductGroup,
)
from ringup.catalog.pricing import Cycle
from ringup.core.actors import Actor
from ringup.core.fields import money_columns
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.pbx.models import PbxServer

# A year costs as much as ten months.
MONTHS_OF_A_YEAR = 10


@dataclass(frozen=True, slots=True)
class Terms:
    """What it costs, all in one currency: the bundle a month, the number price that it includes, and
    numbers at the carrier's cost plus percent plus an amount."""

    seats: int
    monthly: Money
    included_number: Money
    number_percent: int
    number_addition: Money
    setup_percent: int = 50

    @property
    def currency(self) -> str:
        return self.monthly.currency


@dataclass(frozen=True, slots=True)
class Range:
    """What the things of one provider are called beside those of another."""

    slug: str = ""
    words: str = ""


USUAL = Range()
WORLDWIDE = Range("-worldwide", ", worldwide")


def make(
    terms: Terms,
    *,
    account: CarrierAccount,
    server: PbxServer | None,
    actor: Actor,
    range_: Range = USUAL,
) -> Bundle:
    """Make the catalogue and map it to ``account``, and to ``server`` or where there is room."""
    with transaction.atomic():
        group, _ = ProductGroup.objects.get_or_create(
            name="Telephone service", defaults={"tagline": "Numbers and hosted PBXes"}
        )
        pbx, seat, main_number, number = _products(group, range_)
        bundle = _bundle(group, terms, range_)
        _fill(bundle, {pbx: 1, seat: terms.seats, main_number: 1})
        _price("bundle", bundle, terms.monthly)
        _price("product", number, Money.zero(terms.currency))
        _map("bundle", [bundle], account, server, Mapping.Source.BUNDLE)
        _map("product", [pbx, seat, main_number], account, server, Mapping.Source.BUNDLE)
        _map("product", [number], account, server, Mapping.Source.SINGLE)
        _number_rule(account, terms)
        Activity.record(
            actor, f"bundle:{bundle.uid}", "made a starting catalogue", provider=account.name
        )
    return bundle


# What the bundle is made of, and the number that is sold alone.
_PRODUCTS = (
    ("hosted-pbx", Product.Kind.HOSTED_PBX, "Hosted PBX", True, 0),
    ("seat", Product.Kind.SEATS, "Seat", True, 1),
    ("pbx-number", Product.Kind.NUMBER, "Main number", True, 0),
    ("number", Product.Kind.NUMBER, "Phone number", False, 0),
)


def _products(group: ProductGroup, range_: Range) -> list[Product]:
    """In the order of ``_PRODUCTS``."""
    rows = [
        Product(
            group=group,
            slug=slug + range_.slug,
            kind=kind,
            name=name + range_.words,
            is_hidden=is_hidden,
            seats=seats,
        )
        for slug, kind, name, is_hidden, seats in _PRODUCTS
    ]
    Product.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["group", "kind", "name", "is_hidden", "seats"],
    )
    slugs = [row.slug for row in rows]
    found = Product.objects.in_bulk(slugs, field_name="slug")
    return [found[slug] for slug in slugs]


def _bundle(group: ProductGroup, terms: Terms, range_: Range) -> Bundle:
    bundle, _ = Bundle.objects.update_or_create(
        slug=f"hosted-pbx-{terms.seats}{range_.slug}",
        defaults={
            "group": group,
            "name": f"Hosted PBX, {terms.seats} seats{range_.words}",
            "description": "Your own PBX: extensions with voicemail, and a number of your choice.",
            **money_columns(included_number=terms.included_number),
        },
    )
    return bundle


def _fill(bundle: Bundle, quantities: dict[Product, int]) -> None:
    BundleItem.objects.bulk_create(
        [
            BundleItem(bundle=bundle, product=product, quantity=quantity)
            for product, quantity in quantities.items()
        ],
        update_conflicts=True,
        unique_fields=["bundle", "product"],
        update_fields=["quantity"],
    )


def _price(column: str, sold: Product | Bundle, monthly: Money) -> None:
    """By the month, and by the year. ``column`` of the row names what is sold."""
    rows = []
    for cycle, amount in (
        (Cycle.MONTHLY, monthly),
        (Cycle.ANNUAL, monthly * MONTHS_OF_A_YEAR),
    ):
        row = Price(cycle=cycle.value, currency=monthly.currency)
        setattr(row, column, sold)
        row.amount, row.setup = amount, Money.zero(monthly.currency)
        rows.append(row)
    Price.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=[column, "cycle", "currency"],
        update_fields=["amount_micros", "amount_currency", "setup_micros", "setup_currency"],
    )


def _map(
    column: str,
    things: Sequence[Product | Bundle],
    account: CarrierAccount,
    server: PbxServer | None,
    source: Mapping.Source,
) -> None:
    """Map each thing; ``column`` of the row names it."""
    rows = []
    for sold in things:
        row = Mapping(account=account, server=server, source=source)
        setattr(row, column, sold)
        rows.append(row)
    Mapping.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=[column],
        update_fields=["account", "server", "source"],
    )


def _number_rule(account: CarrierAccount, terms: Terms) -> None:
    NumberPriceRule.objects.update_or_create(
        account=account,
        country="",
        number_type="",
        currency=terms.currency,
        defaults={
            "percent": terms.number_percent,
            "setup_percent": terms.setup_percent,
            **money_columns(
                addition=terms.number_addition,
                floor=Money.of("1.50", terms.currency),
                rounding=Money.of("0.05", terms.currency),
            ),
        },
    )
