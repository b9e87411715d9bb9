"""Staff's look into the search index: all that any provider has on sale, whether clients see it or
not. Asks no carrier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from ringup.accounts.brands import default_brand
from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer
from ringup.catalog.number_prices import Working, work_out_offer
from ringup.numbers import holding
from ringup.numbers.current import current
from ringup.numbers.index.facets import Facets
from ringup.numbers.index.query import Query
from ringup.numbers.index.searching import Index, Shelf

NOT_MADE = (
    "The index of this host has not been made yet. Fetch the stock of a provider: it is made from "
    "that."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One number in the index. ``working`` has the client's price, or why there is none; ``is_taken``
    says that a buyer holds it, or that it was sold since."""

    offer: NumberOffer
    account: CarrierAccount
    working: Working
    fetched: datetime
    is_own: bool
    is_taken: bool


@dataclass(slots=True)
class Result:
    """``total`` is exact while ``is_exact``; ``after`` leads to the next page, empty on the last."""

    rows: list[Row] = field(default_factory=list)
    facets: Facets | None = None
    total: int = 0
    is_exact: bool = True
    after: str = ""
    problem: str = ""


def search(query: Query, accounts: Sequence[CarrierAccount]) -> Result:
    """What these accounts have, at their cost and the brand's price."""
    index = current()
    if index is None:
        return Result(problem=NOT_MADE)
    known = {account.pk: account for account in accounts}
    page = index.search(query, _at_cost(index, list(known)))
    taken = holding.held_by_others([row.e164 for row in page.rows], holder=None)
    pricer = _Pricer(default_brand().currency)
    return Result(
        rows=[
            Row(
                offer=(offer := row.group.kind.offer(row.e164)),
                account=known[row.group.account],
                working=pricer.price(known[row.group.account], offer),
                fetched=datetime.fromtimestamp(row.group.fetched, UTC),
                is_own=row.group.is_own,
                is_taken=row.e164 in taken,
            )
            for row in page.rows
        ],
        facets=page.facets,
        total=page.total,
        is_exact=page.is_exact,
        after=str(page.after) if page.after else "",
    )


def _at_cost(index: Index, accounts: list[int]) -> Shelf:
    """Everything of these accounts is on the shelf, at what it costs us in its own currency."""
    groups, places = index.columns.groups, index.columns.by_quantity
    is_theirs = np.isin(groups.account, accounts)
    kinds = [place.offer.kind if place.account in accounts else None for place in places]
    return Shelf(
        monthly=np.where(is_theirs, groups.monthly, -1).astype(np.int64),
        setup=np.where(is_theirs, groups.setup, -1).astype(np.int64),
        quantity_monthly=np.array([kind.monthly if kind else -1 for kind in kinds], np.int64),
        quantity_setup=np.array([kind.setup if kind else -1 for kind in kinds], np.int64),
    )


@dataclass
class _Pricer:
    """A price is worked out once for all numbers of a page that are alike."""

    currency: str
    _known: dict[Any, Working] = field(default_factory=dict)

    def price(self, account: CarrierAccount, offer: NumberOffer) -> Working:
        key = (
            account.pk,
            offer.country,
            offer.region,
            offer.number_type,
            offer.monthly,
            offer.setup,
        )
        if key not in self._known:
            self._known[key] = work_out_offer(account, offer, self.currency)
        return self._known[key]
