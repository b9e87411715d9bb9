"""What the last test of a server found, as it is stored beside the server: no secret is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class LastTest:
    """``failure`` is a sentence where the PBX itself could not be looked at; the counts are then
    those of the test before. ``notes`` are findings that stop nobody. ``name`` is the random one
    that DNS was asked for."""

    failure: str = ""
    version: str = ""
    dialect: str = ""
    dialplan_mode: str = ""
    cache_method: str = ""
    hostname: str = ""
    prepared: bool = False
    tenants: int = 0
    extensions: int = 0
    others_tenants: int = 0
    others_extensions: int = 0
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    name: str = ""
    addresses: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether nothing needs to be mended."""
        return not self.failure and not self.problems

    @property
    def complaints(self) -> tuple[str, ...]:
        """Everything to mend."""
        return (self.failure, *self.problems) if self.failure else self.problems

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> LastTest:
        """Of an older version too: what it did not know is empty, what we do not know is left out."""
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in data.items()
            if name in known
        }
        return cls(**values)
