"""Wake-ups: published after the commit, once a transaction, and heard."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from ringup.jobs import waking
from ringup.jobs.claiming import claim, park
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.parking import release_key

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("chores")]


class Recorder:
    """A carrier of wake-ups that keeps them, as one for a message broker would send them."""

    published: list[str] = []

    def publish(self, queue: str) -> None:
        self.published.append(queue)

    def wait(self, seconds: float) -> None:
        raise AssertionError("nobody waits in these tests")


@pytest.fixture
def published(settings: Any) -> Iterator[list[str]]:
    settings.RINGUP_WAKES = f"{__name__}.Recorder"
    waking.forget()
    Recorder.published.clear()
    yield Recorder.published
    del settings.RINGUP_WAKES
    waking.forget()


def test_a_transaction_wakes_each_queue_once_and_only_after_its_commit(
    published: list[str],
) -> None:
    with transaction.atomic():
        for queue in ("mail", "default", "mail", "mail"):
            enqueue("remember", queue=queue)
        assert published == []
    assert published == ["mail", "default"]
    enqueue("remember")
    assert published == ["mail", "default", "default"]


def test_what_is_rolled_back_wakes_nobody(published: list[str]) -> None:
    def change_mind() -> None:
        with transaction.atomic():
            enqueue("remember")
            raise LookupError

    with transaction.atomic():
        with pytest.raises(LookupError):
            change_mind()
        enqueue("remember", queue="mail")
    assert published == ["mail"]


def test_what_is_due_later_wakes_nobody(published: list[str]) -> None:
    enqueue("remember", delay_seconds=10)
    assert published == []


def test_a_released_job_wakes_every_queue(published: list[str]) -> None:
    enqueue("remember", key="k", delay_seconds=-1)
    found = claim()
    assert found is not None
    park(found.ticket, error="x")
    published.clear()
    assert release_key("k")
    assert published == [""]


def test_an_idle_worker_hears_of_new_work() -> None:
    carrier = waking.wakes()
    carrier.wait(60)  # from here on it listens

    def somebody_else() -> None:
        time.sleep(0.1)
        enqueue("remember")
        connection.close()

    other = threading.Thread(target=somebody_else)
    began = time.monotonic()
    other.start()
    carrier.wait(60)
    other.join()
    assert time.monotonic() - began < 30
