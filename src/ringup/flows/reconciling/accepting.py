"""Saying that a difference is meant to be so, and taking that back."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows.reconciling.taking import SETTLED
from ringup.numbers.models import Discrepancy

LONGEST_NOTE = 300
# A page of them.
MOST = 50


def accept(rows: Iterable[Discrepancy], *, note: str, actor: Actor) -> int:
    """These are meant to be so: they are out of the way until they change. The carrier is not told.
    Returns how many were open."""
    keys = [row.pk for row in rows][:MOST]
    note, count = note.strip()[:LONGEST_NOTE], 0
    with transaction.atomic():
        waiting = Discrepancy.objects.select_for_update(of=("self",)).filter(
            pk__in=keys, solved=None, accepted=None
        )
        for row in waiting.select_related("account", "number").order_by("pk"):
            row.detail = {**row.detail, "note": note, "accepted_by": actor.label}
            row.accepted = timezone.now()
            row.save(update_fields=["detail", "accepted"])
            _record(row, f"accepted a difference of {row.e164}", actor, note=note)
            count += 1
    return count


def take_back(row: Discrepancy, *, actor: Actor) -> None:
    """It is not meant to be so after all."""
    with transaction.atomic():
        rows = Discrepancy.objects.filter(pk=row.pk, solved=None, accepted__isnull=False)
        if not rows.update(accepted=None):
            raise Refusal(SETTLED)
        _record(row, f"no longer accepts a difference of {row.e164}", actor)


def subject_of(row: Discrepancy) -> str:
    """About what the activity log says it: the number, or the account where nobody has it."""
    return f"number:{row.number.uid}" if row.number else f"carrier:{row.account.uid}"


def _record(row: Discrepancy, what: str, actor: Actor, **more: str) -> None:
    Activity.record(
        actor,
        subject_of(row),
        what,
        difference=row.get_kind_display(),
        provider=row.account.name,
        **{name: text for name, text in more.items() if text},
    )
