"""From the stock to the index file: what is in it, when it is compiled anew, and who compiles."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer, PlaceOffer, StockArea
from ringup.carriers.port import Stock as Shelf
from ringup.core.actors import RINGUP
from ringup.core.money import Money
from ringup.numbers import current, own_stock, publishing, syncing
from ringup.numbers.index import columns
from ringup.numbers.models import OwnStock, Stock
from tests.own_process import environment
from tests.racing import at_once

ONTARIO, QUEBEC = StockArea("CA/ON", "Ontario", "CA"), StockArea("CA/QC", "Quebec", "CA")
NOW = timezone.now()
COST, ZERO = Money.of("0.85", "USD"), Money.zero("USD")
FIRST, SECOND, THIRD = "+14165550101", "+14165550102", "+14385550103"


def make_account(name: str = "Northern") -> CarrierAccount:
    account = CarrierAccount(name=name, kind="voipms", url="http://127.0.0.1:1/")
    account.set_secrets({})
    account.save()
    return account


@pytest.fixture
def account(transactional_db: None) -> CarrierAccount:
    return make_account()


def shelf(*e164s: str) -> Shelf:
    return Shelf([NumberOffer(e164, "CA", "ON", "Toronto", COST, ZERO) for e164 in e164s])


def store(account: CarrierAccount, *e164s: str, area: StockArea = ONTARIO, later: int = 0) -> None:
    assert syncing.store(account, area, shelf(*e164s), NOW + timedelta(seconds=later))


def own(account: CarrierAccount, e164: str) -> OwnStock:
    return own_stock.add(account, e164, country="CA", cost_monthly=COST, actor=RINGUP)


def published() -> list[tuple[int, str, bool]]:
    """What buyers see: account, number, and whether it is from our own shelf."""
    index = current.current()
    assert index is not None
    rows = []
    for row, number in enumerate(index.columns.group):
        group = index.columns.groups[number]
        rows.append((group.account, index.columns.e164(row), group.is_own))
    return sorted(rows)


def test_the_file_holds_the_stock_of_all_accounts_and_the_shelf(account: CarrierAccount) -> None:
    other = make_account("Eastern")
    store(account, FIRST, SECOND)
    store(other, FIRST)
    place = PlaceOffer("se-8", "SE", "", "Stockholm", COST, ZERO, quantity=4)
    assert syncing.store(other, QUEBEC, Shelf([], [place]), NOW + timedelta(seconds=1))
    own(account, THIRD)
    assert publishing.publish()
    assert published() == [
        (account.pk, FIRST, False),
        (account.pk, SECOND, False),
        (account.pk, THIRD, True),
        (other.pk, FIRST, False),
    ]
    index = current.current()
    assert index is not None
    (sold,) = index.columns.by_quantity
    assert (sold.account, sold.offer.key, sold.offer.quantity) == (other.pk, "se-8", 4)
    assert {group.fetched for group in index.columns.groups if not group.is_own} == {
        int(NOW.timestamp())
    }


def test_an_installation_without_stock_has_an_empty_index(transactional_db: None) -> None:
    assert publishing.is_behind()
    assert publishing.publish()
    assert published() == []
    assert not publishing.publish()


def test_a_number_of_the_shelf_that_the_carrier_lists_too_is_ours(account: CarrierAccount) -> None:
    store(account, FIRST)
    own(account, FIRST)
    publishing.publish()
    assert published() == [(account.pk, FIRST, True)]


CHANGES: dict[str, Callable[[CarrierAccount], object]] = {
    "an area more": lambda account: store(account, THIRD, area=QUEBEC, later=1),
    "an area anew": lambda account: store(account, SECOND, later=1),
    "an area anew with the same": lambda account: store(account, FIRST, later=1),
    "an area less": lambda account: Stock.objects.all().delete(),
    "disabled": lambda account: CarrierAccount.objects.update(is_enabled=False),
    "retired": lambda account: CarrierAccount.objects.update(is_retired=True),
    "another account": lambda account: store(make_account("Eastern"), FIRST, later=-3600),
    "a number put on the shelf": lambda account: own(account, THIRD),
    "one withdrawn": lambda account: own_stock.withdraw(
        OwnStock.objects.values_list("uid", flat=True), actor=RINGUP
    ),
    "one sold": lambda account: own_stock.moved([SECOND]),
    "one deleted": lambda account: OwnStock.objects.all().delete(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_is_noticed_and_published_once(account: CarrierAccount, change: str) -> None:
    store(account, FIRST)
    own(account, SECOND)
    assert publishing.publish()
    assert not publishing.is_behind()
    before = settings.RINGUP_INDEX_FILE.stat().st_ino
    assert not publishing.publish()
    assert settings.RINGUP_INDEX_FILE.stat().st_ino == before
    CHANGES[change](account)
    assert publishing.is_behind()
    assert publishing.publish()
    assert not publishing.is_behind()


def test_an_area_written_late_with_an_early_date_is_noticed(account: CarrierAccount) -> None:
    """Two accounts at once: the slower one's answer is older than the newest of all."""
    other = make_account("Eastern")
    store(account, FIRST, later=60)
    store(other, FIRST, later=0)
    publishing.publish()
    store(other, SECOND, later=30)
    assert publishing.is_behind()


def test_a_number_of_the_shelf_that_moved_late_is_noticed(account: CarrierAccount) -> None:
    """A transaction that began first and ended last leaves a date that is not the newest."""
    first, second = own(account, FIRST), own(account, SECOND)
    OwnStock.objects.filter(pk=first.pk).update(changed=NOW - timedelta(hours=1))
    OwnStock.objects.filter(pk=second.pk).update(changed=NOW)
    publishing.publish()
    OwnStock.objects.filter(pk=first.pk).update(changed=NOW - timedelta(seconds=2))
    assert publishing.is_behind()


def test_the_fingerprint_costs_four_small_queries_whatever_there_is(
    account: CarrierAccount, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        store(account, FIRST, area=StockArea(f"CA/{number}", "", "CA"), later=number)
    own(account, SECOND)
    with django_assert_num_queries(4) as queries:
        publishing.fingerprint()
    assert not any("content" in query["sql"] for query in queries.captured_queries)


def test_what_is_out_of_use_is_not_published(account: CarrierAccount) -> None:
    for number, column in enumerate(({"is_enabled": False}, {"is_retired": True})):
        other = make_account(f"Other {number}")
        store(other, SECOND)
        own(other, f"+1438555000{number}")
        CarrierAccount.objects.filter(pk=other.pk).update(**column)
    store(account, FIRST)
    publishing.publish()
    assert published() == [(account.pk, FIRST, False)]


def test_an_area_that_cannot_be_read_hinders_no_other(account: CarrierAccount) -> None:
    store(account, FIRST)
    store(account, THIRD, area=QUEBEC, later=1)
    own(account, SECOND)
    for nonsense in (b"\x00later version", b"\x01not deflated"):
        Stock.objects.filter(area="CA/ON").update(content=nonsense)
        OwnStock.objects.update(number_type="pigeon")
        settings.RINGUP_INDEX_FILE.unlink(missing_ok=True)
        assert publishing.publish()
        assert published() == [(account.pk, THIRD, False)]


def test_a_file_that_was_deleted_or_damaged_is_compiled_again(account: CarrierAccount) -> None:
    store(account, FIRST)
    publishing.publish()
    path: Path = settings.RINGUP_INDEX_FILE
    path.unlink()
    assert publishing.publish()
    whole = path.read_bytes()
    for damaged in (whole[:100], whole[:-1], b"", b"nonsense", whole[:-2000] + b"\xff" * 2000):
        path.write_bytes(damaged)
        assert publishing.is_behind()
        assert publishing.publish()
    assert published() == [(account.pk, FIRST, False)]


def test_who_follows_survives_a_file_that_is_cut_while_he_looks(
    account: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mapped file would kill him, and all that he keeps alive with him."""
    store(account, FIRST)
    assert publishing.publish()
    genuine = columns._is_sound

    def cutting(found: columns.Columns) -> bool:
        os.truncate(publishing.index_file(), 0)
        return genuine(found)

    monkeypatch.setattr(columns, "_is_sound", cutting)
    os.utime(publishing.index_file(), ns=(0, 0))
    assert publishing.published() == publishing.fingerprint()
    monkeypatch.undo()
    assert publishing.is_behind()


def test_what_a_killed_compiler_left_is_tidied_up(account: CarrierAccount) -> None:
    path: Path = settings.RINGUP_INDEX_FILE
    left = path.with_name(f"{path.name}.half-written")
    left.write_bytes(b"half")
    publishing.publish()
    assert not left.exists()


def test_several_who_publish_at_once_compile_once(
    account: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(account, FIRST)
    written = []
    genuine = columns.write

    def write(made: columns.Columns, path: Path) -> None:
        written.append(path)
        genuine(made, path)

    monkeypatch.setattr(columns, "write", write)
    assert sorted(at_once(*[publishing.publish] * 4)) == [False, False, False, True]
    assert len(written) == 1


def test_two_processes_of_a_host_and_another_host_publish_at_once(
    account: CarrierAccount, tmp_path: Path
) -> None:
    for number in range(20):
        store(account, FIRST, area=StockArea(f"CA/{number}", "", "CA"), later=number)
    processes = [compiler(tmp_path / "one.index") for _ in range(2)]
    publishing.publish()
    said = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    files = (tmp_path / "one.index", settings.RINGUP_INDEX_FILE)
    wanted = publishing.fingerprint()
    assert [columns.fingerprint_at(path) for path in files] == [wanted] * 2
    assert sum("1 number in " in out for out, _ in said) == 1, said
    assert sum("The index is as new as the stock." in out for out, _ in said) == 1, said


def compiler(path: Path) -> subprocess.Popen[str]:
    """``ringup compile_numbers`` on the database of this test."""
    return subprocess.Popen(
        [sys.executable, "-m", "ringup", "compile_numbers"],
        env=environment() | {"RINGUP_INDEX_PATH": str(path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_readers_go_on_while_others_publish(account: CarrierAccount) -> None:
    store(account, FIRST)
    publishing.publish()
    stop, wrong = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            try:
                rows = published()
            except Exception as error:
                wrong.append(error)
                return
            if not rows or rows[0] != (account.pk, FIRST, False):
                wrong.append(rows)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for number in range(1, 15):
            area = StockArea(f"CA/{number}", "", "CA")
            store(account, f"+1438555{number:04}", area=area, later=number)
            assert publishing.publish()
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert not wrong
    assert len(published()) == 15
