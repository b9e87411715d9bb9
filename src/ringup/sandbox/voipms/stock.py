"""The numbers that the sandbox carrier has for sale, the same for the same seed.

All are fictional: line numbers 0100 to 0199 behind the exchange 555, or behind an exchange that
repeats an area code of its own place, which the numbering plan keeps out of use. A stock that is too
large for these, of up to about 1.7 million, takes the other lines of such exchanges too.
"""

from __future__ import annotations

import functools
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ringup.sandbox.voipms import places

LINES = tuple(f"{line:04d}" for line in range(100, 200))
OTHER_LINES = tuple(f"{line:04d}" for line in (*range(100), *range(200, 10_000)))
FICTION = "555"  # the exchange
KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
TOLL_FREE = "TF"  # stands for a country: toll-free numbers belong to none
MOST_EXCHANGES = 4  # of one area code: 555 and up to three area codes of its place
KEPT_NUMBERS = 10_000  # of a stock that is remembered for the next sandbox
WHOLE_NUMBER = 10  # digits
TOLL_FREE_SHARE = 12  # of the numbers, one in so many is toll-free


@dataclass(frozen=True, slots=True)
class ForSale:
    """One number on sale. Prices are decimal text in US dollars, as the wire has them."""

    did: str
    country: str
    region: str
    region_name: str
    rate_centre: str
    perminute_monthly: str = "0.85"
    perminute_minute: str = "0.0090"
    perminute_setup: str = "0.40"
    flat_monthly: str = "4.25"
    flat_minute: str = "0.00"
    flat_setup: str = "0.40"
    sms: str = "1"

    @property
    def is_toll_free(self) -> bool:
        return self.country == TOLL_FREE


class Shelf(dict[str, ForSale]):
    """Numbers by their digits. It knows besides which belong to an area: a whole state is asked for
    more often than a single number."""

    def __init__(self, numbers: Iterable[ForSale]) -> None:
        super().__init__()
        self._areas: dict[tuple[str, str], set[str]] = defaultdict(set)
        for number in numbers:
            self[number.did] = number

    def __setitem__(self, did: str, number: ForSale) -> None:
        self.take(did)
        super().__setitem__(did, number)
        self._areas[number.country, number.region].add(did)

    def copy(self) -> Shelf:
        other = Shelf(())
        dict.update(other, self)
        other._areas.update((area, dids.copy()) for area, dids in self._areas.items())
        return other

    def take(self, did: str) -> ForSale | None:
        """Remove and return a number; None when it is not there."""
        number = self.pop(did, None)
        if number is not None:
            self._areas[number.country, number.region].discard(did)
        return number

    def of(self, country: str, region: str) -> list[str]:
        """The digits of all numbers of a region, or of the whole country where it is empty."""
        if region:
            return sorted(self._areas.get((country, region), ()))
        areas = [dids for (its, _), dids in self._areas.items() if its == country]
        return sorted(did for dids in areas for did in dids)


class Stock:
    """What is for sale now, and which numbers somebody else bought from under us."""

    def __init__(self, *, seed: int, count: int) -> None:
        # A process of tests starts hundreds of sandboxes with the same small stock.
        small = count <= KEPT_NUMBERS
        self.numbers = _kept(seed, count).copy() if small else _drawn(seed, count)
        self.sold: set[str] = set()

    def put(self, number: ForSale) -> None:
        """A number appears, or its price changes."""
        self.sold.discard(number.did)
        self.numbers[number.did] = number

    def take(self, did: str) -> ForSale | None:
        """Remove and return a number; None when it is not for sale."""
        return self.numbers.take(did)

    def sell(self, did: str) -> bool:
        """Somebody else buys ``did``. False when it is not for sale."""
        if self.take(did) is None:
            return False
        self.sold.add(did)
        return True

    def find(
        self, country: str, *, region: str = "", rate_centre: str = "", wanted: str = ""
    ) -> list[ForSale]:
        """Numbers of a country (``US``, ``CA`` or ``TOLL_FREE``), by number.

        ``wanted`` is ``type:digits`` with the types starts, contains and ends; empty is all.
        """
        found = [self.numbers[did] for did in self._fitting(country, region, wanted)]
        if not rate_centre:
            return found
        return [number for number in found if number.rate_centre.lower() == rate_centre.lower()]

    def _fitting(self, country: str, region: str, wanted: str) -> list[str]:
        kind, _, digits = wanted.partition(":")
        if kind == "starts" and len(digits) == WHOLE_NUMBER:
            # What every order asks: to look through the whole country took a tenth of a second.
            one = self.numbers.get(digits)
            is_there = one is not None and one.country == country and region in ("", one.region)
            return [digits] if is_there else []
        fits = _matcher(wanted)
        return [did for did in self.numbers.of(country, region) if fits(did)]


def digits_of(query: str) -> str:
    """A query of digits and letters as the digits of a telephone's keypad: JOHN is 5646."""
    return query.upper().translate(KEYPAD)


def _matcher(wanted: str) -> Callable[[str], bool]:
    kind, _, digits = wanted.partition(":")
    if kind == "starts":
        return lambda did: did.startswith(digits)
    if kind == "ends":
        return lambda did: did.endswith(digits)
    return lambda did: digits in did


@dataclass(frozen=True, slots=True)
class Block:
    """A hundred possible numbers: one area code and exchange of one rate centre."""

    prefix: str
    country: str
    region: str
    region_name: str
    rate_centre: str

    @property
    def is_out_of_use(self) -> bool:
        """Whether none of its lines can belong to anybody."""
        return not self.prefix.endswith(FICTION)

    def number(self, line: str) -> ForSale:
        did = f"{self.prefix}{line}"
        place = (self.country, self.region, self.region_name, self.rate_centre)
        if self.country == TOLL_FREE:
            return ForSale(
                did,
                *place,
                perminute_monthly="1.25",
                perminute_minute="0.0220",
                perminute_setup="0.00",
            )
        dearer = self.rate_centre in places.DEARER
        return ForSale(
            did,
            *place,
            perminute_monthly="1.50" if dearer else "0.85",
            flat_monthly="5.95" if dearer else "4.25",
            sms="0" if int(line) % 5 == 0 else "1",
        )


def _drawn(seed: int, count: int) -> Shelf:
    return Shelf(_choose(random.Random(seed), count))  # noqa: S311 - a repeatable stock, no secret


_kept = functools.lru_cache(maxsize=2)(_drawn)


def _choose(chance: random.Random, count: int) -> Iterator[ForSale]:
    toll_free = list(_sample(chance, list(_toll_free_blocks()), count // TOLL_FREE_SHARE))
    yield from toll_free
    blocks = list(_blocks())
    more = count - len(toll_free) - len(blocks) * len(LINES)
    yield from _sample(chance, blocks, count - len(toll_free))
    if more > 0:
        unused = [block for block in blocks if block.is_out_of_use]
        yield from _sample(chance, unused, more, lines=OTHER_LINES)


def _sample(
    chance: random.Random, blocks: list[Block], count: int, *, lines: Sequence[str] = LINES
) -> Iterator[ForSale]:
    """``count`` numbers spread evenly over ``blocks``; fewer when the blocks hold no more."""
    share, more = divmod(count, len(blocks))
    for index, block in enumerate(blocks):
        wanted = share + (1 if index < more else 0)
        for line in chance.sample(lines, min(wanted, len(lines))):
            yield block.number(line)


def _blocks() -> Iterator[Block]:
    countries = (
        ("US", places.UNITED_STATES, places.STATE_NAMES),
        ("CA", places.CANADA, places.PROVINCE_NAMES),
    )
    # By exchange first: a small stock has numbers behind 555 everywhere before any other.
    for index in range(MOST_EXCHANGES):
        for country, regions, names in countries:
            for region, centres in regions.items():
                for centre, areas in centres.items():
                    for exchange in (FICTION, *areas)[index : index + 1]:
                        for area in areas:
                            yield Block(area + exchange, country, region, names[region], centre)


def _toll_free_blocks() -> Iterator[Block]:
    for area in places.TOLL_FREE:
        yield Block(f"{area}{FICTION}", TOLL_FREE, "", "", "Toll Free")
