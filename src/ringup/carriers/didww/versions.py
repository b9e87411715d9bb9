"""The two versions of the API that the adapter speaks, and all in which they differ but who asks.

2026-11-19 gave up ``did_group_type``: a group and a requirement say ``number_type``. A group says
``is_demo``. What was called ``vat_id`` among the fields of an identity is asked for as ``tax_id``.
Source: the carrier's list of changes; not tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringup.carriers.port import NumberType

# Told apart by who asks: a key of the account, or a token that was fetched for a while.
WITH_KEY, WITH_TOKEN = "2026-04-16", "2026-11-19"

# In either version's words, once ``word`` has written them alike. Shared cost and global numbers are
# of no kind that is sold here.
NUMBER_TYPES = {
    "local": NumberType.GEOGRAPHIC,
    "national": NumberType.NATIONAL,
    "mobile": NumberType.MOBILE,
    "toll_free": NumberType.TOLL_FREE,
}


def word(value: object) -> str:
    """``Toll-free``, ``toll free`` and ``toll_free`` are one word here, the last."""
    return "_".join(str(value or "").lower().replace("-", " ").replace("_", " ").split())


def number_type(name: object) -> NumberType | None:
    """What a type's name (old) or word (new) stands for; None for what is not sold here."""
    return NUMBER_TYPES.get(word(name))


def says_demo(attributes: Mapping[str, Any], message: object = "") -> bool:
    """Whether the numbers shown of a group are not the ones that it gives: it says so (2026-11-19), or
    the text of its requirement speaks of a demo number, as Germany's does. A guess by a word: there
    is nothing better in the older version."""
    told = attributes.get("is_demo")
    return told if isinstance(told, bool) else "demo" in str(message or "").lower()


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one version is spoken."""

    version: str

    @property
    def has_type_resource(self) -> bool:
        """Whether the type of a number is a resource of its own, and not a word of its group."""
        return self.version < WITH_TOKEN

    def including(self, *names: str) -> str:
        """The value of ``include``: without the type where there is no such resource."""
        gone = frozenset() if self.has_type_resource else frozenset({"did_group_type"})
        return ",".join(name for name in names if name.rpartition(".")[2] not in gone)

    def type_name(self, attributes: Mapping[str, Any], behind: Mapping[str, Any] | None) -> str:
        """The type's name, from a group's or requirement's own attributes or from those of the type
        resource ``behind`` it."""
        name = attributes.get("number_type") or (behind or {}).get("name")
        return str(name or "")
