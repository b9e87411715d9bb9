"""The account's own numbers: whose they are, and whether they work.

Our reference is what the order carries (``external_reference_id``). A reference in the description of
the number itself counts more: that is how a number is adopted that was bought without us.

A number that is given back stays in DIDWW's list until its time is over. Ours carries a mark then and
counts as gone; one that somebody else has ended is shown as terminated.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.groups import Groups
from ringup.carriers.didww.ours import REFERENCE
from ringup.carriers.didww.paging import every
from ringup.carriers.didww.reading import Resource
from ringup.carriers.port import POOL_KEY, CarrierNumber, Standing
from ringup.core.failures import NotOurs, OutcomeUnknown

KIND = "dids"
INCLUDE = "order,did_group,voice_in_trunk,voice_in_trunk_group,capacity_pool"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
GIVEN_BACK = "(given back)"
PENDING, COMPLETED, CANCELED = "pending", "completed", "canceled"
# So long after an order a number that is not listed may still come, and a canceled one counts.
LISTED_WITHIN = timedelta(hours=1)


class Inventory:
    """What the account holds. Every look asks now."""

    def __init__(self, client: DidwwClient, groups: Groups) -> None:
        self._client = client
        self._groups = groups

    def all(self) -> list[CarrierNumber]:
        rows = every(self._client, KIND, {"include": INCLUDE}, strict=True)
        demos: dict[str, bool] = {}
        return [self.number_of(row, demos) for row in rows if not is_given_back(row)]

    def find(self, e164: str) -> CarrierNumber | None:
        row = self.row(e164)
        return None if row is None else self.number_of(row)

    def row(self, e164: str) -> Resource | None:
        """DIDWW's row of the number; None when the account does not hold it. Of two, one of which has
        ended, the living one."""
        digits = e164.removeprefix("+")
        if not digits:
            return None
        rows = [row for row in self._rows({"number": digits}) if row.text("number") == digits]
        return next(iter(sorted(rows, key=lambda row: row.flag("terminated"))), None)

    def of_reference(self, reference: uuid.UUID) -> Resource | None:
        """The row that was bought under the reference, whatever its digits are; None when there is
        none. ``OutcomeUnknown`` while its order is not carried out, or its number not listed yet."""
        orders, unlisted = self._orders(reference), []
        for order in orders:
            if order.text("status") != COMPLETED:
                continue
            listed = self._listed({"order.id": order.id})
            for row in listed:
                if reference_of(row) == str(reference) and not is_given_back(row):
                    return row
            if not listed:
                unlisted.append(order)
        for order in orders:
            if order.text("status") == PENDING:
                raise OutcomeUnknown(
                    f"DIDWW has the order {order.text('reference')} and has not carried it out yet."
                )
        for order in unlisted:
            if _is_fresh(order):
                raise OutcomeUnknown(
                    f"DIDWW has carried out the order {order.text('reference')} and does not list "
                    "its number yet."
                )
        return None

    def paid_order(self, reference: uuid.UUID) -> str:
        """The carrier's name of an order under the reference that was carried out, and of which no
        number is listed, not even one that has ended; empty when there is none."""
        for order in self._orders(reference):
            if order.text("status") == COMPLETED and not self._listed({"order.id": order.id}):
                return order.text("reference") or order.id
        return ""

    def canceled_lately(self, reference: uuid.UUID) -> int:
        """How many orders under the reference DIDWW has taken and canceled within the hour."""
        orders = self._orders(reference)
        return sum(one.text("status") == CANCELED and _is_fresh(one) for one in orders)

    def _orders(self, reference: uuid.UUID) -> list[Resource]:
        query = {f"filter[{REFERENCE}]": str(reference)}
        found = every(self._client, "orders", query)
        return [row for row in found if row.text(REFERENCE).lower() == str(reference)]

    def ours(self, e164: str, reference: uuid.UUID) -> Resource | None:
        """The row under our reference; None when it is gone, ``NotOurs`` under any other. Without
        digits, and where the digits have changed since, the reference alone names it."""
        row = self.row(e164) if e164 else None
        is_other = row is not None and reference_of(row) != str(reference)
        if row is None or (is_other and standing_of(row) is Standing.TERMINATED):
            return self.of_reference(reference)
        if is_other:
            raise NotOurs(
                f"{e164} is in the DIDWW inventory under {reference_of(row)!r} and not under our "
                f"reference {reference}. Find out whose it is before you go on."
            )
        return row

    def number_of(self, row: Resource, demos: dict[str, bool] | None = None) -> CarrierNumber:
        """A row of the inventory in our words. ``demos`` remembers which groups show such numbers."""
        standing = standing_of(row)
        digits = row.text("number")
        # Ended before it was registered, it has been for show all the time.
        if row.flag("awaiting_registration") and self._shows_demo(row, demos):
            digits = ""
        order = row.one("order")
        return CarrierNumber(
            e164=f"+{digits}" if digits else "",
            reference=reference_of(row),
            target=target_of(row),
            standing=standing,
            key=row.id,
            order_key=order.id if order else "",
            pool=next((f"{POOL_KEY}{key}" for _, key in row.keys("capacity_pool")), ""),
        )

    def _shows_demo(self, row: Resource, demos: dict[str, bool] | None) -> bool:
        known = {} if demos is None else demos
        for _, key in row.keys("did_group"):
            if key not in known:
                group = self._groups.find(key)
                known[key] = group is not None and group.shows_demo
            return known[key]
        return False

    def _rows(self, filters: Mapping[str, str]) -> list[Resource]:
        return [row for row in self._listed(filters) if not is_given_back(row)]

    def _listed(self, filters: Mapping[str, str]) -> list[Resource]:
        query = {f"filter[{name}]": value for name, value in filters.items()}
        return every(self._client, KIND, query | {"include": INCLUDE}, strict=True)


def _is_fresh(order: Resource) -> bool:
    made = order.moment("created_at")
    return made is not None and datetime.now(UTC) - made < LISTED_WITHIN


def standing_of(row: Resource) -> Standing:
    """There is no one status: three flags, and ``blocked`` is set while a registration is awaited."""
    if row.flag("terminated"):
        return Standing.TERMINATED
    if row.flag("awaiting_registration"):
        return Standing.AWAITING_REGISTRATION
    return Standing.BLOCKED if row.flag("blocked") else Standing.ACTIVE


def reference_of(row: Resource) -> str:
    """What stands in the description as our reference; else the order's; else the words."""
    words = row.text("description")
    if found := UUID.search(words):
        return found[0].lower()
    order = row.one("order")
    return (order.text(REFERENCE).lower() if order else "") or words


def target_of(row: Resource) -> str:
    for name in ("voice_in_trunk", "voice_in_trunk_group"):
        for _, key in row.keys(name):
            return f"{name}:{key}"
    return ""


def is_given_back(row: Resource) -> bool:
    """Whether we have ended it ourselves."""
    return row.flag("terminated") and row.text("description").endswith(GIVEN_BACK)
