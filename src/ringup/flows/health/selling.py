"""Selling: whether the shop shows what it should."""

from __future__ import annotations

from ringup.accounts.brands import default_brand
from ringup.catalog.models import Bundle, Product
from ringup.catalog.selling import ALONE, visible_bundles, visible_products
from ringup.flows.health.findings import Check, Group, Verdict, doubtful, fine, listed


def unsold() -> Verdict:
    """Products and bundles that staff means to sell, and that the shop cannot show."""
    currency = default_brand().currency
    shown = [*visible_bundles(currency), *visible_products(currency)]
    seen = {(type(row), row.pk) for row in shown}
    meant = [
        *Bundle.objects.filter(is_hidden=False, is_retired=False),
        *Product.objects.filter(is_hidden=False, is_retired=False, kind__in=ALONE),
    ]
    missing = sorted(row.name for row in meant if (type(row), row.pk) not in seen)
    if missing:
        return doubtful(
            f"{len(missing)} of {len(meant)} are not on sale: {listed(missing)}.",
            "The page of product mappings says why, for each.",
        )
    if not shown:
        return doubtful("The shop has nothing to sell.", "Make a product and map it to a provider.")
    return fine(f"All {len(shown)} are on sale.")


def checks() -> list[Check]:
    return [Check(Group.SELLING, "Products", unsold)]
