"""One difference in words: what it is, what is known of it, what it costs, what can be done."""

from __future__ import annotations

from dataclasses import dataclass

from ringup.backoffice.badges import Badge
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.flows.reconciling.orphans import needs_care
from ringup.flows.reconciling.reading import Reading
from ringup.numbers.models import Discrepancy, OwnedNumber

Kind = Discrepancy.Kind
BADGES = {
    Kind.MISSING: Badge("red", "fail", "Missing"),
    Kind.ORPHAN: Badge("orange", "alert", "Orphan"),
    Kind.FOREIGN: Badge("purple", "id", "Other reference"),
    Kind.PRICE: Badge("yellow", "drift", "Other price"),
}
# The gravest first.
ORDER = (Kind.MISSING, Kind.ORPHAN, Kind.FOREIGN, Kind.PRICE)
NOWHERE = frozenset({"", "none:", "nowhere"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A difference as pages show it. Reads nothing but what its row brought along."""

    row: Discrepancy

    @property
    def reading(self) -> Reading:
        return Reading(self.row)

    @property
    def badge(self) -> Badge:
        return BADGES[Kind(self.row.kind)]

    @property
    def owner(self) -> str:
        """The client who has the number; empty for one that nobody has."""
        return self.row.number.client.name if self.row.number else ""

    @property
    def sentence(self) -> str:
        """What is so."""
        reading, provider = self.reading, self.row.account.name
        match self.row.kind:
            case Kind.ORPHAN:
                return f"{provider} bills it, and nobody here uses it."
            case Kind.MISSING if reading.is_on_shelf:
                return f"It stands on your shelf, and {provider} does not have it any more."
            case Kind.MISSING:
                return f"{self.owner} pays for it, and {provider} does not have it any more."
            case Kind.FOREIGN:
                what = (
                    f"the reference “{reading.reference}”" if reading.reference else "no reference"
                )
                return f"{provider} shows {what}, and not ours."
        return f"{provider} takes {reading.monthly} a month; it is booked with {reading.cost}."

    @property
    def hints(self) -> list[str]:
        """What else is known, a sentence each."""
        reading, found = self.reading, []
        if self.row.kind == Kind.ORPHAN:
            found += self._history()
            if reading.elsewhere:
                found.append(f"We have the same number at {reading.elsewhere} now.")
            if reading.target not in NOWHERE:
                found.append(f"Its calls go to {reading.target}.")
        if self.row.kind == Kind.FOREIGN:
            found.append(
                "Ringup neither routes nor gives back a number that does not carry its reference."
            )
        if not reading.is_confirmed:
            found.append("Seen once in the carrier's list only, not confirmed yet.")
        return found

    def _history(self) -> list[str]:
        reading = self.reading
        whose = reading.whose
        if whose:
            at = f" at {whose['account']}" if whose.get("account") else ""
            if whose.get("e164") != self.row.e164:
                return [f"Its reference is that of {shown(whose['e164'])}, {whose['client']}{at}."]
            verb = "was" if whose.get("state") == OwnedNumber.State.RELEASED else "is"
            mark = ", and still carries that reference" if whose.get("by") == "reference" else ""
            return [f"It {verb} {whose['client']}’s{at}{mark}."]
        if reading.has_our_form:
            return ["It carries the reference of another installation, or of a lost database."]
        return [f"The carrier's note says “{reading.reference}”."] if reading.reference else []

    # -- money ------------------------------------------------------------------------------------

    @property
    def lost(self) -> Money | None:
        """What it costs a month without bringing anything; None where nobody told."""
        return self.reading.likely_cost if self.row.kind == Kind.ORPHAN else None

    @property
    def rise(self) -> Money | None:
        """By how much the carrier's price is higher than ours; None between two currencies."""
        monthly, cost = self.reading.monthly, self.reading.cost
        if self.row.kind != Kind.PRICE or monthly is None or cost is None:
            return None
        return monthly - cost if monthly.currency == cost.currency else None

    @property
    def paid(self) -> Money | None:
        """What the client pays a month for a number that is gone."""
        number = self.row.number
        return number.price_monthly if number and self.row.kind == Kind.MISSING else None

    # -- what can be done -------------------------------------------------------------------------

    @property
    def can_shelve(self) -> bool:
        return self.row.kind == Kind.ORPHAN and not self.reading.elsewhere

    @property
    def is_plain_orphan(self) -> bool:
        """Whether one click may put it on the shelf: nobody else has left a mark on it, nothing is
        routed, and what it costs is known."""
        reading = self.reading
        is_ours = not reading.reference or reading.whose.get("by") == "reference"
        is_idle = reading.target in NOWHERE or bool(reading.whose)
        return self.can_shelve and is_ours and is_idle and self.lost is not None

    @property
    def can_buy(self) -> bool:
        number = self.row.number
        return self.row.kind == Kind.MISSING and number is not None and not number.is_own_stock

    @property
    def can_withdraw(self) -> bool:
        return self.row.kind == Kind.MISSING and self.row.number is None

    @property
    def wants_care(self) -> bool:
        """Whether giving it back may hit somebody else. One query."""
        return needs_care(self.row.e164, self.reading.reference)
