"""Values out of VoIP.ms's answers, whose types drift: "1", 1 and true are one thing there.

Numbers and ids stay text; what is absent, null or empty is the empty text.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from ringup.core.failures import NothingHappened
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


def readable_list(answer: Row, name: str, key: str) -> list[Row]:
    """The rows under ``name``, from an answer that says what there is and so what there is not.

    Empty only when the client took the answer for "there are none", or for an empty list; anything
    else that is no list, or no bare row with the field ``key``, raises ``NothingHappened``.
    """
    if not answer:
        return []
    value = answer.get(name)
    if isinstance(value, Mapping) and text(value, key):
        return [value]
    found = [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
    if value != [] and not found:
        raise NothingHappened(f"VoIP.ms answered without a list of {name}.")
    return found


def whole_list(answer: Row, name: str, key: str) -> list[Row]:
    """As ``readable_list``; a single row without ``key`` raises as well."""
    found = readable_list(answer, name, key)
    value = answer.get(name)
    count = len(value) if isinstance(value, list) else len(found)
    if count != len(found) or not all(text(row, key) for row in found):
        raise NothingHappened(f"VoIP.ms answered with {name} of which one cannot be read.")
    return found


def money(row: Row, name: str, currency: str) -> Money | None:
    """An amount, cut to millionths; None when the field is no amount."""
    return amount(text(row, name), currency)


def amount(written: str, currency: str) -> Money | None:
    """``7.00`` or ``7.00,`` as money, cut to millionths; None when it is no amount."""
    try:
        number = Decimal(written.rstrip(","))
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    return Money(int(number * MILLION), currency)
