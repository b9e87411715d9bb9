"""The numbers that we own: compared with each carrier not long ago, and nothing differs."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Max
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.core.sentences import counted
from ringup.flows.health.findings import (
    Check,
    Group,
    Verdict,
    broken,
    doubtful,
    fine,
    listed,
)
from ringup.numbers.models import Discrepancy, OwnedNumber, Sync

# A pass a day, and time to try again.
OVERDUE = timedelta(hours=36)
REMEDY = "See Differences in the back office, and settle each."
Kind = Discrepancy.Kind


def differences() -> Verdict:
    """What differs and nobody has said that it is meant so."""
    rows = Discrepancy.objects.filter(solved=None, accepted=None).order_by()
    counts = dict(rows.values_list("kind").annotate(Count("pk")))
    if not counts:
        return fine("What the providers bill and what we own agree, as far as it was compared.")
    words = {
        Kind.MISSING: ("sold number is gone", "sold numbers are gone"),
        Kind.ORPHAN: (
            "number is billed and used by nobody",
            "numbers are billed and used by nobody",
        ),
        Kind.FOREIGN: ("number carries another reference", "numbers carry another reference"),
        Kind.PRICE: ("number costs something else", "numbers cost something else"),
    }
    told = ", ".join(
        counted(counts[kind], one, many) for kind, (one, many) in words.items() if kind in counts
    )
    # A client who pays for a number that is gone cannot be called.
    return (broken if Kind.MISSING in counts else doubtful)(f"{told}.", REMEDY)


def comparisons() -> Verdict:
    """Each account that has numbers was compared, and the last time it went well."""
    accounts = list(CarrierAccount.objects.filter(is_enabled=True).order_by("name"))
    passes = Sync.objects.filter(kind=Sync.Kind.INVENTORY, finished__isnull=False).order_by()
    newest = passes.values("account").annotate(newest=Max("pk")).values("newest")
    last = {row.account_id: row for row in passes.filter(pk__in=newest)}
    if failed := [row for row in accounts if row.pk in last and last[row.pk].problem]:
        return doubtful(
            f"Comparing our numbers with {listed(row.name for row in failed)} failed: "
            f"{last[failed[0].pk].problem}",
            "Nothing was changed by it. See Differences, mend it, and compare again.",
        )
    since = timezone.now() - OVERDUE
    owning = set(
        OwnedNumber.objects.filter(state=OwnedNumber.State.OWNED, bought__lt=since)
        .order_by()
        .values_list("account", flat=True)
        .distinct()
    )
    late = [row.name for row in accounts if row.pk in owning and _is_old(last.get(row.pk), since)]
    if late:
        return doubtful(
            f"Our numbers at {listed(late)} were not compared for more than a day.",
            "A worker does it once a day: see Work in the background. Or compare under Differences.",
        )
    return fine("Every provider that is in use was compared.")


def _is_old(last: Sync | None, since: datetime) -> bool:
    return last is None or last.started < since


def checks() -> list[Check]:
    return [
        Check(Group.PROVIDERS, "Numbers that we own", differences),
        Check(Group.PROVIDERS, "Comparison with the providers", comparisons),
    ]
