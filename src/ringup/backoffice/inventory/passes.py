"""How the comparisons with the carriers went: one line for each account."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet

from ringup.carriers.models import CarrierAccount
from ringup.flows.reconciling.passing import under_way
from ringup.numbers.models import Discrepancy, Sync


@dataclass(frozen=True, slots=True)
class Comparison:
    """One account: its last pass that ended, the last one that went well, and what is open."""

    account: CarrierAccount
    last: Sync | None
    good: Sync | None
    now: Sync | None
    is_waiting: bool
    open: int
    accepted: int

    @property
    def is_running(self) -> bool:
        return self.now is not None or self.is_waiting


def comparisons(accounts: list[CarrierAccount] | None = None) -> list[Comparison]:
    """Every account that is in use, by name; or those given. Five queries at most."""
    if accounts is None:
        accounts = list(CarrierAccount.objects.filter(is_enabled=True).order_by("name"))
    keys = [account.pk for account in accounts]
    passes = Sync.objects.filter(account__in=keys, kind=Sync.Kind.INVENTORY)
    ended = passes.filter(finished__isnull=False)
    last = _newest(ended)
    good = _newest(ended.filter(problem=""))
    now = {row.account_id: row for row in passes.filter(finished=None)}
    waiting = under_way(accounts)
    rows = Discrepancy.objects.filter(account__in=keys, solved=None).order_by()
    told = rows.values("account").annotate(
        waiting=Count("pk", filter=Q(accepted=None)),
        meant=Count("pk", filter=Q(accepted__isnull=False)),
    )
    counts = {each["account"]: each for each in told}
    return [
        Comparison(
            account=account,
            last=last.get(account.pk),
            good=good.get(account.pk),
            now=now.get(account.pk) if account.pk in waiting else None,
            is_waiting=account.pk in waiting,
            open=counts.get(account.pk, {}).get("waiting", 0),
            accepted=counts.get(account.pk, {}).get("meant", 0),
        )
        for account in accounts
    ]


def _newest(passes: QuerySet[Sync]) -> dict[int, Sync]:
    """The newest of each account, by its key."""
    newest = passes.order_by().values("account").annotate(newest=Max("pk")).values("newest")
    return {row.account_id: row for row in Sync.objects.filter(pk__in=newest)}
