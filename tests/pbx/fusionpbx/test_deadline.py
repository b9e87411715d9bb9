"""A connection that is silent for too long is cut, and no other."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest

from ringup.pbx.fusionpbx.deadline import Deadline
from ringup.sandbox.postgres import PostgresServer

pytestmark = pytest.mark.once
SECONDS = 0.1


def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "pbx-deadline"]


@pytest.mark.parametrize("pause", [0.0, 3 * SECONDS])
def test_silence_is_cut_at_once_or_after_a_pause(
    pbx_postgres: PostgresServer, pause: float
) -> None:
    deadline, began = Deadline(SECONDS), time.monotonic()
    for _ in range(2):  # it can be used again after it was closed
        with psycopg.connect(pbx_postgres.dsn("postgres"), autocommit=True) as link:
            for _ in range(3):
                with deadline.of(link):
                    pass
            time.sleep(pause)
            link.execute("SELECT 1")  # whoever waits for nothing is not cut
            with pytest.raises(psycopg.OperationalError), deadline.of(link):
                link.execute("SELECT pg_sleep(30)")
            assert link.closed
        assert len(watchers()) == 1
        deadline.close()
        assert watchers() == []
    assert time.monotonic() - began < 20


def test_many_that_are_in_time_may_take_longer_together(pbx_postgres: PostgresServer) -> None:
    deadline, began = Deadline(1.0), time.monotonic()
    with psycopg.connect(pbx_postgres.dsn("postgres"), autocommit=True) as link:
        while time.monotonic() - began < 1.3:
            with deadline.of(link):
                link.execute("SELECT pg_sleep(0.05)")
        assert link.execute("SELECT 1").fetchone() is not None
        deadline.close()
