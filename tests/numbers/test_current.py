"""The index that a process has mapped: reopened when another is published, never half, never raising."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from ringup.carriers.port import NumberOffer, Stock
from ringup.core.money import Money
from ringup.numbers import current
from ringup.numbers.index import columns
from ringup.numbers.index.compiling import Area, compile_index
from ringup.numbers.packing import pack, unpack

pytestmark = pytest.mark.once


def write(path: Path, count: int) -> None:
    """An index of so many numbers, published as the product does it."""
    offers = [
        NumberOffer(
            f"+1416555{n:04}", "CA", "ON", "Toronto", Money.of("1.00", "USD"), Money.zero("USD")
        )
        for n in range(count)
    ]
    area = Area(1, 0, unpack(pack(Stock(offers))))
    columns.write(compile_index([area], fingerprint=str(count)), path)


def size() -> int | None:
    index = current.current()
    return None if index is None else index.columns.size


@pytest.fixture
def path(settings: Any, tmp_path: Path) -> Path:
    settings.RINGUP_INDEX_FILE = tmp_path / "numbers.index"
    return tmp_path / "numbers.index"


def test_no_file_is_no_index(path: Path) -> None:
    assert current.current() is None


def test_the_same_file_is_opened_once(path: Path) -> None:
    write(path, 3)
    first = current.current()
    assert first is not None
    assert current.current() is first


def test_a_new_file_is_seen_at_the_next_call_and_the_old_one_stays_readable(path: Path) -> None:
    write(path, 3)
    old = current.current()
    write(path, 5)
    assert size() == 5
    assert old is not None
    assert old.columns.e164(2) == "+14165550002"


def test_a_file_that_vanished_leaves_the_last_good_one(path: Path) -> None:
    write(path, 3)
    assert size() == 3
    path.unlink()
    assert size() == 3
    write(path, 4)
    assert size() == 4


@pytest.mark.parametrize("what", ["empty", "text", "cut", "header", "huge"])
def test_a_damaged_file_leaves_the_last_good_one(path: Path, tmp_path: Path, what: str) -> None:
    write(path, 300)
    assert size() == 300
    whole = path.read_bytes()
    damaged = {
        "empty": b"",
        "text": b"<html>502 Bad Gateway</html>",
        "cut": whole[: len(whole) // 2],
        "header": whole[:24] + b"[" + whole[25:],
        "huge": whole[:16] + b"\xff" * 8 + whole[24:],
    }[what]
    aside = tmp_path / "aside"
    aside.write_bytes(damaged)
    aside.replace(path)
    assert size() == 300
    write(path, 7)
    assert size() == 7


def test_a_damaged_first_file_is_no_index(path: Path) -> None:
    path.write_bytes(b"nothing")
    assert current.current() is None


def test_the_last_good_one_of_another_path_does_not_count(
    path: Path, settings: Any, tmp_path: Path
) -> None:
    write(path, 3)
    assert size() == 3
    settings.RINGUP_INDEX_FILE = tmp_path / "elsewhere.index"
    assert size() is None


def test_threads_read_whole_indexes_while_others_are_published(path: Path) -> None:
    write(path, 1)
    wrong: list[object] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                index = current.current()
                if index is None or str(index.columns.size) != index.columns.fingerprint:
                    wrong.append(index)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for count in range(2, 60):
            write(path, count)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not wrong
    assert size() == 59
    assert os.listdir(path.parent) == [path.name]


def test_nobody_who_has_an_index_waits_for_the_one_who_opens_the_next(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, 3)
    assert size() == 3
    write(path, 5)
    opening, go_on = threading.Event(), threading.Event()
    genuine = columns.read

    def slow(path: Path) -> columns.Columns:
        opening.set()
        assert go_on.wait(30)
        return genuine(path)

    monkeypatch.setattr(columns, "read", slow)
    opener = threading.Thread(target=current.current)
    opener.start()
    assert opening.wait(30)
    assert size() == 3
    go_on.set()
    opener.join()
    assert size() == 5
