"""Checkups: a look at everything, kept for the Health page. By a person at once, by a schedule too.

A person's checkup runs in a thread of the web process: whether a worker lives is among its questions.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from ringup.flows.health.findings import Finding, State
from ringup.flows.health.looking import OUTSIDE_SECONDS, examine
from ringup.flows.models import Checkup
from ringup.jobs.redacting import brief, whereabouts
from ringup.jobs.tickets import Ticket

log = logging.getLogger(__name__)

KEPT = 20
BY_SCHEDULE = "schedule"
# A checkup that lasts longer died with its process.
LONGEST = timedelta(seconds=3 * OUTSIDE_SECONDS)
_WRITE_SECONDS = 0.4


def latest() -> Checkup | None:
    """The last one that ended."""
    return Checkup.objects.filter(under_way=None).order_by("pk").last()


def current() -> Checkup | None:
    """The one that goes on now."""
    _end_dead()
    return Checkup.objects.filter(under_way=True).first()


def findings_of(row: Checkup | None) -> list[Finding]:
    return [Finding.from_data(data) for data in row.findings] if row else []


def counts(findings: list[Finding]) -> dict[State, int]:
    """How many of each state."""
    found = Counter(finding.state for finding in findings)
    return {state: found[state] for state in State}


def begin(*, by: str) -> Checkup:
    """Start one in the background and return its row; the one that goes on already, if any."""
    _end_dead()
    try:
        with transaction.atomic():
            row = Checkup.objects.create(by_label=by[:150])
    except IntegrityError:
        return current() or begin(by=by)
    thread = threading.Thread(target=_carry_out, args=(row.pk,), name="checkup", daemon=True)
    transaction.on_commit(thread.start)
    return row


def check(ticket: Ticket) -> None:
    """Job of a schedule. Run twice, it looks twice; the newest counts."""
    ticket.check()
    findings = examine()
    now = timezone.now()
    with ticket.fenced():
        Checkup.objects.create(
            under_way=None,
            finished=now,
            by_label=BY_SCHEDULE,
            expected=len(findings),
            findings=[finding.as_data() for finding in findings],
        )
        _forget_old()


def _carry_out(pk: int) -> None:
    """In a thread: look, and write down what is found as it comes, for those who watch."""
    so_far: list[Finding] = []
    written = time.monotonic()

    def note(finding: Finding, expected: int) -> None:
        nonlocal written
        so_far.append(finding)
        if time.monotonic() - written > _WRITE_SECONDS:
            written = time.monotonic()
            _write(pk, so_far, expected=expected)

    try:
        findings = examine(note)
        _write(pk, findings, expected=len(findings), under_way=None, finished=timezone.now())
        _forget_old()
    except Exception as error:
        log.error("checkup: %s\n%s", brief(error), whereabouts(error))
        Checkup.objects.filter(pk=pk).delete()
    finally:
        connection.close()


def _write(pk: int, findings: list[Finding], **columns: object) -> None:
    rows = Checkup.objects.filter(pk=pk, under_way=True)
    rows.update(findings=[finding.as_data() for finding in findings], **columns)


def _end_dead() -> None:
    Checkup.objects.filter(under_way=True, started__lt=timezone.now() - LONGEST).delete()


def _forget_old() -> None:
    kept = Checkup.objects.order_by("-pk").values_list("pk", flat=True)[:KEPT]
    Checkup.objects.exclude(pk__in=list(kept)).exclude(under_way=True).delete()
