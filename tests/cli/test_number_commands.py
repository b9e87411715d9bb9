"""What an operator types to have numbers fetched, and the index compiled."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from ringup.carriers.models import CarrierAccount
from ringup.cli.management.commands import sync_numbers
from ringup.core.models import Activity
from ringup.jobs import attending
from ringup.jobs.running import run_one
from ringup.numbers import publishing
from ringup.numbers.models import Sync
from tests.numbers.stock_world import AREAS, StockWorld, stock_world


@pytest.fixture
def world(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[StockWorld]:
    with stock_world(monkeypatch) as world:
        yield world


@contextmanager
def a_worker() -> Iterator[None]:
    stop = threading.Event()

    def work() -> None:
        attending.attend()
        while not stop.is_set():
            run_one() or stop.wait(0.02)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def said(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out, stderr=out)
    return out.getvalue()


def test_a_sync_is_asked_for_and_waits_for_a_worker(
    world: StockWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said("sync_numbers") == "Northern: asked for.\n"
    assert Sync.objects.get().by_label == "Command line"
    assert Activity.objects.get().what == "asked Northern for its numbers on sale"
    monkeypatch.setattr(sync_numbers, "_PATIENCE_SECONDS", 0.0)
    with pytest.raises(CommandError, match="No worker runs"):
        said("sync_numbers", "--wait")


def test_who_waits_is_told_the_progress_and_finds_the_index_new(world: StockWorld) -> None:
    with a_worker():
        text = said("sync_numbers", "--account", "Northern", "--wait")
    assert text.endswith(f"Northern: {len(world.on_sale())} numbers in {AREAS} areas.\n")
    assert not publishing.is_behind()
    assert said("compile_numbers") == "The index is as new as the stock.\n"
    settings.RINGUP_INDEX_FILE.unlink()
    assert said("compile_numbers").startswith(f"{len(world.on_sale())} numbers in ")


def test_one_area_is_fetched_and_its_failure_told(world: StockWorld) -> None:
    with a_worker():
        said("sync_numbers", "--area", "CA/ON", "--wait")
        assert world.asked == ["ON"]
        world.fault("cut", times=3)
        out = StringIO()
        with pytest.raises(CommandError, match="stays as it was"):
            call_command("sync_numbers", "--area=CA/ON", "--wait", stdout=out, stderr=out)
    assert "Northern: Ontario, Canada: VoIP.ms answered" in out.getvalue()


def test_nonsense_is_refused_before_anything_is_fetched(world: StockWorld) -> None:
    with pytest.raises(CommandError, match="Known: Northern"):
        said("sync_numbers", "--account", "Southern")
    world.begin()
    with pytest.raises(CommandError, match="just now"):
        said("sync_numbers", "--area", "CA/ON")
    CarrierAccount.objects.update(is_retired=True)
    with pytest.raises(CommandError, match="No provider is in use"):
        said("sync_numbers")
    with pytest.raises(CommandError, match="is not in use"):
        said("sync_numbers", "--account", "Northern")
    CarrierAccount.objects.update(is_retired=False)
    CarrierAccount.objects.create(name="Eastern", kind="voipms", url="http://127.0.0.1:1/")
    with pytest.raises(CommandError, match="Say which --account"):
        said("sync_numbers", "--area", "CA/ON")
