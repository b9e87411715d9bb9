"""The stock of one area as bytes: a million numbers are a few megabytes, and no row each.

Numbers that differ only in their digits share one ``Kind``. Their digits are stored sorted, as the
differences between neighbours, and deflated: three or four bytes a number.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ringup.carriers.port import NumberOffer, NumberType, PlaceOffer, Stock
from ringup.core.money import Money

Digits = npt.NDArray[np.uint64]

_VERSION = b"\x01"
_LENGTH = struct.Struct("<I")
LONGEST = 15  # digits, E.164 without its plus


class Kind(NamedTuple):
    """All that numbers of one area, place and price have in common. Amounts are the carrier's, in
    millionths of ``currency``."""

    country: str
    region: str
    region_name: str
    rate_centre: str
    number_type: str
    features: tuple[str, ...]
    needs_papers: bool
    monthly: int
    setup: int
    currency: str

    @classmethod
    def of(cls, offer: NumberOffer | PlaceOffer) -> Kind:
        return cls(
            offer.country,
            offer.region,
            offer.region_name,
            offer.rate_centre,
            offer.number_type.value,
            tuple(sorted(offer.features)),
            offer.needs_papers,
            offer.monthly.micros,
            offer.setup.micros,
            offer.monthly.currency,
        )

    def offer(self, e164: str) -> NumberOffer:
        """The carrier's offer for one of these numbers."""
        return NumberOffer(
            e164=e164,
            country=self.country,
            region=self.region,
            rate_centre=self.rate_centre,
            monthly=Money(self.monthly, self.currency),
            setup=Money(self.setup, self.currency),
            region_name=self.region_name,
            features=frozenset(self.features),
            number_type=NumberType(self.number_type),
            needs_papers=self.needs_papers,
        )


class Quantity(NamedTuple):
    """A place whose numbers the carrier chooses. ``quantity`` -1: it does not say how many."""

    key: str
    prefix: str
    quantity: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Packed:
    """What ``unpack`` gives: kinds with their digits (sorted), and places by quantity."""

    kinds: list[tuple[Kind, Digits]]
    places: list[Quantity]


def pack(stock: Stock) -> bytes:
    """The bytes of an area. The same stock gives the same bytes, whatever its order."""
    digits: dict[Kind, list[int]] = defaultdict(list)
    for offer in stock.numbers:
        digits[Kind.of(offer)].append(digits_of(offer.e164))
    kinds = [
        (kind, np.unique(np.array(found, np.uint64))) for kind, found in sorted(digits.items())
    ]
    places = sorted(
        Quantity(p.key, p.prefix, -1 if p.quantity is None else p.quantity, Kind.of(p))
        for p in stock.places
    )
    return _bytes(kinds, places)


def digits_of(e164: str) -> int:
    """``14165550142`` for ``+14165550142``. Raises ``ValueError`` for anything else."""
    digits = e164[1:]
    if e164[:1] != "+" or not digits.isascii() or not digits.isdigit() or digits[0] == "0":
        raise ValueError(f"{e164!r} is no E.164 number")
    if len(digits) > LONGEST:
        raise ValueError(f"{e164!r} has more than {LONGEST} digits")
    return int(digits)


def unpack(content: bytes | memoryview) -> Packed:
    """The inverse of ``pack``. Raises ``ValueError`` for what ``pack`` has not written."""
    if bytes(content[:1]) != _VERSION:
        raise ValueError("this stock was packed by another version: fetch it again")
    try:
        return _unpacked(zlib.decompress(content[1:]))
    except (zlib.error, struct.error, ValueError, LookupError, TypeError) as error:
        raise ValueError("this stock is damaged: fetch it again") from error


def _unpacked(raw: bytes) -> Packed:
    (length,) = _LENGTH.unpack_from(raw)
    header = json.loads(raw[_LENGTH.size : _LENGTH.size + length])
    place = _LENGTH.size + length
    kinds = []
    for count, columns in header["kinds"]:
        steps = np.frombuffer(raw, "<u8", count, place)
        kinds.append((_kind(columns), np.cumsum(steps, dtype=np.uint64)))
        place += 8 * count
    places = [Quantity(k, prefix, n, _kind(columns)) for k, prefix, n, columns in header["places"]]
    return Packed(kinds, places)


def _bytes(kinds: list[tuple[Kind, Digits]], places: Iterable[Quantity]) -> bytes:
    header = {
        "kinds": [[len(found), list(kind)] for kind, found in kinds],
        "places": [[p.key, p.prefix, p.quantity, list(p.kind)] for p in places],
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    steps = [np.diff(found, prepend=np.uint64(0)).astype("<u8").tobytes() for _, found in kinds]
    return _VERSION + zlib.compress(b"".join([_LENGTH.pack(len(text)), text, *steps]), level=1)


def _kind(columns: list[Any]) -> Kind:
    kind = Kind(*columns)
    return kind._replace(features=tuple(kind.features))
