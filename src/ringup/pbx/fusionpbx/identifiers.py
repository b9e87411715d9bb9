"""The uuids of one tenant's rows on the PBX, derived from its service so that repeats collide."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from ringup.core.ids import outside_uuid
from ringup.pbx.port import gateway_uuid


@dataclass(frozen=True, slots=True)
class Identifiers:
    """``uid`` and ``generation`` of the service; FusionPBX takes any valid uuid, in lower case."""

    uid: uuid.UUID
    generation: int

    def of(self, kind: str, key: str = "") -> str:
        """The uuid of one row; ``kind`` is the sort of row, ``key`` names it within its sort."""
        return str(outside_uuid(self.uid, self.generation, kind, key))

    @property
    def domain(self) -> str:
        return self.of("domain")

    @property
    def gateway(self) -> str:
        return str(gateway_uuid(self.uid, self.generation))
