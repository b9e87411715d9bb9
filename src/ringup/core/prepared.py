"""Queries that are asked with every page: Django writes their SQL once, and not each time.

For a row with its joined rows, writing the SQL takes Django five times as long as asking it does. ::

    @prepared
    def memberships(user: int) -> QuerySet[Membership]:
        return Membership.objects.filter(user=user).select_related("client")

    memberships(7)  # a list of rows

The function is called once in a process, with blanks instead of values; afterwards the values are put
into the blanks. So it may only hand them on to ``filter`` and ``exclude``. What decides how the query
looks is given by name, and each way of looking is written once: ``page(7, newest_first=True)``.
"""

from __future__ import annotations

import datetime
import threading
import time
import uuid
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateField,
    DateTimeField,
    Expression,
    Field,
    Model,
    QuerySet,
    TextField,
    UUIDField,
    prefetch_related_objects,
)

# So many answers of one question are remembered.
MOST_LATE = 1000
Values = ParamSpec("Values")
Row = TypeVar("Row")

_FIELDS: dict[type, type[Field[Any, Any]]] = {
    bool: BooleanField,
    int: BigIntegerField,
    str: TextField,
    uuid.UUID: UUIDField,
    datetime.date: DateField,
    datetime.datetime: DateTimeField,
}


class _Blank(Expression):
    """Stands in a query where one of its values goes."""

    output_field: Field[Any, Any]

    def __init__(self, place: int, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.place = place

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]


class _Written:
    """A query with its SQL. All threads read it; what each of them asks is its own."""

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        compiler: Any = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        self._sql, self._blanks = compiler.as_sql()
        assert not compiler.has_extra_select  # no column is read that the rows do not have
        converters = compiler.get_converters([one[0] for one in compiler.select])
        # From here on Django finds all of it written already, and takes the rows at once: handing them
        # on in portions takes as long as all the rest.
        compiler.execute_sql = lambda *args, **kwargs: [self._fetched()]
        compiler.get_converters = lambda expressions: converters
        query: Any = rows.query
        query.get_compiler = lambda *args, **kwargs: compiler
        self._rows: Any = rows
        self._asked = threading.local()

    def ask(self, values: tuple[Any, ...]) -> list[Any]:
        connection = connections[DEFAULT_DB_ALIAS]
        self._asked.values = tuple(
            one.output_field.get_db_prep_value(values[one.place], connection)
            if isinstance(one, _Blank)
            else one
            for one in self._blanks
        )
        found = list(self._rows._iterable_class(self._rows))
        prefetch_related_objects(found, *self._rows._prefetch_related_lookups)
        return found

    def _fetched(self) -> list[tuple[Any, ...]]:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(self._sql, self._asked.values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows


class Prepared(Generic[Values, Row]):
    """What ``@prepared`` makes of a function."""

    def __init__(self, build: Callable[Values, QuerySet[Any, Row]]) -> None:
        update_wrapper(self, build)
        self._build: Callable[..., QuerySet[Any, Row]] = build
        self._kept: dict[str, _Written] = {}
        self._late: dict[Any, tuple[float, list[Row]]] = {}

    def __call__(self, *values: Values.args, **shape: Values.kwargs) -> list[Row]:
        """The rows, asked now."""
        key = repr(shape)
        written = self._kept.get(key)
        if written is None:
            blanks: Any = [_Blank(n, _FIELDS[type(value)]()) for n, value in enumerate(values)]
            written = self._kept[key] = _Written(self._build(*blanks, **shape))
        return written.ask(values)

    def lately(self, *values: Values.args, **shape: Values.kwargs) -> list[Row]:
        """The rows, as this process read them ``RINGUP_SHELF_SECONDS`` ago at most: for pages that show
        what is asked anew before anything comes of it. Others have these rows too: change none."""
        key = values, repr(shape)
        now = time.monotonic()
        known = self._late.get(key)
        if known is not None and now - known[0] < settings.RINGUP_SHELF_SECONDS:
            return known[1]
        rows = self(*values, **shape)
        if len(self._late) >= MOST_LATE:
            self._late.clear()
        self._late[key] = now, rows
        return rows


def prefetched(row: Model, name: str, rows: list[Any]) -> None:
    """Keep rows as what ``row.name.all()`` gives, as ``prefetch_related`` does."""
    known = getattr(row, name).all()
    known._result_cache = rows
    known._prefetch_done = True
    kept: Any = row
    kept._prefetched_objects_cache = {**getattr(row, "_prefetched_objects_cache", {}), name: known}


def prepared(build: Callable[Values, QuerySet[Any, Row]]) -> Prepared[Values, Row]:
    """Ask what ``build`` describes with other values each time. It returns a list of rows. Values are
    given by place, and none is None; what is given by name takes few values in all."""
    return Prepared(build)
