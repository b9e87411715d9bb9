"""Model building blocks: money as a pair of columns, and random public uids."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from ringup.core.keys import Keyring, read_keyring
from ringup.core.money import Money


def keyring() -> Keyring:
    """The keyring of this installation (``RINGUP_KEY_FILE``)."""
    return read_keyring(settings.RINGUP_KEY_FILE)


def public_uid() -> models.UUIDField[uuid.UUID, uuid.UUID]:
    """A random uid to show outside; row numbers stay inside."""
    return models.UUIDField(default=uuid.uuid4, unique=True, editable=False)


class MoneyField:
    """One amount as two columns: ``<name>_micros`` (64-bit) and ``<name>_currency``.

    ``price = MoneyField()`` on a model gives ``row.price`` as ``Money``, or None where
    ``null=True`` and nothing is set. Queries use the columns: ``filter(price_micros__gt=0)``;
    ``create`` and ``update`` take ``**money_columns(price=money)``.
    """

    def __init__(self, *, null: bool = False) -> None:
        self.null = null
        self.name = ""

    def contribute_to_class(self, cls: type[models.Model], name: str) -> None:
        self.name = name
        blank: dict[str, Any] = {"null": True, "blank": True, "default": None} if self.null else {}
        micros: models.Field[Any, Any] = models.BigIntegerField(**blank)
        currency: models.Field[Any, Any] = models.CharField(max_length=3, **blank)
        micros.contribute_to_class(cls, f"{name}_micros")
        currency.contribute_to_class(cls, f"{name}_currency")
        setattr(cls, name, self)

    def __get__(self, row: models.Model | None, owner: type[models.Model]) -> Any:
        if row is None:
            return self
        micros = getattr(row, f"{self.name}_micros")
        return None if micros is None else Money(micros, getattr(row, f"{self.name}_currency"))

    def __set__(self, row: models.Model, value: Money | None) -> None:
        setattr(row, f"{self.name}_micros", None if value is None else value.micros)
        setattr(row, f"{self.name}_currency", None if value is None else value.currency)


def money_columns(**amounts: Money) -> dict[str, Any]:
    """Column values for ``create`` and ``update``: ``create(**money_columns(cost=money))``."""
    columns: dict[str, Any] = {}
    for name, money in amounts.items():
        columns |= {f"{name}_micros": money.micros, f"{name}_currency": money.currency}
    return columns
