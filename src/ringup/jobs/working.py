"""A worker process: it runs one job at a time until it is asked to stop."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from django.conf import settings
from django.db import Error, connection

from ringup.jobs import attending
from ringup.jobs.redacting import brief
from ringup.jobs.running import run_one
from ringup.jobs.scheduling import begin_due_slots
from ringup.jobs.waking import wakes

log = logging.getLogger(__name__)

_LONGEST_PAUSE_SECONDS = 5.0


class Worker:
    """The loop of one process: schedules, claim, run, wait.

    A database that is away or restarts ends nothing: the worker waits for it, and each job's lease
    decides who goes on with it.
    """

    def __init__(self, queues: Sequence[str] = ()) -> None:
        self._queues = tuple(queues)
        self._draining = False
        self._next_look = 0.0
        self._next_sign = 0.0
        self._no_take_over_before = 0.0
        self._pause = 0.0

    def drain(self) -> None:
        """Finish the job at hand and take no other. Safe in a signal handler, and repeatable."""
        self._draining = True

    def run(self) -> None:
        """Work until ``drain`` is called."""
        while not self._draining:
            try:
                self._round()
            except Error as error:
                self._wait_for_database(error)
            else:
                self._pause = 0.0
        try:
            attending.leave()
        except Error as error:  # its sign fades by itself
            log.warning("the database does not know that this worker ends: %s", brief(error))

    def _round(self) -> None:
        moment = time.monotonic()
        if moment >= self._next_sign:
            attending.attend(self._queues)
            self._next_sign = moment + attending.SIGN_SECONDS
        if moment >= self._next_look:
            begin_due_slots()
            self._next_look = moment + settings.RINGUP_JOB_LOOK_SECONDS
        ran = run_one(self._queues, take_over=moment >= self._no_take_over_before)
        if not ran and not self._draining:
            wakes().wait(settings.RINGUP_JOB_LOOK_SECONDS)

    def _wait_for_database(self, error: Error) -> None:
        self._pause = min(max(self._pause * 2, 0.1), _LONGEST_PAUSE_SECONDS)
        log.warning("database error, next look in %.1f s: %s", self._pause, brief(error))
        connection.close()
        time.sleep(self._pause)
        # After an outage every lease may have run out. Those who live renew theirs first.
        grace = float(settings.RINGUP_LEASE_SECONDS) / 2
        self._no_take_over_before = time.monotonic() + grace
