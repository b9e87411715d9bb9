"""What numbers have in common: places, and the groups in which they are sold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, overload

import numpy as np
import numpy.typing as npt

from ringup.numbers.packing import Kind, Quantity

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
I64 = npt.NDArray[np.int64]


class Place(NamedTuple):
    """A stretch of rows. ``country_name`` only sorts: people read countries by name."""

    country_name: str
    region_name: str
    rate_centre: str
    country: str
    region: str


class Traits(NamedTuple):
    """What is left of a kind without its place and amounts."""

    number_type: str
    features: tuple[str, ...]
    needs_papers: bool
    currency: str


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


@dataclass(frozen=True, slots=True)
class Groups(Sequence[Group]):
    """All groups, in the order of their places. They are columns too: tens of thousands of objects
    would take a second to make, and every process would keep its own."""

    places: list[Place]
    traits: list[Traits]
    codes: dict[str, str]  # country -> calling code
    place: U32
    trait: U32
    account: I64
    monthly: I64
    setup: I64
    fetched: I64
    is_own: U8

    def __len__(self) -> int:
        return len(self.place)

    @overload
    def __getitem__(self, number: int) -> Group: ...
    @overload
    def __getitem__(self, number: slice) -> list[Group]: ...
    def __getitem__(self, number: int | slice) -> Group | list[Group]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        place, traits = self.places[self.place[number]], self.traits[self.trait[number]]
        kind = Kind(
            country=place.country,
            region=place.region,
            region_name=place.region_name,
            rate_centre=place.rate_centre,
            number_type=traits.number_type,
            features=traits.features,
            needs_papers=traits.needs_papers,
            monthly=int(self.monthly[number]),
            setup=int(self.setup[number]),
            currency=traits.currency,
        )
        return Group(
            account=int(self.account[number]),
            kind=kind,
            calling_code=self.codes[place.country],
            fetched=int(self.fetched[number]),
            is_own=bool(self.is_own[number]),
        )

    def alike(self) -> tuple[list[int], npt.NDArray[np.intp]]:
        """One group for each account, region, traits and cost, which is all that a price depends on;
        and which of these each group is like."""
        regions = [(place.country, place.region) for place in self.places]
        keys = zip(
            self.account.tolist(),
            [regions[place] for place in self.place.tolist()],
            self.trait.tolist(),
            self.monthly.tolist(),
            self.setup.tolist(),
            strict=True,
        )
        known: dict[object, int] = {}
        like = np.array([known.setdefault(key, len(known)) for key in keys], np.intp)
        return np.unique(like, return_index=True)[1].tolist(), like

    def __iter__(self) -> Iterator[Group]:
        return (self[number] for number in range(len(self)))
