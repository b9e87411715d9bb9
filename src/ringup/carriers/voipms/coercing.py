"""Values out of VoIP.ms's answers, whose types drift: "1", 1 and true are one thing there.

Numbers and ids stay text; what is absent, null or empty is the empty text.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from ringup.core.money import MILLION, Money

Row = Mapping[str, object]

TRUE = frozenset({"1", "true", "yes", "y"})


def text(row: Row, name: str) -> str:
    """The field as text without spaces around it. True and false become 1 and 0."""
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value).strip()


def flag(row: Row, name: str) -> bool:
    return text(row, name).lower() in TRUE


def rows(answer: Row, name: str) -> list[Row]:
    """The list under ``name``: a bare row counts as a list of one, anything else as none."""
    value = answer.get(name)
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, list):
        return [item for item in value if isinstance(item, Mapping)]
    return []


def money(row: Row, name: str, currency: str) -> Money | None:
    """An amount, cut to millionths; None when the field is no amount."""
    try:
        amount = Decimal(text(row, name).rstrip(","))
    except InvalidOperation:
        return None
    if not amount.is_finite():
        return None
    return Money(int(amount * MILLION), currency)
