"""The stock of an area as bytes, and back."""

from __future__ import annotations

import random
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringup.carriers.port import NumberOffer, NumberType, PlaceOffer, Stock
from ringup.core.money import Money
from ringup.numbers.packing import Kind, digits_of, pack, unpack
from tests.numbers.questions import STABLE

pytestmark = pytest.mark.once

OFFER = NumberOffer(
    "+14165550142",
    "CA",
    "ON",
    "TORONTO",
    Money.of("0.85", "USD"),
    Money.of("0.40", "USD"),
    "Ontario",
)
PLACE = PlaceOffer(
    "b1", "DE", "BE", "Berlin", Money.of("2", "EUR"), Money.zero("EUR"), "Berlin", "30", 12
)

offers = st.builds(
    NumberOffer,
    e164=st.integers(10**6, 10**15 - 1).map("+{}".format),
    country=st.sampled_from(["CA", "DE"]),
    region=st.sampled_from(["", "ON"]),
    rate_centre=st.text(max_size=5),
    monthly=st.integers(0, 10**9).map(lambda micros: Money(micros, "USD")),
    setup=st.just(Money.zero("USD")),
    region_name=st.text(max_size=5),
    features=st.frozensets(st.sampled_from(["voice", "sms", "fax"])),
    number_type=st.sampled_from(NumberType),
    needs_papers=st.booleans(),
)
places = st.builds(
    PlaceOffer,
    key=st.text(max_size=5),
    country=st.just("SE"),
    region=st.just(""),
    rate_centre=st.text(max_size=5),
    monthly=st.just(Money.of("3", "USD")),
    setup=st.just(Money.zero("USD")),
    quantity=st.none() | st.integers(0, 10**6),
)


@settings(max_examples=60, **STABLE)
@given(numbers=st.lists(offers, max_size=30), found=st.lists(places, max_size=5))
def test_what_was_packed_comes_out_again(
    numbers: list[NumberOffer], found: list[PlaceOffer]
) -> None:
    packed = unpack(pack(Stock(numbers, found)))
    seen = [(kind.offer(f"+{n}"), int(n)) for kind, digits in packed.kinds for n in digits]
    assert {offer for offer, _ in seen} == set(numbers)
    assert len(seen) == len(set(numbers))
    for _, digits in packed.kinds:
        assert digits.tolist() == sorted(digits.tolist())
    wanted = [
        (p.key, p.prefix, -1 if p.quantity is None else p.quantity, Kind.of(p)) for p in found
    ]
    assert sorted(tuple(place) for place in packed.places) == sorted(wanted)


def test_the_same_stock_gives_the_same_bytes_whatever_its_order() -> None:
    numbers = [replace(OFFER, e164=f"+1416555{n:04}", needs_papers=n % 3 == 0) for n in range(50)]
    shuffled = random.Random(1).sample(numbers, len(numbers))
    others = [PLACE, replace(PLACE, key="b2")]
    assert pack(Stock(numbers, others)) == pack(Stock(shuffled, others[::-1]))
    assert pack(Stock(numbers)) != pack(Stock(numbers[1:]))


def test_a_million_numbers_are_a_few_bytes_each() -> None:
    chance = random.Random(1)
    numbers = [
        replace(OFFER, e164=f"+1416{chance.randrange(2_000_000, 10_000_000)}") for _ in range(5000)
    ]
    assert len(pack(Stock(numbers))) < 5 * len(numbers)


@pytest.mark.parametrize(
    "text", ["", "+", "14165550142", "+0416", "+1416555014x", "+1 416", "+٤١٦", "+" + "1" * 16]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"E\.164 number|digits"):
        digits_of(text)
    with pytest.raises(ValueError, match=r"E\.164 number|digits"):
        pack(Stock([replace(OFFER, e164=text)]))


def test_bytes_that_are_no_stock_are_refused() -> None:
    whole = pack(Stock([OFFER], [PLACE]))
    raw = zlib.decompress(whole[1:])
    damaged = [b"", b"\x02" + whole[1:], b"\x01nonsense"]
    damaged += [whole[:size] for size in range(1, len(whole), 7)]
    damaged += [whole[:1] + zlib.compress(raw[:size]) for size in range(0, len(raw), 11)]
    damaged += [whole[:1] + zlib.compress(raw[:4] + b"1" * (len(raw) - 4))]
    for content in damaged:
        with pytest.raises(ValueError, match="stock"):
            unpack(content)
    assert unpack(memoryview(whole)).kinds[0][0] == Kind.of(OFFER)
