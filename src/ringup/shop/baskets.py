"""The numbers that a buyer has selected and holds, as the search page and the wizard show them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ringup.accounts.access import user_of
from ringup.core.limiting import address_of
from ringup.core.money import Money, total
from ringup.core.phones import country_code
from ringup.core.sentences import place_name
from ringup.flows.checkout import chosen_numbers, holding_numbers
from ringup.numbers import holding
from ringup.numbers.holding import Buyer
from ringup.numbers.models import Hold
from ringup.numbers.patterns import Pattern
from ringup.orders.models import Draft
from ringup.shop.drafts import DRAFTS, open_drafts
from ringup.shop.rows import numbered

# So many drafts are looked at: nobody writes more at once.
MOST_BASKETS = 3
# Long after its hold has ended, a selection on the front page helps nobody.
FORGET_MINUTES = 120


@dataclass(frozen=True, slots=True)
class Picked:
    """One selected number. ``key`` tells it from the others, ``text`` is what a quote calls it.
    ``is_soft``: what is promised is a number in this place. ``is_by_place``: the carrier chooses the
    digits, so there is nothing to hold."""

    key: str
    text: str
    number: SafeString
    spoken: str
    place: str
    monthly: Money
    setup: Money
    is_held: bool
    is_soft: bool
    is_by_place: bool = False


@dataclass(frozen=True, slots=True)
class Basket:
    """What one draft has selected. ``expires`` is when the first of its holds ends, None where none
    runs; ``minutes`` the whole length of that hold, for its ring."""

    draft: Draft
    picked: list[Picked]
    takes_several: bool
    expires: datetime | None
    minutes: int
    may_extend: bool

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(one.key for one in self.picked)

    @property
    def held(self) -> frozenset[str]:
        """Those that are kept from others now."""
        return frozenset(one.key for one in self.picked if one.is_held and not one.is_by_place)

    @property
    def gone(self) -> list[str]:
        """Those whose hold has ended."""
        return [one.key for one in self.picked if not one.is_held]

    @property
    def is_held(self) -> bool:
        """Whether no hold of it has ended."""
        return all(one.is_held for one in self.picked)

    @property
    def monthly(self) -> Money:
        return total((one.monthly for one in self.picked), self.draft.currency)

    @property
    def setup(self) -> Money:
        return total((one.setup for one in self.picked), self.draft.currency)

    @property
    def room(self) -> int:
        """How many more numbers it takes."""
        return holding.MOST_PER_DRAFT - len(self.picked) if self.takes_several else 1


def basket_of(draft: Draft) -> Basket:
    """What this draft has selected; also when that is nothing."""
    return _basket(draft, holding.held_by(draft.uid))


def baskets_for(request: HttpRequest) -> list[Basket]:
    """The drafts of this browser with selected numbers that are held, or were until a while ago; the
    one that was changed last is first."""
    drafts = [draft for draft in open_drafts(request) if holding_numbers.chosen(draft)]
    if not drafts:
        return []
    recent = timezone.now() - timedelta(minutes=FORGET_MINUTES)
    baskets = (basket_of(draft) for draft in drafts[:MOST_BASKETS])
    return [one for one in baskets if one.expires or one.draft.changed > recent]


def buyer_of(request: HttpRequest, draft: Draft) -> Buyer:
    """Whom the draft's holds count for: the browser's session gets its key now, if it has none. What
    staff holds for a client counts for the two of them, and not against its network's guests."""
    user = user_of(request)
    if user is not None and user.is_staff and draft.client_id is not None:
        both = f"staff:{user.pk} for client:{draft.client_id}"
        return holding.buyer_of(draft.uid, session=both, address="")
    if not request.session.session_key:
        request.session.save()
    key = request.session.session_key or ""
    buyer = holding.buyer_of(draft.uid, session=key, address=address_of(request))
    known = {uuid.UUID(text) for text in request.session.get(DRAFTS, [])}
    return replace(buyer, others=frozenset(known - {draft.uid}))


def _basket(draft: Draft, holds: list[Hold]) -> Basket:
    by_number = {hold.e164: hold for hold in holds}
    picked = [_picked(chosen, by_number.get(chosen["e164"])) for chosen in _chosen(draft)]
    running = [by_number[one.key] for one in picked if one.key in by_number]
    first = min(running, key=lambda hold: hold.expires, default=None)
    longer = holding.EXTENSION_MINUTES if first is not None and first.is_extended else 0
    return Basket(
        draft=draft,
        picked=picked,
        takes_several=chosen_numbers.takes_several(draft),
        expires=first.expires if first else None,
        minutes=holding.HOLD_MINUTES + longer,
        may_extend=any(not hold.is_extended for hold in running),
    )


def _chosen(draft: Draft) -> list[dict[str, Any]]:
    return holding_numbers.chosen(draft)


def _picked(chosen: dict[str, Any], hold: Hold | None) -> Picked:
    price, by_place = chosen_numbers.price_of(chosen), chosen_numbers.is_by_place(chosen)
    region = chosen.get("region_name") or chosen["region"]
    parts = dict.fromkeys([chosen["rate_centre"], region])
    return Picked(
        key=chosen_numbers.key_of(chosen),
        text=chosen_numbers.quote_words(chosen),
        number=_number(chosen),
        spoken=chosen_numbers.words_of(chosen),
        place=", ".join(place_name(part) for part in parts if part),
        monthly=price.monthly,
        setup=price.setup,
        is_held=by_place or hold is not None,
        is_soft=not by_place and (hold.is_soft if hold else bool(chosen.get("needs_papers"))),
        is_by_place=by_place,
    )


def _number(chosen: dict[str, Any]) -> SafeString:
    e164 = chosen["e164"]
    if not e164:
        return format_html("{}", chosen_numbers.words_of(chosen))
    code = country_code(e164)
    return numbered(code, e164[1 + len(code) :], Pattern())
