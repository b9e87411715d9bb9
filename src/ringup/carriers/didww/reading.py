"""JSON:API documents as values: resources that know what they are related to.

Tolerant on purpose: a type, an attribute or a value that is not known here changes nothing for the
others. Money is a decimal text on the wire and never becomes a float.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ringup.core.money import MILLION, Money

Key = tuple[str, str]
Index = dict[Key, "Resource"]


class Unreadable(ValueError):
    """This is no JSON:API document, or it lacks what every one of them has."""


@dataclass(frozen=True, slots=True, repr=False)
class Resource:
    """One thing. Its attributes may hold secrets, so it has no telling repr."""

    type: str
    id: str
    attributes: Mapping[str, Any]
    meta: Mapping[str, Any]
    _links: Mapping[str, Any]
    _index: Index

    def __repr__(self) -> str:
        return f"<{self.type} {self.id}>"

    def text(self, name: str) -> str:
        """The attribute as text without spaces around it; absent and null are empty."""
        value = self.attributes.get(name)
        return "" if value is None else str(value).strip()

    def flag(self, name: str) -> bool:
        return is_true(self.attributes.get(name))

    def whole(self, name: str) -> int:
        """The attribute as a whole number; 0 when it is none."""
        value = self.attributes.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else 0

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; null and anything else are an empty one, a bare text a list of one."""
        value = self.attributes.get(name)
        if isinstance(value, str):
            return (value,) if value else ()
        return tuple(str(one) for one in value) if isinstance(value, list) else ()

    def money(self, name: str, currency: str) -> Money | None:
        """An amount, cut to millionths; None when the attribute is no amount."""
        return amount(self.attributes.get(name), currency)

    def moment(self, name: str) -> datetime | None:
        """An aware moment; None when the attribute is none."""
        try:
            found = datetime.fromisoformat(self.text(name))
        except ValueError:
            return None
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def inner(self, name: str) -> Resource | None:
        """An attribute that is itself ``{"type", "attributes"}``: a configuration, a method."""
        value = self.attributes.get(name)
        if not isinstance(value, dict):
            return None
        inside = value.get("attributes")
        facts = inside if isinstance(inside, dict) else {}
        return Resource(str(value.get("type") or ""), "", facts, {}, {}, {})

    def keys(self, name: str) -> list[Key]:
        """Type and id of what a relationship leads to, whether or not it was sent along."""
        return list(_keys(self._links.get(name)))

    def one(self, name: str) -> Resource | None:
        """What stands behind a relationship; None when nothing does, or it was not sent along."""
        return next(iter(self.many(name)), None)

    def many(self, name: str) -> list[Resource]:
        return [found for key in self.keys(name) if (found := self._index.get(key))]


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """One answer: its resources, whether it was a list, and how many there are on all pages."""

    resources: list[Resource]
    is_list: bool
    total: int | None = None
    has_next: bool = False
    api_version: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)


def document(content: object) -> Document:
    """The JSON of an answer as resources. ``Unreadable`` when it has no data that could be read."""
    if not isinstance(content, dict) or "data" not in content:
        raise Unreadable("no data")
    data, meta, links = content["data"], _mapping(content, "meta"), _mapping(content, "links")
    rows = data if isinstance(data, list) else [data]
    index: Index = {}
    extra = content.get("included")
    for row in extra if isinstance(extra, list) else []:
        if isinstance(row, dict) and row.get("type") and row.get("id"):
            found = _resource(row, index)
            index[(found.type, found.id)] = found
    total = meta.get("total_records")
    return Document(
        resources=[_strict(row, index) for row in rows],
        is_list=isinstance(data, list),
        total=total if isinstance(total, int) else None,
        has_next=bool(links.get("next")),
        api_version=version_of(content),
        meta=meta,
    )


def version_of(content: object) -> str:
    """The API version in which an answer speaks; empty when it does not say."""
    meta = _mapping(content, "meta") if isinstance(content, dict) else {}
    return str(meta.get("api_version") or "")


def is_true(value: object) -> bool:
    return value is True or str(value).strip().lower() in ("true", "1")


def amount(value: object, currency: str) -> Money | None:
    """``79.2`` as money, cut to millionths; None when it is no amount. Never through a float."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return Money(int(number * MILLION), currency) if number.is_finite() else None


def _strict(row: object, index: Index) -> Resource:
    if not isinstance(row, dict) or not row.get("type") or not row.get("id"):
        raise Unreadable("a resource without type or id")
    return _resource(row, index)


def _resource(row: dict[str, Any], index: Index) -> Resource:
    links = {
        name: value["data"]
        for name, value in _mapping(row, "relationships").items()
        if isinstance(value, dict) and "data" in value
    }
    kind, uid = str(row["type"]), str(row["id"])
    return Resource(kind, uid, _mapping(row, "attributes"), _mapping(row, "meta"), links, index)


def _mapping(row: dict[str, Any], name: str) -> dict[str, Any]:
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def _keys(linked: object) -> Iterator[Key]:
    for one in linked if isinstance(linked, list) else [linked]:
        if isinstance(one, dict) and one.get("type") and one.get("id"):
            yield str(one["type"]), str(one["id"])
