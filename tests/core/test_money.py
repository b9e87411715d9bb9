from __future__ import annotations

from decimal import Decimal

import pytest

from ringup.core.money import CurrencyMismatch, Money, total

pytestmark = pytest.mark.once


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def test_a_tenth_added_three_times_is_exactly_three_tenths() -> None:
    assert usd("0.1") + usd("0.1") + usd("0.1") == usd("0.3")


def test_floats_are_refused() -> None:
    with pytest.raises(TypeError):
        Money.of(0.1, "USD")  # type: ignore[arg-type]


def test_two_currencies_never_meet() -> None:
    with pytest.raises(CurrencyMismatch):
        usd("1") + Money.of("1", "CAD")
    with pytest.raises(CurrencyMismatch):
        assert usd("1") < Money.of("2", "CAD")


@pytest.mark.parametrize(
    ("amount", "coins"),
    [("0.005", "0.01"), ("0.0049", "0.00"), ("-0.005", "-0.01"), ("1.015", "1.02")],
)
def test_rounding_is_half_up_to_the_cent(amount: str, coins: str) -> None:
    assert usd(amount).rounded() == usd(coins)


def test_yen_has_no_cents() -> None:
    assert Money.of("10.5", "JPY").rounded() == Money.of("11", "JPY")
    assert str(Money.of("1234", "JPY")) == "1,234 JPY"


def test_a_dinar_has_a_thousand_fils() -> None:
    assert Money.of("10.5005", "KWD").rounded() == Money.of("10.501", "KWD")
    assert str(Money.of("1234.5", "KWD")) == "1,234.500 KWD"


@pytest.mark.parametrize(
    ("amount", "text"),
    [("1234.5", "$1,234.50"), ("0.0095", "$0.0095"), ("-3", "-$3.00"), ("0", "$0.00")],
)
def test_amounts_are_shown_for_people(amount: str, text: str) -> None:
    assert str(usd(amount)) == text


def test_a_share_is_exact_to_a_millionth() -> None:
    assert usd("0.85").share(Decimal("0.6")) == usd("0.51")


def test_a_total_of_nothing_is_zero_of_its_currency() -> None:
    assert total([], "EUR") == Money.zero("EUR")


def test_finer_than_a_millionth_is_refused() -> None:
    with pytest.raises(ValueError, match="finer"):
        usd("0.0000001")
