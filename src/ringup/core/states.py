"""State machines: a table of legal moves, one conditional UPDATE, one event beside it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from django.db import models


class IllegalMove(Exception):
    """The row's state does not allow this move."""


class StaleState(Exception):
    """Somebody else moved the row first. Reload and look again."""


def move(
    row: models.Model,
    new: str,
    *,
    moves: Mapping[str, Set[str]],
    field: str = "state",
    **also: Any,
) -> None:
    """Move ``row`` from its state to ``new``, or raise and change nothing.

    Call it inside a transaction together with the event that records it. ``also`` are columns
    that change with the state.
    """
    old = str(getattr(row, field))
    if new not in moves.get(old, frozenset()):
        raise IllegalMove(f"{type(row).__name__}: {old} to {new}")
    rows = type(row)._default_manager.filter(**{"pk": row.pk, field: old})
    if rows.update(**{field: new}, **also) != 1:
        raise StaleState(f"{type(row).__name__} {row.pk} is no longer {old}")
    for name, value in {field: new, **also}.items():
        setattr(row, name, value)
