"""One number that we own: what it is, what it earns, and what happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.shortcuts import get_object_or_404

from ringup.backoffice.inventory.filters import Filters
from ringup.backoffice.inventory.listing import RELATED, Row, rows_of
from ringup.backoffice.inventory.margins import Margins
from ringup.backoffice.inventory.wording import Shown
from ringup.core.models import Activity
from ringup.flows.reconciling.rerouting import home_of
from ringup.numbers.models import Discrepancy, OwnedNumber, OwnStock

NEWEST = 30


@dataclass(frozen=True, slots=True)
class NumberPage:
    """``earlier`` are rows of the same digits that we had before or have elsewhere, newest first."""

    number: OwnedNumber
    row: Row
    differences: list[Shown]
    earlier: list[OwnedNumber]
    stock: OwnStock | None
    activity: list[Activity]
    can_route: bool

    @property
    def client_filter(self) -> str:
        """The query that lists all numbers of the same client."""
        return Filters(client=str(self.number.client.uid)).query


def number_page(uid: UUID) -> NumberPage:
    """Everything that the page shows. Raises ``Http404`` for a number that is not there."""
    number = get_object_or_404(OwnedNumber.objects.select_related(*RELATED, "brand"), uid=uid)
    row = next(rows_of([number], Margins()))
    open_ones = Discrepancy.objects.filter(number=number, solved=None)
    subjects = [f"number:{number.uid}"]
    if row.order is not None:
        subjects.append(f"order:{row.order.uid}")
    return NumberPage(
        number=number,
        row=row,
        differences=[Shown(one) for one in open_ones.select_related("account", "number__client")],
        earlier=_earlier(number) if number.e164 else [],
        stock=OwnStock.objects.filter(e164=number.e164).select_related("account").first(),
        activity=list(Activity.objects.filter(subject__in=subjects).order_by("-pk")[:NEWEST]),
        can_route=number.state == OwnedNumber.State.OWNED and home_of(number) is not None,
    )


def _earlier(number: OwnedNumber) -> list[OwnedNumber]:
    rows = OwnedNumber.objects.filter(e164=number.e164).exclude(pk=number.pk)
    return list(rows.select_related("client", "account").order_by("-pk")[:NEWEST])
