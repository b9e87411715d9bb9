"""A dearer number, or one from another place, that staff proposes and the client takes or leaves."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from ringup.catalog.pricing import Quote
from ringup.core.sentences import place_name
from ringup.orders.models import Order

LASTS = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Proposal:
    """``chosen`` is the number as a draft's answers have it, ``quote`` what all of the order costs
    with it. It can be answered before ``until``; then the number is no longer held."""

    chosen: dict[str, Any]
    quote: Quote
    until: datetime
    by: str

    @property
    def e164(self) -> str:
        return str(self.chosen["e164"])

    @property
    def place(self) -> str:
        """``New York, NY``"""
        parts = (place_name(self.chosen.get("rate_centre", "")), self.chosen.get("region", ""))
        return ", ".join(part for part in parts if part)

    @property
    def mark(self) -> str:
        """What a form posts back, so that nobody accepts what he has not seen."""
        text = json.dumps(self.as_data(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def is_open(self) -> bool:
        return self.until > timezone.now()

    def as_data(self) -> dict[str, Any]:
        """For ``Order.proposed``. Its end is in seconds since 1970, which databases compare alike."""
        return {
            "chosen": self.chosen,
            "quote": self.quote.as_data(),
            "until": int(self.until.timestamp()),
            "by": self.by,
        }


def proposal_of(order: Order) -> Proposal | None:
    """What the client has been proposed, also when its time is over; None: nothing."""
    data = order.proposed
    if not data:
        return None
    until = datetime.fromtimestamp(data["until"], tz=UTC)
    return Proposal(data["chosen"], Quote.from_data(data["quote"]), until, data["by"])


def open_proposal(order: Order) -> Proposal | None:
    """The proposal that still waits for an answer."""
    proposal = proposal_of(order)
    return proposal if proposal is not None and proposal.is_open else None


def waits_for_client(order: Order) -> bool:
    """Whether a question or a proposal of ours waits for the client's answer."""
    return order.asked is not None or open_proposal(order) is not None


def waiting_for_client() -> Q:
    """``waits_for_client`` for a query."""
    return Q(asked__isnull=False) | Q(proposed__until__gt=_now())


def waiting_for_staff() -> Q:
    """Its opposite, said apart: what is not in the JSON is neither greater nor not greater."""
    is_unproposed = Q(proposed={}) | Q(proposed__until__lte=_now())
    return Q(asked__isnull=True) & is_unproposed


def _now() -> int:
    return int(timezone.now().timestamp())
