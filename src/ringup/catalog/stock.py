"""How many of a product or bundle are left. Counted by conditional updates, so that the last one is
sold once however many buyers submit."""

from __future__ import annotations

from django.db.models import F

from ringup.catalog.models import Bundle, Product
from ringup.core.sentences import Refusal


def take(sold: Bundle | Product) -> None:
    """Take one, in the caller's transaction; refuses when none is left. No limit is never used up."""
    if sold.stock is None:
        return
    rows = type(sold).objects.filter(pk=sold.pk, stock__gt=0)
    if rows.update(stock=F("stock") - 1) != 1:
        raise Refusal(
            f"The last {sold.name} was just sold. Nothing was ordered or charged. Choose another."
        )


def give_back(sold: Bundle | Product) -> None:
    """Put one back: its order ended without being carried out."""
    type(sold).objects.filter(pk=sold.pk, stock__isnull=False).update(stock=F("stock") + 1)
