"""Submit identity and address to the carrier. Costs nothing, and comes before all that does."""

from __future__ import annotations

from datetime import datetime

from ringup.carriers.papers import PersonKind
from ringup.core.money import Money
from ringup.core.phones import country_name
from ringup.numbers.models import OwnedNumber
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, digest_of
from ringup.regulatory import submitting, withdrawing
from ringup.regulatory.models import RegulatoryFile

KIND_WORDS = {
    PersonKind.PERSONAL: "The identity of a person",
    PersonKind.BUSINESS: "The identity of a business",
}


class IdentitySubmission:
    """Identity and address at the carrier, under references of ours."""

    can_skip = False
    # Submitting twice changes what stands there already.
    settle_seconds = 0.0

    def __init__(self, file: RegulatoryFile, number: OwnedNumber, site: Site) -> None:
        self.file = file
        self.number = number
        self.site = site
        self.key = f"identity-submission/{file.uid}"
        self.target = site.service.account.name

    def change(self) -> PlannedChange:
        zero = Money.zero(self.site.service.account.currency)
        identity, address = submitting.papers_of(self.file)
        wanted = {"file": self.file.uid, "identity": identity.uid, "address": address.uid}
        kind = KIND_WORDS[PersonKind(identity.kind)]
        return PlannedChange(
            key=self.key,
            action="create",
            digest=digest_of(wanted),
            target=self.target,
            text=f"Submit identity and address to {self.target}",
            cost_once=zero,
            cost_monthly=zero,
            parts=(
                f"{kind}, and an address in {country_name(address.country)}. Costs nothing.",
                "Taken back, both are deleted there, unless another number uses them.",
            ),
        )

    def is_done(self) -> bool:
        # Behind the purchase corrections go their own way: staff submits again.
        is_bought = self.number.state == OwnedNumber.State.OWNED
        return is_bought or submitting.is_submitted(self.file, self.site.papers)

    def apply(self, *, run: str, started: datetime) -> list[str]:
        submitting.submit_identity(self.file, self.site.papers)
        return [f"{self.target} has the identity and the address"]

    def undo(self) -> list[str]:
        return [withdrawing.withdraw(self.file, self.site.papers)]
