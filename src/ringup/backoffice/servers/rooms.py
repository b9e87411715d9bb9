"""How full a server is, as its pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from ringup.pbx.models import PbxServer

ALMOST_FULL = 0.85


@dataclass(frozen=True, slots=True)
class Room:
    """Claimed by orders, and taken by what others made on the PBX, of ``most``."""

    words: str
    claimed: int
    others: int
    most: int

    @property
    def taken(self) -> int:
        """As a bar shows it: never more than all."""
        return min(self.claimed + self.others, self.most)

    @property
    def tone(self) -> str:
        if self.taken >= self.most:
            return "red"
        return "orange" if self.taken >= ALMOST_FULL * self.most else ""


def rooms_of(server: PbxServer) -> tuple[Room, Room]:
    """Of tenants and of extensions."""
    test = server.last_test
    return (
        Room("tenants", server.claimed_tenants, test.others_tenants, server.max_tenants),
        Room(
            "extensions", server.claimed_extensions, test.others_extensions, server.max_extensions
        ),
    )
