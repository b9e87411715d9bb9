"""What a carrier calls back about: whoever waits for it looks now. Nothing that it says is believed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from django.db.models import Q

from ringup.flows.papers.sending import wake
from ringup.jobs.tickets import Ticket
from ringup.provisioning.models import Run

log = logging.getLogger(__name__)
# One callback speaks about one thing, or about a few; more of them are no callback.
MOST = 20
# Where the carrier's id of a thing stands in our books, by the kind of thing.
COLUMNS = {"order": "order_key", "verification": "verification_key"}
OF_A_NUMBER = "carrier_key"


def heard(ticket: Ticket, *, account: int, hints: Sequence[Mapping[str, str]]) -> None:
    """Job: wake the runs that wait for what a callback names. Told twice, they look twice."""
    unknown = 0
    for hint in list(hints)[:MOST]:
        runs = list(_waiting_for(account, hint["kind"], hint["key"]))
        unknown += not runs
        with ticket.fenced():
            for run in runs:
                wake(run)
    if unknown:
        log.info("account %d called back about %d things that nobody waits for", account, unknown)


def _waiting_for(account: int, kind: str, key: str) -> Sequence[Run]:
    """The runs that wait for the thing of this kind, at this account: of a number, or of the PBX whose
    main number it is."""
    if not key:
        return []
    column = COLUMNS.get(kind, OF_A_NUMBER)
    if column == "verification_key":
        whose = Q(service__papers__verification_key=key, service__papers__account=account)
    else:
        whose = Q(**{f"service__number__{column}": key, "service__number__account": account}) | Q(
            **{
                f"service__parts__number__{column}": key,
                "service__parts__number__account": account,
            }
        )
    return list(Run.objects.filter(whose, state=Run.State.WAITING).distinct())
