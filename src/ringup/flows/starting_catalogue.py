"""A small catalogue to begin with: one hosted PBX with seats and a number, and the plain number.

What it makes are ordinary rows, to be changed like any other. Made twice, it is brought up to date.
"""

from __future__ import annotations

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


def make(
    terms: Terms, *, account: CarrierAccount, server: PbxServer | None, actor: Actor
) -> Bundle:
    """Make the catalogue and map it to ``account``, and to ``server`` or where there is room."""
    with transaction.atomic():
        group, _ = ProductGroup.objects.get_or_create(
            name="Telephone service", defaults={"tagline": "Numbers and hosted PBXes"}
        )
        bundle = _bundle(group, terms)
        number = _product(group, "number", Product.Kind.NUMBER, "Phone number", hidden=False)
        _prices(number, Money.zero(terms.currency))
        _map(account, server, Mapping.Source.SINGLE, product=number)
        _map(account, server, Mapping.Source.BUNDLE, bundle=bundle)
        for product in bundle.products.all():
            _map(account, server, Mapping.Source.BUNDLE, product=product)
        _number_rule(account, terms)
        Activity.record(
            actor, f"bundle:{bundle.uid}", "made a starting catalogue", provider=account.name
        )
    return bundle


def _map(
    account: CarrierAccount,
    server: PbxServer | None,
    source: Mapping.Source,
    *,
    product: Product | None = None,
    bundle: Bundle | None = None,
) -> None:
    Mapping.objects.update_or_create(
        product=product,
        bundle=bundle,
        group=None,
        defaults={"account": account, "server": server, "source": source},
    )


def _bundle(group: ProductGroup, terms: Terms) -> Bundle:
    pbx = _product(group, "hosted-pbx", Product.Kind.HOSTED_PBX, "Hosted PBX", hidden=True)
    seat = _product(group, "seat", Product.Kind.SEATS, "Seat", hidden=True, seats=1)
    number = _product(group, "pbx-number", Product.Kind.NUMBER, "Main number", hidden=True)
    bundle, _ = Bundle.objects.update_or_create(
        slug=f"hosted-pbx-{terms.seats}",
        defaults={
            "group": group,
            "name": f"Hosted PBX, {terms.seats} seats",
            "description": "Your own PBX: extensions with voicemail, and a number of your choice.",
            **money_columns(included_number=terms.included_number),
        },
    )
    _prices(bundle, terms.monthly)
    for product, quantity in ((pbx, 1), (seat, terms.seats), (number, 1)):
        BundleItem.objects.update_or_create(
            bundle=bundle, product=product, defaults={"quantity": quantity}
        )
    return bundle


def _product(
    group: ProductGroup, slug: str, kind: Product.Kind, name: str, *, hidden: bool, seats: int = 0
) -> Product:
    product, _ = Product.objects.update_or_create(
        slug=slug,
        defaults={
            "group": group,
            "kind": kind,
            "name": name,
            "is_hidden": hidden,
            "seats": seats,
        },
    )
    return product


def _prices(sold: Product | Bundle, monthly: Money) -> None:
    for cycle, amount in (
        (Cycle.MONTHLY, monthly),
        (Cycle.ANNUAL, monthly * MONTHS_OF_A_YEAR),
    ):
        Price.objects.update_or_create(
            bundle=sold if isinstance(sold, Bundle) else None,
            product=sold if isinstance(sold, Product) else None,
            cycle=cycle.value,
            currency=monthly.currency,
            defaults=money_columns(amount=amount, setup=Money.zero(monthly.currency)),
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
