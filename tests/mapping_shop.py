"""A catalogue for tests of mappings: the specification's own examples, with two providers.

Nothing of it is reached: mappings are rows.
"""

from __future__ import annotations

from typing import Any

from ringup.accounts.brands import default_brand
from ringup.carriers.models import CarrierAccount
from ringup.catalog import mapping
from ringup.catalog.choosing import Choice, Method
from ringup.catalog.mapped import group_code
from ringup.catalog.models import (
    Bundle,
    BundleItem,
    Mapping,
    MappingSave,
    NumberPriceRule,
    Price,
    Product,
    ProductGroup,
)
from ringup.core.actors import Actor
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.pbx.models import PbxServer

MAYA, NOAH = Actor("staff:1", "Maya"), Actor("staff:2", "Noah")
ZERO = Money.zero("USD")


class MappingShop:
    """ "Complete PBX Package" is a bundle of products from three groups; "Domestic DIDs" has three
    stand-alone numbers. Nothing is mapped."""

    def __init__(self) -> None:
        default_brand()
        self.one, self.two = make_account("Provider 1"), make_account("Provider 2")
        self.server = make_server("pbx-1")
        self.domestic = make_group("Domestic DIDs")
        self.us, self.ca, self.uk = (
            make_product(self.domestic, f"{country} DID") for country in ("US", "CA", "UK")
        )
        self.parts = [
            make_product(make_group("Group A"), "US DID of the package"),
            make_product(make_group("Group B"), "Extensions", kind="seats", seats=5),
            make_product(make_group("Group C"), "Features", kind="hosted-pbx", seats=0),
        ]
        self.package = make_bundle("Complete PBX Package", *self.parts)

    def choice(self, thing: Any, account: CarrierAccount | None, **more: Any) -> Choice:
        return Choice(code_of(thing), account.pk if account else None, **more)

    def save(self, method: Method, *choices: Choice, actor: Actor = MAYA) -> MappingSave:
        """As the page does: look, then save what was seen."""
        version = mapping.number_now()
        return mapping.save(mapping.preview(method, choices), version=version, actor=actor)

    def provider(self, thing: Any) -> str:
        """What its own row says: a provider, "none" for "No provider", empty without a row."""
        row = row_of(thing)
        if row is None:
            return ""
        return row.account.name if row.account else "none"


def code_of(thing: Any) -> str:
    return group_code(thing.pk) if isinstance(thing, ProductGroup) else str(thing.code)


def row_of(thing: Any) -> Mapping | None:
    column = type(thing).__name__.lower().removeprefix("product") or "product"
    return Mapping.objects.select_related("account").filter(**{column: thing}).first()


def make_account(name: str, **more: Any) -> CarrierAccount:
    account = CarrierAccount.objects.create(
        name=name, kind="voipms", url="http://127.0.0.1:1/", **more
    )
    NumberPriceRule.objects.create(
        account=account,
        **money_columns(addition=ZERO, floor=ZERO, rounding=Money.of("0.01", "USD")),
    )
    return account


def make_server(name: str, **more: Any) -> PbxServer:
    return PbxServer.objects.create(
        name=name, sip_host=f"{name}.example", domain_suffix=f"{name}.example", **more
    )


def make_group(name: str, **more: Any) -> ProductGroup:
    return ProductGroup.objects.create(name=name, **more)


def make_product(group: ProductGroup, name: str, *, kind: str = "number", **more: Any) -> Product:
    slug = name.lower().replace(" ", "-")
    product = Product.objects.create(group=group, name=name, slug=slug, kind=kind, **more)
    make_price(product)
    return product


def make_bundle(name: str, *products: Product, **more: Any) -> Bundle:
    group, _ = ProductGroup.objects.get_or_create(name="Packages")
    slug = name.lower().replace(" ", "-")
    bundle = Bundle.objects.create(
        group=group, name=name, slug=slug, **{**money_columns(included_number=ZERO), **more}
    )
    for product in products:
        BundleItem.objects.create(bundle=bundle, product=product)
    make_price(bundle)
    return bundle


def make_price(sold: Product | Bundle, *, cycle: str = "monthly", currency: str = "USD") -> Price:
    return Price.objects.create(
        bundle=sold if isinstance(sold, Bundle) else None,
        product=sold if isinstance(sold, Product) else None,
        cycle=cycle,
        currency=currency,
        **money_columns(setup=Money.zero(currency), amount=Money.of("5", currency)),
    )
