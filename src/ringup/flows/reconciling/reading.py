"""What a difference says, as typed values: ``Discrepancy.detail`` is JSON that a pass wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ringup.core.money import Money
from ringup.flows.reconciling.books import Standing
from ringup.flows.reconciling.comparing import as_reference
from ringup.numbers.models import Discrepancy


@dataclass(frozen=True, slots=True)
class Reading:
    """One row, readable. What an older version did not write is empty."""

    row: Discrepancy

    @property
    def reference(self) -> str:
        """What stands at the carrier where our reference goes; empty when nothing does."""
        return str(self.row.detail.get("reference", ""))

    @property
    def has_our_form(self) -> bool:
        """Whether the reference is of the form that this program writes."""
        return as_reference(self.reference) is not None

    @property
    def target(self) -> str:
        """The carrier's word for where the calls go."""
        return str(self.row.detail.get("target", ""))

    @property
    def monthly(self) -> Money | None:
        """What the carrier takes a month; None where it does not tell."""
        return money_from(self.row.detail.get("monthly"))

    @property
    def cost(self) -> Money | None:
        """What we believed it to cost a month."""
        return money_from(self.row.detail.get("cost"))

    @property
    def likely_cost(self) -> Money | None:
        """What it costs a month, as far as anybody told: the carrier now, or our own row once."""
        return self.monthly or self.cost or money_from(self.whose.get("cost"))

    @property
    def is_confirmed(self) -> bool:
        """Whether more than one look has shown it."""
        return self.row.detail.get("confirmed") is True

    @property
    def is_on_shelf(self) -> bool:
        """Whether it is about a number on our own shelf."""
        return self.row.detail.get("standing") in (Standing.SHELF, Standing.WITHDRAWN)

    @property
    def whose(self) -> dict[str, Any]:
        """Who had it once, as ``origins`` found it; empty when nobody did."""
        found: dict[str, Any] = self.row.detail.get("whose", {})
        return found

    @property
    def elsewhere(self) -> str:
        """The account where we have the same number now; empty when we do not."""
        return str(self.row.detail.get("elsewhere", ""))

    @property
    def note(self) -> str:
        """Why it is meant to be so, in the words of whoever accepted it."""
        return str(self.row.detail.get("note", ""))

    @property
    def accepted_by(self) -> str:
        return str(self.row.detail.get("accepted_by", ""))


def money_from(data: Any) -> Money | None:
    """What ``money_data`` wrote."""
    return Money(int(data[0]), str(data[1])) if isinstance(data, list) and len(data) == 2 else None
