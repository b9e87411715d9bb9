"""Rows that belong to a client are read through ``for_client()`` in shop and portal."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)


class ClientRows(models.QuerySet[Row]):
    """A queryset of a model with a ``client`` column."""

    def for_client(self, client: Any) -> Self:
        """Only this client's rows. ``None`` (a stranger) owns nothing."""
        return self.none() if client is None else self.filter(client=client)
