"""Register the number: send the papers in for it, and wait until the carrier has approved them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from ringup.carriers.papers import Verdict
from ringup.carriers.port import Capability, CarrierNumber, Standing
from ringup.core.failures import NothingHappened, OutcomeUnknown, Refused
from ringup.core.money import Money
from ringup.core.sentences import as_sentences
from ringup.numbers.models import OwnedNumber
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, Waiting, digest_of
from ringup.regulatory import submitting, withdrawing
from ringup.regulatory.models import RegulatoryFile
from ringup.services.learning import learn_digits

_State = RegulatoryFile.State
# How soon we ask again: soon at first, for a carrier that decides by itself, then like a patient
# person. A callback wakes the run earlier.
SOONEST, LATEST = 2.0, 900.0
# So long a carrier may need to list what it sold.
LISTED_WITHIN = timedelta(hours=1)
WAITS = {
    _State.PENDING_REVIEW: "The papers wait to be looked at here. Submit them again",
    _State.IDENTITY_CONFIRMED: "The documents wait here. Upload the proofs",
    _State.REJECTED: "{carrier} rejected the papers: {reasons} Ask the client for a correction, or "
    "submit again",
    _State.BLOCKED: "{carrier} has blocked the number. Ask its support",
    _State.TERMINATED: "{carrier} has terminated the number. Reset the purchase to buy another",
}


class NumberRegistration:
    """Done when the number is active at the carrier, and we know its digits."""

    can_skip = False

    def __init__(self, file: RegulatoryFile, number: OwnedNumber, site: Site) -> None:
        self.file = file
        self.number = number
        self.site = site
        self.key = f"number-registration/{number.uid}"
        self.target = site.service.account.name
        # How long papers that were sent in, and whose reply was lost, may need until they show.
        self.settle_seconds = float(settings.RINGUP_SETTLE_SECONDS)

    def change(self) -> PlannedChange:
        zero = Money.zero(self.site.service.account.currency)
        return PlannedChange(
            key=self.key,
            action="change",
            digest=digest_of({"file": self.file.uid, "number": self.number.uid}),
            target=self.target,
            text="Send the papers in for the number, and wait until it is registered",
            cost_once=zero,
            cost_monthly=zero,
            parts=(
                f"{self.target} looks at them, usually for one to three business days. All else goes "
                "on by itself when it has approved them.",
            ),
        )

    def is_done(self) -> bool:
        try:
            found = self._find()
        except NothingHappened:
            return False  # the carrier is away: ``apply`` says so, and waits
        return self._is_active(found)

    def apply(self, *, run: str, started: datetime) -> list[str]:
        try:
            return self._go_on(self._find())
        except NothingHappened as away:
            raise Waiting(f"{away} We ask again", seconds=self._pause()) from away

    def _go_on(self, found: CarrierNumber | None) -> list[str]:
        if found is None:
            raise Waiting(self._not_listed(), seconds=self._pause())
        if self._is_active(found):
            return [f"{self.number.words} is registered and active"]
        verdict = self._verdict()
        # Approved papers and an active number do not show at once.
        if verdict is Verdict.APPROVED and self._is_active(self._find()):
            return [f"{self.number.words} is registered and active"]
        raise Waiting(self._waits_for(verdict), seconds=self._pause())

    def _not_listed(self) -> str:
        """A number that was just bought may not be listed yet. One that is not any more was taken back:
        nobody but staff decides to buy another."""
        bought = self.number.bought or timezone.now()
        if timezone.now() - bought > LISTED_WITHIN:
            submitting.note_standing(self.file, Standing.TERMINATED)
        return f"{self.target} lists no number under the reference {self.number.uid}"

    def _verdict(self) -> Verdict | None:
        """What the carrier says of the papers, which are sent in when they are ready. None while they
        wait for a person here, or were refused at the counter."""
        file, carrier = self.file, self.site.papers
        if file.state not in submitting.READY:
            # A carrier may change its mind about papers that it had rejected.
            if file.state == _State.REJECTED:
                submitting.look_at_verdict(file, carrier)
            return None
        try:
            return submitting.register(file, carrier, number=self.number.uid).verdict
        except Refused:
            return None

    def _find(self) -> CarrierNumber | None:
        """The number that was bought under our reference, as the carrier has it now."""
        number, carrier = self.number, self.site.carrier
        if Capability.BY_PLACE in carrier.capabilities:
            try:
                return carrier.find_reference(number.uid)
            except OutcomeUnknown:
                return None  # it was listed, and is not: ``_not_listed`` says what follows
        return carrier.find_number(number.e164)

    def _is_active(self, found: CarrierNumber | None) -> bool:
        """Whether it works, and we know its digits: those of before may have been for show. How it
        stands is written down."""
        if found is None:
            return False
        is_active = found.standing is Standing.ACTIVE
        if is_active and self.number.is_by_place:
            learn_digits(self.number, found.e164)
        if is_active and not self.number.e164:
            return False
        if is_active and self.file.state != _State.ACTIVE:
            submitting.look_at_verdict(self.file, self.site.papers)
        submitting.note_standing(self.file, found.standing)
        return is_active

    def _waits_for(self, verdict: Verdict | None) -> str:
        words = WAITS.get(_State(self.file.state))
        if words is None and verdict is Verdict.APPROVED:
            return f"{self.target} has approved the papers and registers the number"
        if words is None:
            label = self.file.verification_label
            return f"{self.target} looks at the papers{f' ({label})' if label else ''}"
        reasons = as_sentences([*self.file.reasons, self.file.comment])
        return words.format(carrier=self.target, reasons=reasons)

    def _pause(self) -> float:
        """A tenth of the time that we have waited already."""
        sent = self.file.verification_sent or self.file.changed
        waited = (timezone.now() - sent) / timedelta(seconds=10)
        return min(max(waited, SOONEST), LATEST)

    def undo(self) -> list[str]:
        withdrawing.forget_attempt(self.file)
        return ["What was sent in for the number ends with it; another number is verified anew"]
