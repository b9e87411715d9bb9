"""What a connection test found, as the port gives it and as the account's row keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ringup.core.money import Money


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """What the connection test found. ``problem`` and ``remedy`` are empty when all is well.

    ``features`` are short lines about what the account has and may do; ``choices`` the values that
    the carrier listed for declared settings, by the setting's name.
    """

    works: bool
    our_address: str
    balance: Money | None
    problem: str = ""
    remedy: str = ""
    features: tuple[str, ...] = ()
    choices: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    took_seconds: float = 0.0

    def as_data(self) -> dict[str, Any]:
        """JSON for the account's row. Nothing in a report is secret."""
        return {
            "works": self.works,
            "our_address": self.our_address,
            "balance_micros": self.balance.micros if self.balance is not None else None,
            "balance_currency": self.balance.currency if self.balance is not None else "",
            "problem": self.problem,
            "remedy": self.remedy,
            "features": list(self.features),
            "choices": {
                name: [list(pair) for pair in found] for name, found in self.choices.items()
            },
            "took_seconds": round(self.took_seconds, 3),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The report that ``as_data`` wrote; what an older one lacks is empty."""
        micros = data.get("balance_micros")
        choices = data.get("choices", {})
        return cls(
            works=data.get("works") is True,
            our_address=str(data.get("our_address", "")),
            balance=None if micros is None else Money(micros, data["balance_currency"]),
            problem=str(data.get("problem", "")),
            remedy=str(data.get("remedy", "")),
            features=tuple(data.get("features", ())),
            choices={name: tuple((v, label) for v, label in choices[name]) for name in choices},
            took_seconds=float(data.get("took_seconds", 0)),
        )
