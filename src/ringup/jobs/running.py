"""Running one job: claim it, call its function, and write down how it ended."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from ringup.jobs.claiming import Claim, claim, complete, park, put_back
from ringup.jobs.enqueuing import function_of
from ringup.jobs.heartbeat import beating
from ringup.jobs.redacting import brief, whereabouts
from ringup.jobs.scheduling import forget_parked_before
from ringup.jobs.tickets import LeaseLost, Ticket

log = logging.getLogger(__name__)

MOST_TRIES = 10
MOST_DEATHS = 5
_FIRST_RETRY_SECONDS = 2.0
_LAST_RETRY_SECONDS = 15 * 60.0


def run_one(queues: Sequence[str] = (), *, take_over: bool = True) -> bool:
    """Claim the next due job and run it here, to its end. False when none is due.

    Failures of the job are written into its row, not raised. Database errors around it are raised.
    """
    claimed = claim(queues, take_over=take_over)
    if claimed is None:
        return False
    if claimed.deaths >= MOST_DEATHS:
        _give_up(claimed.ticket, f"Its worker died {claimed.deaths} times while running it.")
    else:
        _run(claimed)
    return True


def retry_delay(error: BaseException, attempt: int) -> float:
    """Seconds until the next try: as the error asks by ``retry_seconds``, else doubling."""
    asked = getattr(error, "retry_seconds", None)
    if asked is not None:
        return max(0.0, float(asked))
    return float(min(_FIRST_RETRY_SECONDS * 2 ** min(attempt - 1, 30), _LAST_RETRY_SECONDS))


def _run(claimed: Claim) -> None:
    ticket = claimed.ticket
    began = time.monotonic()
    with beating(ticket):
        failure = _call(claimed)
    # The heartbeat has stopped: it must not mistake the row's end for a lost lease.
    if isinstance(failure, LeaseLost):
        ours = False
    elif failure is None:
        ours = _settle(ticket, lambda: complete(ticket))
    else:
        ours = _fail(claimed, failure)
    word = "lost" if not ours else "failed" if failure else "done"
    log.info(
        "job %d %s %s: attempt %d, waited %.4f s, ran %.4f s",
        *(ticket.job_id, ticket.name, word, ticket.attempt),
        *(claimed.waited_seconds, time.monotonic() - began),
    )


def _call(claimed: Claim) -> BaseException | None:
    try:
        function_of(claimed.ticket.name)(claimed.ticket, **json.loads(claimed.arguments))
    except (Exception, SystemExit) as error:
        return error
    return None


def _fail(claimed: Claim, failure: BaseException) -> bool:
    ticket, error = claimed.ticket, brief(failure)
    log.warning("job %d %s: %s\n%s", ticket.job_id, ticket.name, error, whereabouts(failure))
    most_tries = getattr(settings, "RINGUP_JOB_TRIES", MOST_TRIES)
    if ticket.attempt < most_tries:
        delay = retry_delay(failure, ticket.attempt)
        return _settle(ticket, lambda: put_back(ticket, error=error, delay_seconds=delay))
    return _settle(ticket, lambda: _give_up(ticket, error))


def _give_up(ticket: Ticket, error: str) -> bool:
    log.error("job %d %s waits for a person: %s", ticket.job_id, ticket.name, error)
    parked = park(ticket, error=error)
    forget_parked_before(ticket.key)
    return parked


def _settle(ticket: Ticket, end: Callable[[], bool]) -> bool:
    """Write how a job ended, however long the database stays away.

    Other workers wait half a lease after an outage before they take over, so trying more often
    than that keeps a finished job from being run again.
    """
    pause = ticket.lease_seconds / 50
    while True:
        try:
            return end()
        except (OperationalError, InterfaceError) as error:
            log.warning("job %d: its end is not written yet: %s", ticket.job_id, brief(error))
            connection.close()
            time.sleep(pause)
            pause = min(pause * 2, ticket.lease_seconds / 6)
