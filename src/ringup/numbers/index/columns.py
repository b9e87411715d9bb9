"""The index as columns in one file, mapped into memory: every process of a host shares its pages.

A number is a row; rows are sorted by place, then by digits, so that a place is a stretch of rows.
All that numbers have in common (provider, place, type, features, cost) is their *group*, so that
filters, prices and facets are worked out per group and not per number. For every length q there is
an order of the rows by their last q digits: a run of digits, wherever it stands, is then a stretch of
a few orders.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ringup.numbers.packing import Kind, Quantity

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]

_MAGIC = b"RINGUP-NUMBERS-1"
_LENGTH = struct.Struct("<Q")
_ALIGN = 64
_TYPES = {"u1": np.uint8, "u4": np.uint32, "u8": np.uint64}


class Place(NamedTuple):
    """A stretch of rows. ``country_name`` only sorts: people read countries by name."""

    country_name: str
    region_name: str
    rate_centre: str
    country: str
    region: str


class Group(NamedTuple):
    """What many numbers have in common. ``fetched`` is when the carrier said so (Unix seconds);
    ``calling_code`` the country's code in front of the national number."""

    account: int
    kind: Kind
    calling_code: str
    fetched: int
    is_own: bool


class ByQuantity(NamedTuple):
    """A place at which an account sells numbers that the carrier chooses."""

    account: int
    calling_code: str
    fetched: int
    offer: Quantity


class BadIndex(ValueError):
    """The file is no index of this version. Compile it again."""


@dataclass(frozen=True)
class Columns:
    """All of an index. ``fingerprint`` names the stock that it was compiled from."""

    fingerprint: str
    places: list[Place]
    groups: list[Group]
    by_quantity: list[ByQuantity]
    e164: U64  # the number's digits, as an integer
    group: U32
    length: U8  # of the national number
    beauty: U8
    ahead: U8  # how many numbers follow one by one, in the same group; at most 255
    place_start: U32  # one more than there are places
    by_beauty: U32  # rows, the most beautiful first
    orders: dict[int, U32] = field(default_factory=dict)  # q -> rows by their last q digits

    @property
    def size(self) -> int:
        return len(self.e164)


_ARRAYS = {
    "e164": "u8",
    "group": "u4",
    "length": "u1",
    "beauty": "u1",
    "ahead": "u1",
    "place_start": "u4",
    "by_beauty": "u4",
}


def write(columns: Columns, path: Path) -> None:
    """Put the index at ``path`` at once: who has the old file open goes on reading the old one."""
    arrays: dict[str, npt.NDArray[Any]] = {name: getattr(columns, name) for name in _ARRAYS}
    arrays |= {f"order-{q}": order for q, order in columns.orders.items()}
    tables, offset = {}, 0
    for name, array in arrays.items():
        tables[name] = [offset, len(array)]
        offset += _aligned(array.nbytes)
    header = json.dumps(
        {
            "fingerprint": columns.fingerprint,
            "places": columns.places,
            "groups": columns.groups,
            "by_quantity": columns.by_quantity,
            "arrays": tables,
        },
        separators=(",", ":"),
    ).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.", delete=False) as file:
        try:
            start = _MAGIC + _LENGTH.pack(len(header)) + header
            file.write(start.ljust(_aligned(len(start)), b"\0"))
            for array in arrays.values():
                array.tofile(file)
                file.write(b"\0" * (_aligned(array.nbytes) - array.nbytes))
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def read(path: Path) -> Columns:
    """Map the file. Raises ``FileNotFoundError``, or ``BadIndex`` for what is no index."""
    with path.open("rb") as file:
        start = file.read(len(_MAGIC) + _LENGTH.size)
        if not start.startswith(_MAGIC) or len(start) != len(_MAGIC) + _LENGTH.size:
            raise BadIndex(f"{path} is no index of this version")
        (length,) = _LENGTH.unpack_from(start, len(_MAGIC))
        try:
            header = json.loads(file.read(length))
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            return _columns(header, mapped, _aligned(len(start) + length))
        except (ValueError, KeyError, TypeError) as error:
            raise BadIndex(f"{path} is damaged") from error


def fingerprint_at(path: Path) -> str:
    """Which stock the index at ``path`` was compiled from; empty where there is none that is whole."""
    try:
        return read(path).fingerprint
    except (FileNotFoundError, BadIndex):
        return ""


def _columns(header: Mapping[str, Any], mapped: mmap.mmap, base: int) -> Columns:
    def array(name: str, kind: str) -> npt.NDArray[Any]:
        offset, count = header["arrays"][name]
        return np.frombuffer(mapped, _TYPES[kind], count, base + offset)

    orders = {
        int(name.removeprefix("order-")): array(name, "u4")
        for name in header["arrays"]
        if name.startswith("order-")
    }
    return Columns(
        fingerprint=header["fingerprint"],
        places=[Place(*row) for row in header["places"]],
        groups=[Group(row[0], _kind(row[1]), *row[2:]) for row in header["groups"]],
        by_quantity=[
            ByQuantity(row[0], row[1], row[2], _quantity(row[3])) for row in header["by_quantity"]
        ],
        orders=orders,
        **{name: array(name, kind) for name, kind in _ARRAYS.items()},
    )


def _kind(columns: list[Any]) -> Kind:
    kind = Kind(*columns)
    return kind._replace(features=tuple(kind.features))


def _quantity(columns: list[Any]) -> Quantity:
    place = Quantity(*columns)
    return place._replace(kind=_kind(list(place.kind)))


def _aligned(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN
