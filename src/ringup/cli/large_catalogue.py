"""A large catalogue, for benchmarks and tests: rows in bulk, of which nobody buys anything."""

from __future__ import annotations

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
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.pbx.models import PbxServer

GROUPS = 40
_FIVE, _ZERO = Money.of("5", "USD"), Money.zero("USD")


def make_large_catalogue(*, products: int, bundles: int) -> tuple[CarrierAccount, CarrierAccount]:
    """Numbers on forty shelves, bundles of three numbers and a PBX, two providers and two PBX servers.
    Most is mapped, some to no provider, some not at all, some to the second provider, which is
    switched off."""
    accounts = [_account(name) for name in ("Carrier A", "Carrier B")]
    CarrierAccount.objects.filter(pk=accounts[1].pk).update(is_enabled=False)
    for name in ("pbx-a", "pbx-b"):
        PbxServer.objects.create(name=name, sip_host=name, domain_suffix=f"{name}.example")
    groups = ProductGroup.objects.bulk_create(
        ProductGroup(name=f"Shelf {n:03}", position=n) for n in range(GROUPS)
    )
    pbx = Product.objects.create(
        group=groups[0], name="PBX", slug="pbx", kind=Product.Kind.HOSTED_PBX, seats=5
    )
    numbers = Product.objects.bulk_create(
        Product(
            group=groups[n % GROUPS],
            name=f"DID {n:05}",
            slug=f"did-{n}",
            kind=Product.Kind.NUMBER,
            is_hidden=n % 11 == 0,
        )
        for n in range(products)
    )
    _price(numbers)
    _map(numbers, accounts)
    _bundle(groups[0], numbers, pbx, count=bundles)
    return accounts[0], accounts[1]


def _account(name: str) -> CarrierAccount:
    account = CarrierAccount.objects.create(name=name, kind="voipms", url="http://127.0.0.1:1/")
    columns = money_columns(addition=_ZERO, floor=_ZERO, rounding=Money.of("0.01", "USD"))
    NumberPriceRule.objects.create(account=account, **columns)
    return account


def _price(numbers: list[Product]) -> None:
    columns = money_columns(setup=_ZERO, amount=_FIVE)
    Price.objects.bulk_create(
        Price(product=number, cycle=cycle, currency="USD", **columns)
        for number in numbers
        for cycle in ("monthly", "annual")
    )


def _map(numbers: list[Product], accounts: list[CarrierAccount]) -> None:
    served = [accounts[0], accounts[0], accounts[1], None, accounts[0]]
    Mapping.objects.bulk_create(
        Mapping(product=number, account=served[n % 5], source=Mapping.Source.GROUP)
        for n, number in enumerate(numbers)
        if n % 7
    )


def _bundle(group: ProductGroup, numbers: list[Product], pbx: Product, *, count: int) -> None:
    columns = money_columns(included_number=_ZERO)
    packs = Bundle.objects.bulk_create(
        Bundle(group=group, name=f"Pack {n:04}", slug=f"pack-{n}", **columns) for n in range(count)
    )
    BundleItem.objects.bulk_create(
        BundleItem(bundle=pack, product=product)
        for n, pack in enumerate(packs)
        for product in [*numbers[n * 3 % len(numbers) :][:3], pbx]
    )
