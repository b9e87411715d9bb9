"""Which promotion counts for a draft, and for how many of its orders."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from ringup.accounts.models import Client
from ringup.catalog import promotions
from ringup.catalog.pricing import Cycle
from ringup.catalog.promotions import NotCounting, Occasion
from ringup.catalog.rule_models import PromoCode
from ringup.core.money import Money
from ringup.orders.models import Draft, Order

ENDED = (Order.State.REJECTED, Order.State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Counting:
    """A code that counts, for the first ``orders`` of a draft; None: for all of them."""

    promo: PromoCode
    orders: int | None

    def covers(self, place: int) -> bool:
        """Whether the order of the draft's number ``place``, counted from 0, has it."""
        return self.orders is None or place < self.orders


def counting(
    draft: Draft, amount: Money, *, used: Counter[str] | None = None, code: str = ""
) -> Counting | None:
    """The draft's code, or another ``code``, if it counts; None where there is none. ``amount`` is
    what all of the draft costs before discounts; ``used`` are the codes that drafts before this one
    in the same cart take. Raises ``NotCounting``."""
    code = code or draft.promo_code
    if not code:
        return None
    occasion = Occasion(
        sold=draft.sold,
        cycle=Cycle(draft.cycle),
        brand=draft.brand,
        client=draft.client,
        is_new_client=is_new(draft.client),
        amount=amount,
    )
    promo = promotions.find(code, occasion)
    left = promotions.uses_left(promo, draft.client)
    if left is not None and used is not None:
        left -= used[promo.code]
        if left <= 0:
            raise NotCounting(promo.code, f"Another item has the last use of {promo.code}.")
    return Counting(promo, left)


def is_new(client: Client | None, *, but: tuple[UUID, ...] = ()) -> bool:
    """Whether nothing was ordered for this client yet, that was not ended. ``but`` are the uids of
    orders that do not matter."""
    if client is None:
        return True
    orders = Order.objects.filter(client=client).exclude(state__in=ENDED)
    return not orders.exclude(uid__in=but).exists()
