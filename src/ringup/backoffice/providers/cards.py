"""One card for each carrier account: what it is, how it is, and what stands on it."""

from __future__ import annotations

from dataclasses import dataclass

from ringup.backoffice.inventory.passes import Comparison, comparisons
from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import adapters, held_back, is_held_back
from ringup.carriers.port import Carrier
from ringup.carriers.reporting import ConnectionReport
from ringup.flows import removing
from ringup.numbers.standing import Standing, standings


@dataclass(frozen=True, slots=True)
class Kind:
    """What pages say about an adapter: a template would call a class instead of reading it."""

    name: str
    label: str
    maturity: str
    is_held_back: bool

    @classmethod
    def of(cls, name: str, adapter: type[Carrier]) -> Kind:
        return cls(name, adapter.label, adapter.maturity, is_held_back(name))


def kinds() -> list[Kind]:
    """Every kind of account that can be added, by label."""
    waiting = held_back()
    return [
        Kind(name, adapter.label, adapter.maturity, name in waiting)
        for name, adapter in adapters().items()
    ]


@dataclass(frozen=True, slots=True)
class Card:
    """``kind`` is None where this installation no longer knows the account's."""

    account: CarrierAccount
    kind: Kind | None
    counts: dict[str, int]
    comparison: Comparison
    standing: Standing

    @property
    def report(self) -> ConnectionReport | None:
        return self.account.last_report

    @property
    def is_low(self) -> bool:
        """Whether the balance of the last test was below the threshold."""
        return is_low(self.account)


def is_low(account: CarrierAccount) -> bool:
    """Whether the balance of the account's last test was below its threshold."""
    report, least = account.last_report, account.low_balance
    balance = report.balance if report else None
    if balance is None or least is None or balance.currency != least.currency:
        return False
    return bool(balance < least)


def cards() -> list[Card]:
    """Every account: those in use first, then by name."""
    known, counts = {kind.name: kind for kind in kinds()}, removing.counts_by_account()
    accounts = list(CarrierAccount.objects.order_by("is_retired", "-is_enabled", "name"))
    stock = standings(accounts)
    return [
        Card(
            one.account,
            known.get(one.account.kind),
            counts.get(one.account.pk, {}),
            one,
            stock[one.account.pk],
        )
        for one in comparisons(accounts)
    ]
