"""What is known about the numbers of a file before it is compared: the shelf, who has them, which
of them the carriers sell or hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.port import CarrierNumber
from ringup.core.failures import PortFailure
from ringup.core.sentences import Refusal
from ringup.numbers.models import OwnedNumber, OwnStock
from ringup.numbers.offered import offered

PORTION = 500
# Somebody waits for the page meanwhile.
READ_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a number, or ordered it, and whether it was taken from the shelf."""

    client: str
    is_own_stock: bool


@dataclass
class Known:
    """``inventories`` are by account, and there only when the carriers were asked."""

    shelf: dict[str, OwnStock] = field(default_factory=dict)
    holders: dict[str, Holder] = field(default_factory=dict)
    selling: dict[int, set[str]] = field(default_factory=dict)
    inventories: dict[int, dict[str, CarrierNumber]] = field(default_factory=dict)

    def is_sold_by(self, account: CarrierAccount, e164: str) -> bool:
        """Whether the carrier sells the number to anybody, by its last listing. What it says now
        about its own inventory counts more."""
        if e164 in self.inventories.get(account.pk, {}):
            return False
        return e164 in self.selling.get(account.pk, set())


def by_name(accounts: Iterable[CarrierAccount]) -> dict[str, CarrierAccount]:
    """Those that are not retired, by their folded names."""
    return {account.name.casefold(): account for account in accounts if not account.is_retired}


def known_about(e164s: Collection[str], accounts: Iterable[CarrierAccount]) -> Known:
    """What our own tables say: two queries for 500 numbers. ``accounts`` are all that there are."""
    known, every = Known(), list(e164s)
    by_pk = {account.pk: account for account in accounts}
    for begin in range(0, len(every), PORTION):
        some = every[begin : begin + PORTION]
        for row in OwnStock.objects.filter(e164__in=some):
            row.account = by_pk[row.account_id]
            known.shelf[row.e164] = row
        known.holders |= holders_of(some)
    return known


def holders_of(e164s: Sequence[str]) -> dict[str, Holder]:
    """Who has these numbers, or ordered them. One query."""
    living = OwnedNumber.objects.exclude(state=OwnedNumber.State.RELEASED).filter(e164__in=e164s)
    columns = living.values_list("e164", "client__name", "is_own_stock")
    return {e164: Holder(name, is_own) for e164, name, is_own in columns}


def ask_carriers(known: Known, accounts: Iterable[CarrierAccount]) -> None:
    """Put the accounts' whole inventories into ``known``. Refuses when a carrier does not tell."""
    for account in accounts:
        account.read_timeout_seconds = min(account.read_timeout_seconds, READ_TIMEOUT_SECONDS)
        try:
            with carrier_for(account) as carrier:
                held = carrier.inventory()
        except PortFailure as failure:
            raise Refusal(
                f"{account.name} does not tell which numbers it holds: {failure} Nothing was "
                "changed. Try again, or import without asking it."
            ) from failure
        known.inventories[account.pk] = {number.e164: number for number in held}


def look_at_stock(known: Known, e164s: dict[CarrierAccount, list[str]]) -> None:
    """Which of the numbers each account has on sale itself."""
    for account, some in e164s.items():
        known.selling[account.pk] = offered(account, some)
