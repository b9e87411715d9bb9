"""From catalogue rows to prices: what is visible in the shop, and the items behind a quote."""

from __future__ import annotations

from django.db.models import Q

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer
from ringup.catalog.models import Bundle, Mapping, NumberPriceRule, Product
from ringup.catalog.pricing import Item, NumberPrice, PriceRule, price_number
from ringup.core.money import Money
from ringup.core.sentences import Refusal


def visible_bundles() -> list[Bundle]:
    """Bundles on sale: mapped to a carrier and a server that take orders, not hidden or retired."""
    rows = Bundle.objects.filter(
        is_hidden=False,
        is_retired=False,
        group__is_hidden=False,
        mapping__account__is_enabled=True,
        mapping__server__is_enabled=True,
    )
    return list(rows.select_related("mapping__account", "mapping__server"))


def visible_numbers() -> list[Product]:
    """Plain number products on sale."""
    rows = Product.objects.filter(
        kind=Product.Kind.NUMBER,
        is_hidden=False,
        is_retired=False,
        group__is_hidden=False,
        mapping__account__is_enabled=True,
    )
    return list(rows.select_related("mapping__account", "mapping__server"))


def mapping_of(sold: Bundle | Product) -> Mapping:
    """The mapping of a thing on sale, or a refusal: unmapped things cannot be ordered."""
    mapping = (
        Mapping.objects.filter(Q(bundle=sold) if isinstance(sold, Bundle) else Q(product=sold))
        .select_related("account", "server")
        .first()
    )
    if mapping is None or not mapping.is_valid or sold.is_retired:
        raise Refusal(f"{sold.name} is not on sale right now. Nothing was ordered or charged.")
    return mapping


def items_of(sold: Bundle | Product) -> list[Item]:
    """The items of a quote: a bundle at its own price is one item, else the sum of its products."""
    if isinstance(sold, Product):
        return [Item(sold.name, 1, sold.setup, sold.monthly, sold.tax_class)]
    if sold.monthly is not None:
        return [Item(sold.name, 1, sold.setup, sold.monthly, sold.tax_class)]
    return [
        Item(item.product.name, item.quantity, item.product.setup, item.product.monthly)
        for item in sold.items.select_related("product")
    ]


def seats_of(sold: Bundle | Product) -> int:
    """How many extensions a bundle brings; zero for a plain number."""
    if isinstance(sold, Product):
        return 0
    seats = sold.items.filter(product__kind=Product.Kind.SEATS)
    return sum(item.quantity for item in seats)


def needs_tenant(sold: Bundle | Product) -> bool:
    """Whether ordering it builds a PBX tenant."""
    return (
        isinstance(sold, Bundle)
        and sold.items.filter(product__kind=Product.Kind.HOSTED_PBX).exists()
    )


def price_offer(account: CarrierAccount, offer: NumberOffer) -> NumberPrice | None:
    """What the client pays for an offered number; None where no rule covers it: not on sale."""
    rules = NumberPriceRule.objects.filter(account=account, country__in=["", offer.country])
    rule = rules.order_by("-country").first()
    if rule is None or rule.floor.currency != offer.monthly.currency:
        return None
    return price_number(
        monthly=offer.monthly,
        setup=offer.setup,
        rule=PriceRule(rule.percent, rule.addition, rule.floor, rule.rounding, rule.setup_percent),
    )


def included_number(sold: Bundle | Product) -> Money:
    """The monthly number price that the thing covers."""
    return sold.included_number if isinstance(sold, Bundle) else Money.zero(sold.monthly.currency)
