"""The mails that Ringup sends: what each is called, when and to whom it goes, and what its words may
name. Each part declares its own (``RINGUP_MAIL_EVENTS`` lists where)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


class Audience(enum.StrEnum):
    """Who reads a mail: the frame around it speaks to them."""

    CLIENT = "client"
    STAFF = "staff"


class Opens(enum.StrEnum):
    """What a link in a mail opens to whoever has it."""

    LOGIN = "login"
    CREDENTIALS = "credentials"


@dataclass(frozen=True, slots=True)
class MergeField:
    """One name that a template may use. ``example`` is a text, number, bool or, with ``parts``, a list
    of mappings. An ``is_optional`` one may be left out by the caller, and is then empty."""

    name: str
    words: str
    example: Any
    parts: tuple[MergeField, ...] = ()
    opens: Opens | None = None
    is_optional: bool = False

    @property
    def is_list(self) -> bool:
        return bool(self.parts)


COMMON = (
    MergeField("brand_name", "What the brand is called.", "Ringup Telecom"),
    MergeField(
        "support_email",
        "Where the brand answers questions.",
        "help@ringup.example",
        is_optional=True,
    ),
)


@dataclass(frozen=True, slots=True)
class MailEvent:
    """One mail. ``name`` is its templates' file name; ``about`` is the kind of thing that it can be
    shown with: "order", "client", or nothing."""

    name: str
    title: str
    when: str
    to: str
    audience: Audience
    own_fields: tuple[MergeField, ...]
    about: str = ""

    @property
    def fields(self) -> tuple[MergeField, ...]:
        """All merge fields, the common ones last."""
        return (*self.own_fields, *COMMON)

    @property
    def examples(self) -> dict[str, Any]:
        """A value for each merge field."""
        return {field.name: field.example for field in self.fields}


@lru_cache(maxsize=8)
def _declared(paths: tuple[str, ...]) -> Mapping[str, MailEvent]:
    events: list[MailEvent] = [event for path in paths for event in import_string(path)]
    found = {event.name: event for event in events}
    if len(found) != len(events):
        raise ValueError("two mails have one name")
    return found


def all_events() -> Mapping[str, MailEvent]:
    """Every declared mail, by its name."""
    return _declared(tuple(settings.RINGUP_MAIL_EVENTS))


def event_of(name: str) -> MailEvent | None:
    """The declaration behind a template's name; None where nobody has declared it."""
    return all_events().get(name)
