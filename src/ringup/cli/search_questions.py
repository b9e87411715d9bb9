"""What people ask the number search, for benchmarks: other digits each time, the same in every run."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlencode

from ringup.carriers.port import NumberOffer

MOST_DIGITS = 10


@dataclass(frozen=True)
class Questions:
    """``offers`` are some of the numbers on sale."""

    offers: Sequence[NumberOffer]
    chance: random.Random = field(default_factory=lambda: random.Random(2))  # noqa: S311 - no secret

    def cases(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Names, and what makes the query of an address for each."""
        for place in ("anywhere", "country", "centre"):
            for size in range(2, MOST_DIGITS + 1):
                yield f"{size} digits on sale, {place}", partial(self._on_sale, size, place)
                yield f"{size} digits at random, {place}", partial(self._random, size, place)
            for name, text in self._patterns().items():
                yield f"{name}, {place}", partial(self._text, text, place)
            for sort in ("best", "price", "place"):
                yield f"all by {sort}, {place}", partial(self._all, sort, place)
        yield "one digit, anywhere", partial(self._random, 1, "anywhere")
        yield "five in a row, anywhere", partial(self._in_a_row, "anywhere")
        yield "five in a row, country", partial(self._in_a_row, "country")

    def one(self) -> str:
        """Any of what is asked most."""
        place = self.chance.choice(["anywhere", "country", "centre"])
        size = self.chance.randint(2, MOST_DIGITS)
        return self.chance.choice([self._on_sale, self._random])(size, place)

    def some_digits(self, size: int) -> str:
        return self._random(size, "anywhere")

    def _patterns(self) -> dict[str, Callable[[], str]]:
        digits = self._digits
        letters = string.ascii_uppercase
        return {
            "an area": lambda: self.chance.choice(self.offers).e164[2:5],
            "a word": lambda: "".join(self.chance.choices(letters, k=self.chance.randint(4, 7))),
            "416*77?7": lambda: f"{self._digits(3)}*{digits(2)}?{digits(1)}",
            "*00": lambda: f"*{digits(2)}",
            "*1*2*": lambda: f"*{digits(1)}*{digits(1)}*",
            "1?2?3": lambda: f"{digits(1)}?{digits(1)}?{digits(1)}",
        }

    def _digits(self, size: int) -> str:
        return "".join(self.chance.choices(string.digits, k=size))

    def _on_sale(self, size: int, place: str) -> str:
        """Digits that some number has, in its own place."""
        offer = self.chance.choice(self.offers)
        begin = self.chance.randint(2, len(offer.e164) - size)
        return self._query(offer, place, q=offer.e164[begin : begin + size])

    def _random(self, size: int, place: str) -> str:
        return self._text(partial(self._digits, size), place)

    def _text(self, text: Callable[[], str], place: str) -> str:
        return self._query(self.chance.choice(self.offers), place, q=text())

    def _all(self, sort: str, place: str) -> str:
        return self._query(self.chance.choice(self.offers), place, sort=sort)

    def _in_a_row(self, place: str) -> str:
        return self._query(self.chance.choice(self.offers), place, row="5", q=self._digits(1))

    def _query(self, offer: NumberOffer, place: str, **asked: str) -> str:
        if place != "anywhere":
            asked["country"] = offer.country
        if place == "centre":
            asked |= {"region": offer.region, "centre": offer.rate_centre}
        return urlencode(asked)
