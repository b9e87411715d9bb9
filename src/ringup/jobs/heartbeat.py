"""The heartbeat: a thread that keeps the lease of a running job, also while its worker drains."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connections

from ringup.jobs.redacting import brief
from ringup.jobs.tickets import LeaseLost, Ticket

log = logging.getLogger(__name__)

# A renewal that hangs in a dead network must not keep an ended job from being reported.
_GOODBYE_SECONDS = 5.0


@contextmanager
def beating(ticket: Ticket) -> Iterator[None]:
    """Renew the ticket's lease, every third of it, until the block ends.

    The first renewal comes after a third of the lease, so short jobs cost no second connection.
    """
    stop = threading.Event()
    thread = threading.Thread(
        target=_beat, args=(ticket, stop), name=f"heartbeat-{ticket.job_id}", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_GOODBYE_SECONDS)


def _beat(ticket: Ticket, stop: threading.Event) -> None:
    regular = ticket.lease_seconds / 3
    pause = regular
    try:
        while not stop.wait(pause):
            pause = regular if _renewed(ticket) else min(1.0, regular / 4)
    except LeaseLost as lost:
        log.warning("%s", lost)
    finally:
        connections.close_all()  # of this thread


def _renewed(ticket: Ticket) -> bool:
    try:
        ticket.renew()
    except Error as error:
        # The database is away or busy. Nobody else can take the job there either.
        log.warning("job %s: lease not renewed: %s", ticket.job_id, brief(error))
        connections.close_all()
        return False
    return True
