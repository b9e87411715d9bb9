"""Money: an exact amount in one currency, held as whole millionths of the currency's unit.

Binary floats and bare decimals never carry money across a module border. No Django here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MILLION = 1_000_000

# ISO 4217 currencies without cents, as far as our carriers and resellers meet them.
WITHOUT_CENTS = frozenset({"JPY", "KRW", "CLP", "VND", "ISK", "XAF", "XOF", "PYG", "UGX"})
# And those that divide their unit into thousands.
WITH_MILLS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
SYMBOLS = {"USD": "$", "CAD": "CA$", "EUR": "€", "GBP": "£"}


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum or comparison."""


@dataclass(frozen=True, slots=True)
class Money:
    """``micros`` millionths of one unit of ``currency`` (ISO 4217, upper case)."""

    micros: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.micros) is not int:
            raise TypeError("Money counts whole millionths; use Money.of() for decimals")
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"{self.currency!r} is not a currency code")

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """Money from an exact decimal, for example ``Money.of("0.85", "USD")``. Refuses floats."""
        if isinstance(amount, float):
            raise TypeError("a float is not an exact amount")
        micros = Decimal(amount) * MILLION
        if micros != micros.to_integral_value():
            raise ValueError(f"{amount} is finer than a millionth")
        return cls(int(micros), currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @property
    def amount(self) -> Decimal:
        return Decimal(self.micros) / MILLION

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.micros + other.micros, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.micros - other.micros, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.micros, self.currency)

    def __mul__(self, count: int) -> Money:
        if type(count) is not int:
            raise TypeError("money is multiplied by whole counts; use share() for rates")
        return Money(self.micros * count, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.micros < other.micros

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.micros <= other.micros

    def __gt__(self, other: Money) -> bool:
        return other < self

    def __ge__(self, other: Money) -> bool:
        return other <= self

    def __bool__(self) -> bool:
        return self.micros != 0

    def share(self, rate: Decimal) -> Money:
        """This amount times ``rate`` (0.15 = 15 %), rounded half up to a millionth."""
        micros = (Decimal(self.micros) * rate).to_integral_value(ROUND_HALF_UP)
        return Money(int(micros), self.currency)

    def rounded(self) -> Money:
        """Half up to the smallest coin: once, at the line of an invoice or a quote."""
        coin = coin_of(self.currency)
        coins = (Decimal(self.micros) / coin).to_integral_value(ROUND_HALF_UP)
        return Money(int(coins) * coin, self.currency)

    def __str__(self) -> str:
        """For people: ``$1.25``; finer amounts keep their digits (``$0.0095``)."""
        places = places_of(self.currency)
        exact = abs(self.amount)
        text = f"{exact:,.{places}f}" if self.rounded() == self else f"{exact.normalize():,f}"
        sign = "-" if self.micros < 0 else ""
        symbol = SYMBOLS.get(self.currency)
        return f"{sign}{symbol}{text}" if symbol else f"{sign}{text} {self.currency}"


def places_of(currency: str) -> int:
    """How many digits behind the point an amount has that can be paid: two, for most."""
    if currency in WITHOUT_CENTS:
        return 0
    return 3 if currency in WITH_MILLS else 2


def coin_of(currency: str) -> int:
    """The smallest coin, in millionths of the unit: a cent, or the unit itself where there is none."""
    return MILLION // int(10 ** places_of(currency))


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of ``amounts``; zero of ``currency`` when there are none."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result
