"""Resources and how they refer to each other."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


def now() -> str:
    """As the API writes moments: ``2026-11-22T08:00:00.000Z``."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(slots=True, eq=False)
class Resource:
    """One thing. ``hidden`` is what the API never shows."""

    type: str
    attributes: dict[str, Any]
    relations: dict[str, Resource | list[Resource] | None] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    hidden: dict[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def one(self, name: str) -> Resource | None:
        """The single resource behind a relationship."""
        found = self.relations.get(name)
        return found if isinstance(found, Resource) else None

    def many(self, name: str) -> list[Resource]:
        """The resources behind a relationship, however many it is for."""
        found = self.relations.get(name)
        if isinstance(found, Resource):
            return [found]
        return list(found or [])


class Store:
    """All resources by type and id, in the order in which they were made."""

    def __init__(self) -> None:
        self._by_type: dict[str, dict[str, Resource]] = {}

    def add(self, resource: Resource) -> Resource:
        self._by_type.setdefault(resource.type, {})[resource.id] = resource
        return resource

    def add_all(self, resources: Iterable[Resource]) -> list[Resource]:
        return [self.add(resource) for resource in resources]

    def find(self, kind: str, uid: str) -> Resource | None:
        return self._by_type.get(kind, {}).get(uid)

    def all(self, kind: str) -> list[Resource]:
        return list(self._by_type.get(kind, {}).values())

    def remove(self, resource: Resource) -> None:
        self._by_type.get(resource.type, {}).pop(resource.id, None)

    def types(self) -> set[str]:
        return set(self._by_type)
