"""Who did something, and for whom: values, never foreign keys upwards."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """``name`` is ``user:<id>``, ``staff:<id>`` or ``ringup`` itself; ``label`` is for people.

    ``on_behalf_of`` has the same form, when staff acts for a client.
    """

    name: str
    label: str
    on_behalf_of: str = ""


RINGUP = Actor("ringup", "Ringup")
GUEST = Actor("guest", "Guest")
