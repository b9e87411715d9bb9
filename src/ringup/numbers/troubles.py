"""What went wrong in a pass so far, as it stands on its row: another worker may go on with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

# An area is asked for so often in one pass.
TRIES = 3


@dataclass(slots=True)
class Trouble:
    """Of one area: how often it failed, why the last time, and whether it was suddenly empty."""

    tries: int = 0
    problem: str = ""
    is_empty: bool = False


@dataclass(slots=True)
class Troubles:
    """``areas`` by key, in no order. ``rests`` counts how often in a row
    the carrier was found away; ``is_cut`` says that the pass ended before it had asked for all."""

    areas: dict[str, Trouble] = field(default_factory=dict)
    rests: int = 0
    is_cut: bool = False

    def of(self, area: str) -> Trouble:
        return self.areas.setdefault(area, Trouble())

    def tries(self, area: str) -> int:
        return self.areas[area].tries if area in self.areas else 0

    def keep(self, areas: Collection[str]) -> None:
        """Forget those that are none of these: the carrier no longer lists them."""
        self.areas = {key: found for key, found in self.areas.items() if key in areas}

    def settle(self, area: str) -> None:
        """The area was read after all."""
        self.areas.pop(area, None)
        self.rests = 0

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """What ``as_data`` gave; what is missing is as at the beginning of a pass."""
        areas = {
            key: Trouble(int(found["tries"]), str(found["problem"]), found["is_empty"] is True)
            for key, found in data.get("areas", {}).items()
        }
        return cls(areas, int(data.get("rests", 0)), data.get("is_cut") is True)
