"""The parts of a quote, and the terms that make its fees, discounts and taxes. Pure values, frozen
with a quote as JSON.

A *rate* counts millionths: 130000 is 13 %, and 1 is a ten-thousandth of a percent.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ringup.core.money import Money

# A rate of 100 %.
WHOLE = 1_000_000
# The tax class of what no tax is put on.
UNTAXED = ""


def percent_words(rate: int) -> str:
    """``9.975 %``"""
    return f"{(Decimal(rate) / 10_000).normalize():f} %"


class LineKind(enum.StrEnum):
    """What a line of a quote is about. Lines stand in this order."""

    ITEM = "item"
    OPTION = "option"
    NUMBER = "number"
    FEE = "fee"
    DISCOUNT = "discount"


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line: ``setup`` once and ``recurring`` each cycle, for all pieces together, before tax,
    rounded. A discount's amounts are negative. ``recurring`` counts from payment ``begins`` to
    payment ``ends``, both counted from 1; 0: it never ends."""

    text: str
    quantity: int
    setup: Money
    recurring: Money
    tax_class: str
    kind: LineKind = LineKind.ITEM
    begins: int = 1
    ends: int = 0

    def recurring_at(self, payment: int) -> Money:
        """What it adds to this payment, without its set-up."""
        counts = self.begins <= payment and (not self.ends or payment <= self.ends)
        return self.recurring if counts else Money.zero(self.recurring.currency)

    def as_data(self) -> dict[str, Any]:
        """JSON for ``Quote.as_data``."""
        return {
            "text": self.text,
            "quantity": self.quantity,
            "setup_micros": self.setup.micros,
            "recurring_micros": self.recurring.micros,
            "tax_class": self.tax_class,
            "kind": self.kind.value,
            "begins": self.begins,
            "ends": self.ends,
        }

    @classmethod
    def from_data(cls, data: dict[str, Any], currency: str) -> QuoteLine:
        """What ``as_data`` wrote, or a line from before there were kinds or cycles."""
        recurring = (
            data["recurring_micros"] if "recurring_micros" in data else data["monthly_micros"]
        )
        kind = data.get("kind") or ("number" if data["text"].startswith("Number ") else "item")
        return cls(
            text=data["text"],
            quantity=data["quantity"],
            setup=Money(data["setup_micros"], currency),
            recurring=Money(recurring, currency),
            tax_class=data["tax_class"],
            kind=LineKind(kind),
            begins=data.get("begins", 1),
            ends=data.get("ends", 0),
        )


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax of a quote: ``setup`` on what is due once, ``recurring`` on each payment that lasts.
    ``early`` are the first payments, as far as a discount makes them other ones. ``text`` says why a
    tax is not charged."""

    name: str
    rate: int
    setup: Money
    recurring: Money
    early: tuple[Money, ...] = ()
    text: str = ""

    @property
    def percent(self) -> str:
        """``13 %``"""
        return percent_words(self.rate)

    def recurring_at(self, payment: int) -> Money:
        """The tax on what recurs at this payment."""
        return self.early[payment - 1] if payment <= len(self.early) else self.recurring

    def as_data(self) -> dict[str, Any]:
        """JSON for ``Quote.as_data``."""
        return {
            "name": self.name,
            "rate": self.rate,
            "setup_micros": self.setup.micros,
            "recurring_micros": self.recurring.micros,
            "early_micros": [money.micros for money in self.early],
            "text": self.text,
        }

    @classmethod
    def from_data(cls, data: dict[str, Any], currency: str) -> TaxLine:
        """What ``as_data`` wrote."""
        return cls(
            name=data["name"],
            rate=data["rate"],
            setup=Money(data["setup_micros"], currency),
            recurring=Money(data["recurring_micros"], currency),
            early=tuple(Money(micros, currency) for micros in data["early_micros"]),
            text=data["text"],
        )


@dataclass(frozen=True, slots=True)
class Discount:
    """What is taken off items, options and numbers, never off fees, and never more than there is.

    Either a ``rate`` of them, or an ``amount``: once off the set-up, and for each month off what
    recurs. ``months`` is for how many months from the first payment on; 0: always. A payment that
    covers more months than are left gets its share: two free months take two twelfths off the first
    payment of a year, and fourteen all of it and two twelfths of the second.
    """

    text: str
    rate: int = 0
    amount: Money | None = None
    on_setup: bool = False
    on_recurring: bool = True
    months: int = 0
    # Leaves the options out: they are chosen, and paid, beside a number that is free.
    but_options: bool = False

    def as_data(self) -> dict[str, Any]:
        """JSON for ``Terms.as_data``."""
        amount = self.amount
        return {
            "text": self.text,
            "rate": self.rate,
            "amount_micros": None if amount is None else amount.micros,
            "on_setup": self.on_setup,
            "on_recurring": self.on_recurring,
            "months": self.months,
            "but_options": self.but_options,
        }

    @classmethod
    def from_data(cls, data: dict[str, Any], currency: str) -> Discount:
        """What ``as_data`` wrote."""
        rest = dict(data)
        micros = rest.pop("amount_micros")
        return cls(amount=None if micros is None else Money(micros, currency), **rest)


@dataclass(frozen=True, slots=True)
class Fee:
    """What is charged beside what was ordered: ``setup`` once and ``monthly`` a month for each of
    ``quantity``, or a ``rate`` of what recurs, discounts not taken off."""

    text: str
    quantity: int
    setup: Money
    monthly: Money
    rate: int = 0
    tax_class: str = UNTAXED

    def as_data(self) -> dict[str, Any]:
        """JSON for ``Terms.as_data``."""
        return {
            "text": self.text,
            "quantity": self.quantity,
            "setup_micros": self.setup.micros,
            "monthly_micros": self.monthly.micros,
            "rate": self.rate,
            "tax_class": self.tax_class,
        }

    @classmethod
    def from_data(cls, data: dict[str, Any], currency: str) -> Fee:
        """What ``as_data`` wrote."""
        return cls(
            text=data["text"],
            quantity=data["quantity"],
            setup=Money(data["setup_micros"], currency),
            monthly=Money(data["monthly_micros"], currency),
            rate=data["rate"],
            tax_class=data["tax_class"],
        )


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax on what is of ``tax_class``, or on all that is taxed where that is empty. A compound one
    is put on the others too. ``text`` says why the rate is 0."""

    name: str
    rate: int
    is_compound: bool = False
    tax_class: str = ""
    text: str = ""

    def covers(self, tax_class: str) -> bool:
        """Whether it is put on this class."""
        return tax_class != UNTAXED and self.tax_class in ("", tax_class)

    def as_data(self) -> dict[str, Any]:
        """JSON for ``Terms.as_data``."""
        return {
            "name": self.name,
            "rate": self.rate,
            "is_compound": self.is_compound,
            "tax_class": self.tax_class,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class Terms:
    """All that is added to and taken off what was ordered. A discount that lasts stands before one
    that ends, and of those there is one at most. ``promo`` is the promotion code behind one, and
    ``first_free`` says that one is for the client's first number."""

    discounts: tuple[Discount, ...] = ()
    fees: tuple[Fee, ...] = ()
    taxes: tuple[Tax, ...] = ()
    promo: str = ""
    first_free: bool = False

    def as_data(self) -> dict[str, Any]:
        """JSON for ``Quote.as_data``."""
        return {
            "discounts": [discount.as_data() for discount in self.discounts],
            "fees": [fee.as_data() for fee in self.fees],
            "taxes": [tax.as_data() for tax in self.taxes],
            "promo": self.promo,
            "first_free": self.first_free,
        }

    @classmethod
    def from_data(cls, data: dict[str, Any], currency: str) -> Terms:
        """What ``as_data`` wrote."""
        return cls(
            discounts=tuple(Discount.from_data(one, currency) for one in data["discounts"]),
            fees=tuple(Fee.from_data(one, currency) for one in data["fees"]),
            taxes=tuple(Tax(**one) for one in data["taxes"]),
            promo=data["promo"],
            first_free=data["first_free"],
        )


NO_TERMS = Terms()
