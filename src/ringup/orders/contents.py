"""What an order is about: its line, the service it is to become, the number, the frozen quote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ringup.catalog.pricing import Quote
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order, OrderLine
from ringup.services.models import Service
from ringup.services.wanted import Goal, WantedNumber, WantedTenant

# In a draft's answers: pairs of what was asked about its options, and what was answered, in words.
ANSWERED = "answered"
# prefetch_related() of these makes contents_of() free of queries.
PREFETCH = (
    "lines__service__account",
    "lines__service__server",
    "lines__service__number",
    "lines__service__parts__number",
)


@dataclass(frozen=True, slots=True)
class Contents:
    """An order has one line for now."""

    line: OrderLine
    service: Service
    number: OwnedNumber
    quote: Quote

    @property
    def tenant(self) -> WantedTenant | None:
        """What the tenant is to be; None for a plain number."""
        if self.service.kind != Service.Kind.TENANT:
            return None
        return WantedTenant.from_data(self.service.wanted)

    @property
    def domain(self) -> str:
        """The tenant's domain; empty for a plain number."""
        return self.service.name if self.service.kind == Service.Kind.TENANT else ""

    @property
    def seats(self) -> str:
        """``10 (1001 to 1010)``; empty for a plain number."""
        tenant = self.tenant
        if tenant is None:
            return ""
        first, last = tenant.extensions[0].extension, tenant.extensions[-1].extension
        return first if first == last else f"{len(tenant.extensions)} ({first} to {last})"

    @property
    def answered(self) -> list[tuple[str, str]]:
        """What the client answered about options, as it was asked then."""
        return answered(self.line.order.draft.answers)

    @property
    def has_credentials(self) -> bool:
        """Whether there are passwords that a phone needs."""
        if self.service.kind == Service.Kind.TENANT:
            return True
        return WantedNumber.from_data(self.service.wanted).goal is Goal.SIP_ACCOUNT

    @property
    def goes_to(self) -> str:
        """Where the number's calls go, for people."""
        tenant = self.tenant
        if tenant is not None:
            return f"extension {tenant.ring_extension}"
        return WantedNumber.from_data(self.service.wanted).text


def answered(answers: dict[str, Any]) -> list[tuple[str, str]]:
    """What a draft's answers say about options, in words."""
    return [(asked, words) for asked, words in answers.get(ANSWERED, [])]


def contents_of(order: Order) -> Contents:
    """Read an order's contents; free of queries on rows fetched with ``PREFETCH``."""
    line = order.lines.all()[0]
    return Contents(line, line.service, number_of(line.service), Quote.from_data(line.quote))


def number_of(service: Service) -> OwnedNumber:
    """The number itself, or the number that a tenant is built with. Free of queries on rows fetched
    with ``PREFETCH``."""
    if service.number is not None:
        return service.number
    wanted = service.wanted["main_number"]
    parts = [part.number for part in service.parts.all() if part.number is not None]
    return next(number for number in parts if str(number.uid) == wanted)
