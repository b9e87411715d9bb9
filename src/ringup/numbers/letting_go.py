"""Numbers that nobody wants or has any more."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from ringup.numbers import own_stock
from ringup.numbers.models import OwnedNumber


def let_go(rows: QuerySet[OwnedNumber]) -> None:
    """These are nobody's now, in the caller's transaction; what of them is of our own stock is on
    sale again. Says nothing to a carrier."""
    back = list(rows.filter(is_own_stock=True).values_list("e164", flat=True))
    rows.update(state=OwnedNumber.State.RELEASED, released=timezone.now())
    own_stock.moved(back)
