"""The file of an index: what was written is read, and what is damaged is refused."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ringup.numbers.index import columns
from ringup.numbers.index.columns import BadIndex, Columns
from ringup.numbers.index.compiling import Area, compile_index
from ringup.numbers.index.query import Query
from ringup.numbers.index.searching import Index
from ringup.numbers.packing import Kind, Packed, Quantity
from tests.numbers.market import Ask, Market, counts, make_market

pytestmark = pytest.mark.once

BERLIN = Kind("DE", "BE", "Berlin", "Berlin", "geographic", ("voice",), True, 1, 0, "EUR")
QUANTITIES = Packed([], [Quantity("b1", "30", 12, BERLIN), Quantity("b2", "", -1, BERLIN)])


@pytest.fixture(scope="module")
def market() -> Market:
    return make_market(400, seed=5)


@pytest.fixture
def path(tmp_path: Path, market: Market) -> Path:
    path = tmp_path / "deeper" / "numbers.index"
    columns.write(market.index.columns, path)
    return path


def test_what_was_written_is_read(path: Path, market: Market) -> None:
    found = columns.read(path)
    assert (found.fingerprint, found.size) == ("a market", len(market.numbers))
    assert list(found.groups) == list(market.index.columns.groups)
    assert found.groups[1:3] == [found.groups[1], found.groups[2]]
    again, wanted = Index(found), market.index
    for text in ("", "21", "*1*2*"):
        query = Ask(text).query(size=50)
        page, other = again.search(query, market.shelf), wanted.search(query, market.shelf)
        assert (page.rows, page.after) == (other.rows, other.after)
        assert counts(page.facets) == counts(other.facets)


def test_places_by_quantity_are_read_again(path: Path) -> None:
    columns.write(compile_index([Area(1, 5, QUANTITIES)], fingerprint="two"), path)
    found = columns.read(path)
    assert [row.offer for row in found.by_quantity] == QUANTITIES.places
    assert {(row.account, row.calling_code, row.fetched) for row in found.by_quantity} == {
        (1, "49", 5)
    }
    assert columns.fingerprint_at(path) == "two"


def test_who_has_the_old_file_open_goes_on_reading_it(path: Path, market: Market) -> None:
    old = columns.read(path)
    columns.write(compile_index([], fingerprint="empty"), path)
    assert columns.read(path).size == 0
    assert old.digits.tolist() == market.index.columns.digits.tolist()
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_file_that_cannot_be_written_leaves_the_old_one(path: Path, market: Market) -> None:
    no_numbers: Any = np.array([None, "?"], object)
    with pytest.raises(OSError, match="object arrays"):
        columns.write(replace(market.index.columns, orders={1: no_numbers}), path)
    assert columns.fingerprint_at(path) == "a market"
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_no_file_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        columns.read(tmp_path / "nothing")
    assert columns.fingerprint_at(tmp_path / "nothing") == ""


def refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(BadIndex):
        columns.read(path)


def test_a_file_that_was_cut_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    sizes = [*range(0, 80), *range(80, len(whole), 997), len(whole) - 1]
    for size in sizes:
        refused(path, whole[:size])
        assert columns.fingerprint_at(path) == ""
    refused(path, whole + b"\0")


@pytest.mark.parametrize(
    "content",
    [
        b"\0" * 5000,
        b"<html>502 Bad Gateway</html>",
        b"RINGUP-NUMBERS-1" + b"\0" * 500,
        b"RINGUP-NUMBERS-2" + b"\xff" * 500,
        b"RINGUP-NUMBERS-2" + b"\0" * 500,
    ],
)
def test_garbage_is_refused(path: Path, content: bytes) -> None:
    refused(path, content)


def test_a_damaged_header_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    header = whole.index(b'"arrays"')
    for place in range(16, header, 61):
        refused(path, whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])


# -- what a program wrote that was not ours ----------------------------------------------------------


def headers(whole: bytes) -> Iterator[Any]:
    """Headers with one thing wrong."""
    header = json.loads(whole[columns._START.size :].split(b"\0", 1)[0])
    for name in header:
        yield {key: value for key, value in header.items() if key != name}
    for value in (None, [], "x", 7):
        for name in header:
            if name != "fingerprint" and (name, value) != ("by_quantity", []):
                yield header | {name: value}
    for name, (offset, count) in header["arrays"].items():
        more = [offset, count + (10**6 if name.startswith("order") else 1)]
        for wrong in (more, [offset, -1], [offset, -2], [offset, 2**70], [offset], "xy", None):
            yield header | {"arrays": header["arrays"] | {name: wrong}}
        for wrong in ([-8, count], [2**40, count], [2**70, count]):
            yield header | {"arrays": header["arrays"] | {name: wrong}}
    yield header | {"places": header["places"][:-1]}
    yield header | {"traits": header["traits"][:-1]}
    yield header | {"codes": {}}
    yield header | {"places": [[1, 2]]}
    yield []


def test_a_header_that_does_not_fit_its_columns_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    base = columns._aligned(whole.index(b"\0\0\0\0", 500))
    for header in headers(whole):
        text = json.dumps(header).encode()
        start = columns._aligned(columns._START.size + len(text))
        packed = columns._START.pack(
            columns._MAGIC, start + len(whole) - base, len(text), zlib.crc32(text)
        )
        refused(path, (packed + text).ljust(start, b"\0") + whole[base:])
        assert isinstance(columns.fingerprint_at(path), str)


def wrong_columns(found: Columns) -> Iterator[Columns]:
    """Columns of which one points outside another."""
    for name in ("group", "by_beauty", "by_group", "length", "place_start", "group_start"):
        array = getattr(found, name).copy()
        array[len(array) // 2] = np.iinfo(array.dtype).max
        yield replace(found, **{name: array})
    for name in ("place", "trait"):
        array = getattr(found.groups, name).copy()
        array[-1] = np.iinfo(array.dtype).max
        yield replace(found, groups=replace(found.groups, **{name: array}))
    for q, order in found.orders.items():
        wrong = np.append(order[:-1], np.uint32(found.size))
        yield replace(found, orders=found.orders | {q: wrong})
    for name in ("beauty", "ahead", "group"):
        yield replace(found, **{name: getattr(found, name)[:-1]})
    yield replace(found, place_start=found.place_start + np.uint32(1))
    yield replace(found, group_start=found.group_start[::-1].copy())


def test_columns_that_point_outside_are_refused(path: Path, market: Market) -> None:
    for wrong in wrong_columns(market.index.columns):
        columns.write(wrong, path)
        with pytest.raises(BadIndex):
            columns.read(path)


def test_what_is_not_refused_can_be_searched(path: Path, market: Market) -> None:
    """Single bits that nobody notices change an answer, and break none."""
    whole, chance = path.read_bytes(), random.Random(1)
    passed = 0
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(chance.choice([1, 5])):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        try:
            index = Index(columns.read(path))
        except BadIndex:
            continue
        passed += 1
        for ask in (Ask(), Ask("212"), Ask("*1*2*", in_a_row=2), Ask(country="US", region="NY")):
            index.search(ask.query(), market.shelf, index.rows_of(["+12125550100"]))
        index.search(Query(), market.shelf)
    assert passed > 20
