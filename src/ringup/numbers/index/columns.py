"""The index as columns in one file, mapped into memory: every process of a host shares its pages.

A number is a row; rows are sorted by place, digits and account, so that a place is a stretch of
rows. All that numbers have in common (provider, place, type, features, cost) is their *group*, so
that filters, prices and facets are worked out per group and not per number. For every length q there
is an order of the rows by their last q digits: a run of digits, wherever it stands, is then a
stretch of a few orders.

The file is a header, then one array after the other. It is looked through once when it is opened:
sizes, the header's checksum, and that no column points outside another. One that was cut or
overwritten is refused; one that passes cannot break a search.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ringup.numbers.index.groups import U8, U32, ByQuantity, Groups, Place, Traits
from ringup.numbers.packing import Kind, Quantity

U64 = npt.NDArray[np.uint64]
Array = npt.NDArray[Any]

_MAGIC = b"RINGUP-NUMBERS-2"
# Length of the file, length and checksum of the header.
_START = struct.Struct("<16sQQI")
_ALIGN = 64
_TYPES = {"u1": np.uint8, "u4": np.uint32, "u8": np.uint64, "i8": np.int64}
_OF_GROUPS = {
    "place": "u4",
    "trait": "u4",
    "account": "i8",
    "monthly": "i8",
    "setup": "i8",
    "fetched": "i8",
    "is_own": "u1",
}
_OF_ROWS = {
    "digits": "u8",
    "group": "u4",
    "length": "u1",
    "beauty": "u1",
    "by_beauty": "u4",
    "by_group": "u4",
    "ahead": "u1",
}
_STARTS = {"place_start": "u4", "group_start": "u4"}


class BadIndex(ValueError):
    """The file is no index of this version. Compile it again."""


@dataclass(frozen=True)
class Columns:
    """All of an index. ``fingerprint`` names the stock that it was compiled from."""

    fingerprint: str
    groups: Groups
    by_quantity: list[ByQuantity]
    digits: U64  # of the number with its calling code, four bits each: see ``nibbles``
    group: U32
    length: U8  # of the national number
    beauty: U8
    place_start: U32  # one more than there are places
    by_beauty: U32  # rows, the most beautiful first
    by_group: U32  # rows, group by group
    group_start: U32  # where in by_group each begins; one more than there are groups
    ahead: U8  # along by_group: how many numbers follow each one by one; at most 255
    orders: dict[int, U32]  # q -> rows by their last q digits

    @property
    def size(self) -> int:
        return len(self.digits)

    @property
    def places(self) -> list[Place]:
        return self.groups.places

    def rows_of(self, groups: npt.NDArray[np.intp]) -> U32:
        """All rows of these groups."""
        starts = self.group_start[groups].astype(np.int64)
        sizes = self.group_start[groups + 1] - starts
        offsets = np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
        return self.by_group[offsets + np.arange(len(offsets))]

    def e164(self, row: int) -> str:
        return f"+{int(self.digits[row]):x}"


def write(columns: Columns, path: Path) -> None:
    """Put the index at ``path`` at once: who has the old file open goes on reading the old one."""
    arrays: dict[str, Array] = {
        **{f"groups.{name}": getattr(columns.groups, name) for name in _OF_GROUPS},
        **{name: getattr(columns, name) for name in [*_OF_ROWS, *_STARTS]},
        **{f"order.{q}": order for q, order in columns.orders.items()},
    }
    tables, offset = {}, 0
    for name, array in arrays.items():
        tables[name] = [offset, len(array)]
        offset += _aligned(array.nbytes)
    header = json.dumps(
        {
            "fingerprint": columns.fingerprint,
            "places": columns.groups.places,
            "traits": columns.groups.traits,
            "codes": columns.groups.codes,
            "by_quantity": columns.by_quantity,
            "arrays": tables,
        },
        separators=(",", ":"),
    ).encode()
    base = _aligned(_START.size + len(header))
    start = _START.pack(_MAGIC, base + offset, len(header), zlib.crc32(header))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.", delete=False) as file:
        try:
            file.write((start + header).ljust(base, b"\0"))
            for array in arrays.values():
                array.tofile(file)
                file.write(b"\0" * (_aligned(array.nbytes) - array.nbytes))
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def read(path: Path, *, is_mapped: bool = True) -> Columns:
    """Map the file. Raises ``FileNotFoundError``, or ``BadIndex`` for what is no index.

    Should somebody cut a mapped file where it lies, who looks at it is killed (SIGBUS). A process that
    must live reads it whole instead, without ``is_mapped``.
    """
    header, base, content = _opened(path, is_mapped=is_mapped)
    try:
        columns = _columns(header, base, content)
        is_sound = _is_sound(columns)
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise BadIndex(f"{path} is damaged") from error
    if not is_sound:
        raise BadIndex(f"{path} is damaged")
    return columns


def fingerprint_at(path: Path) -> str:
    """Which stock the index at ``path`` was compiled from; empty where there is none that is whole.
    Its columns are not looked at."""
    try:
        header, _, _ = _opened(path)
    except (FileNotFoundError, BadIndex):
        return ""
    return str(header.get("fingerprint", ""))


def _opened(
    path: Path, *, is_mapped: bool = False
) -> tuple[Mapping[str, Any], int, mmap.mmap | bytes]:
    """The header, where the arrays begin, and the file."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(_START.size)
        if len(start) < _START.size or not start.startswith(_MAGIC):
            raise BadIndex(f"{path} is no index of this version")
        _, whole, length, checksum = _START.unpack(start)
        if size != whole or length > size:
            raise BadIndex(f"{path} was cut")
        text = file.read(length)
        if zlib.crc32(text) != checksum:
            raise BadIndex(f"{path} is damaged")
        header = json.loads(text)
        if not isinstance(header, dict):
            raise BadIndex(f"{path} is damaged")
        base = _aligned(len(start) + length)
        if is_mapped:
            return header, base, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        file.seek(0)
        return header, base, file.read()


def _columns(header: Mapping[str, Any], base: int, content: mmap.mmap | bytes) -> Columns:
    def array(name: str, kind: str) -> Array:
        offset, count = header["arrays"][name]
        if offset < 0 or count < 0:  # numpy takes -1 for all that is left
            raise ValueError(name)
        return np.frombuffer(content, _TYPES[kind], count, base + offset)

    groups = Groups(
        places=[Place(*row) for row in header["places"]],
        traits=[Traits(row[0], tuple(row[1]), *row[2:]) for row in header["traits"]],
        codes=header["codes"],
        **{name: array(f"groups.{name}", kind) for name, kind in _OF_GROUPS.items()},
    )
    orders = [name for name in header["arrays"] if name.startswith("order.")]
    return Columns(
        fingerprint=header["fingerprint"],
        groups=groups,
        by_quantity=[
            ByQuantity(row[0], row[1], row[2], _quantity(row[3])) for row in header["by_quantity"]
        ],
        orders={int(name.removeprefix("order.")): array(name, "u4") for name in orders},
        **{name: array(name, kind) for name, kind in (_OF_ROWS | _STARTS).items()},
    )


def _quantity(columns: list[Any]) -> Quantity:
    place = Quantity(*columns)
    kind = Kind(*place.kind)
    return place._replace(kind=kind._replace(features=tuple(kind.features)))


def _is_sound(columns: Columns) -> bool:
    """Whether no column points outside another. Some milliseconds a million numbers."""
    groups, size = columns.groups, columns.size
    return (
        all(len(getattr(columns, name)) == size for name in _OF_ROWS)
        and all(len(getattr(groups, name)) == len(groups) for name in _OF_GROUPS)
        and _are_below(groups.place, len(groups.places))
        and _are_below(groups.trait, len(groups.traits))
        and _are_below(columns.group, len(groups))
        and _are_below(columns.length, 16)
        and _are_starts(columns.place_start, len(groups.places), size)
        and _are_starts(columns.group_start, len(groups), size)
        and all(
            _are_below(rows, size)
            for rows in (columns.by_beauty, columns.by_group, *columns.orders.values())
        )
        and all(place.country in groups.codes for place in groups.places)
    )


def _are_below(found: Array, bound: int) -> bool:
    return not len(found) or int(found.max()) < bound


def _are_starts(found: Array, count: int, size: int) -> bool:
    return (
        len(found) == count + 1
        and int(found[0]) == 0
        and int(found[-1]) == size
        and bool((found[1:] >= found[:-1]).all())
    )


def _aligned(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN
