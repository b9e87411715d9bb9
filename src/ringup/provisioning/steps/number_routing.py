"""Point the number's calls at their goal: a trunk, a telephone or a SIP address."""

from __future__ import annotations

from datetime import datetime

from ringup.carriers.port import Target, ToSipUri, ToTelephone
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.numbers.models import OwnedNumber
from ringup.provisioning.late_digits import digits_of, identity_of
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, digest_of


class NumberRouting:
    """One routing at the carrier, on a number that carries our reference."""

    can_skip = False
    settle_seconds = 0.0

    def __init__(self, number: OwnedNumber, goal: Target, site: Site) -> None:
        self.number = number
        self.goal = goal
        self.site = site
        self.key = f"number-routing/{number.uid}"
        self.target = site.service.account.name

    @property
    def _goal_text(self) -> str:
        match self.goal:
            case ToTelephone(e164=e164):
                return f"telephone {shown(e164)}"
            case ToSipUri(uri=uri):
                return f"SIP address {uri}"
            case _:
                return "the SIP credentials"

    def change(self) -> PlannedChange:
        zero = Money.zero(self.number.account.currency)
        return PlannedChange(
            key=self.key,
            action="change",
            digest=digest_of({"e164": identity_of(self.number), "goal": repr(self.goal)}),
            target=self.target,
            text=f"Send calls to {self.number.words_inside} to {self._goal_text}",
            cost_once=zero,
            cost_monthly=zero,
        )

    def is_done(self) -> bool:
        return bool(self.number.e164) and self.site.carrier.routed_to(self.number.e164, self.goal)

    def apply(self, *, run: str, started: datetime) -> list[str]:
        e164 = digits_of(self.number)
        self.site.carrier.route(e164, self.goal, reference=self.number.uid)
        return [f"{shown(e164)} goes to {self._goal_text}"]

    def undo(self) -> list[str]:
        if self.number.e164:
            self.site.carrier.unroute(self.number.e164, self.goal, reference=self.number.uid)
        return [f"{self.number.words} points at nothing"]
