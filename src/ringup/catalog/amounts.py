"""Amounts as people write and read them in forms and spreadsheets: digits, without a symbol."""

from __future__ import annotations

import re
from decimal import Decimal

from ringup.core.money import Money, coin_of, places_of

MOST = 100_000_000
_AMOUNT = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,12})?")
_THOUSANDS_OR_DECIMALS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")


class BadAmount(ValueError):
    """This text is no amount. The message is a sentence that says what to write."""


def amount_of(text: str, *, most: int = MOST, comma: bool = True) -> Decimal:
    """``79``, ``79.00`` or, with ``comma``, ``79,00``: not negative, exact to a millionth, at most
    ``most``."""
    text = text.strip()
    if not _AMOUNT.fullmatch(text):
        raise BadAmount("Write the amount with digits alone, for example 79.00.")
    if "," in text and not comma:
        raise BadAmount(
            f"Write {text.replace(',', '.')}, with a point: the comma parts columns here."
        )
    if _THOUSANDS_OR_DECIMALS.fullmatch(text):
        raise BadAmount(
            f"{text} could be a thousand or a fraction. Write "
            f"{text.replace(',', '')} or {text.replace(',', '.')}."
        )
    amount = Decimal(text.replace(",", "."))
    if amount != round(amount, 6):
        raise BadAmount("Write at most six digits behind the point.")
    if amount > most:
        raise BadAmount(f"Write at most {most:,}.")
    return amount


def is_whole_coins(money: Money) -> bool:
    """Whether it can be paid: no fraction of a cent."""
    return money.micros % coin_of(money.currency) == 0


def plain(money: Money) -> str:
    """``1.50``, for a form or a spreadsheet; finer amounts keep their digits (``0.0095``)."""
    return plain_amount(money.amount, money.currency)


def plain_amount(amount: Decimal, currency: str) -> str:
    """The same for a bare number."""
    places = places_of(currency)
    exact = amount == round(amount, places)
    return f"{amount:.{places}f}" if exact else f"{amount.normalize():f}"
