"""Identifiers: random uids of our own rows, and derived ones for what we make outside.

A derived identifier is the same in every process and after every crash, so that two attempts
to make one thing collide where they must. No Django here.
"""

from __future__ import annotations

import base64
import uuid

# Made once for Ringup; changing it would orphan everything ever made outside.
RINGUP = uuid.UUID("6f1c2f0e-3b0a-5c77-9d5e-6a0c2f6b7a11")


def outside_uuid(uid: uuid.UUID, generation: int, kind: str, key: str = "") -> uuid.UUID:
    """The uuid of one outside thing of a service: ``kind`` names the sort, ``key`` which one.

    ``generation`` rises when a removed tenant is built again, so that the old one's traces
    are never taken for the new one's.
    """
    return uuid.uuid5(RINGUP, f"{uid}/{generation}/{kind}/{key}")


def letters(value: uuid.UUID, count: int = 10) -> str:
    """``count`` (at most 25) lower-case letters and digits 2-7 taken from a uuid."""
    text = base64.b32encode(value.bytes).decode().rstrip("=").lower()
    return text[:count]
