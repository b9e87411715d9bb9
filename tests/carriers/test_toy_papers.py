"""The contract of papers, kept by the toy: so that it asks nothing that only one carrier has."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from ringup.carriers.papers import (
    Area,
    BlankForm,
    IdentityRule,
    Level,
    PersonKind,
    ProofType,
    Requirement,
    TakesPapers,
)
from ringup.carriers.port import CarrierConnection, NumberType, Standing
from ringup.core.failures import NothingHappened, OutcomeUnknown
from tests.carriers.contract_papers import PapersContract
from tests.carriers.toy import KEY, Toy
from tests.carriers.toy_papers import HEADER, signature
from tests.carriers.toy_telecom import Telecom, toy_telecom

pytestmark = pytest.mark.once
PASSPORT, BILL = ProofType("passport", "Passport"), ProofType("bill", "Utility bill")
FORM = BlankForm("form", "Form", "https://toy.example/form.pdf", True)
LETTER = BlankForm("letter", "Letter", "https://toy.example/letter.pdf", False)
PERSON = IdentityRule(PersonKind.PERSONAL, Level.WORLD_WIDE, (), 1, (PASSPORT,))
FIRM = IdentityRule(PersonKind.BUSINESS, Level.COUNTRY, (), 2, (PASSPORT,), (FORM, LETTER))
LOCAL = NumberType.GEOGRAPHIC
REQUIREMENTS = {
    "berlin": Requirement("b", "DE", LOCAL, (FIRM,), Level.CITY, 1, (BILL,)),
    "koeln": Requirement("k", "DE", LOCAL, (PERSON,), Level.COUNTRY, 0),
    "bonn": None,
}


@dataclass(frozen=True)
class ToyPapersWorld:
    """Implements ``tests.carriers.papers_stage.PapersWorld``."""

    telecom: Telecom

    def open_patient(self, *, reachable: bool = True, patience: float = 5.0) -> TakesPapers:
        url = self.telecom.url if reachable else "https://nobody.toy.example/v1"
        return Toy(CarrierConnection(url, {}, {"key": KEY}))

    def places(self) -> list[str]:
        return [place for place, wanted in REQUIREMENTS.items() if wanted is not None]

    def free_place(self) -> str:
        return "bonn"

    def buy(self, carrier: TakesPapers, place: str) -> uuid.UUID:
        reference = uuid.uuid4()
        carrier.buy_of(place, reference=reference)
        self._stand(reference, Standing.AWAITING_REGISTRATION)
        return reference

    def decide(self, key: str, *, approved: bool) -> None:
        number = self.telecom.papers.decide(key, approved=approved)
        if approved:
            self._stand(number, Standing.ACTIVE)

    def _stand(self, reference: uuid.UUID, standing: Standing) -> None:
        for held in self.telecom.held.values():
            if str(reference) in held.note:
                held.standing = standing

    def rotate_keys(self) -> None:
        """It has none."""

    def lose_reply(self, verb: str, how: str) -> None:
        self.telecom.fail(verb, OutcomeUnknown("no reply"), acts=how != "before")

    def hold_back(self, verb: str) -> None:
        self.telecom.fail(verb, NothingHappened("too many calls", retry_seconds=1))

    def forget_holding_back(self) -> None:
        """It forgets by itself."""

    def made(self) -> dict[str, int]:
        papers = self.telecom.papers
        return {
            "submit_identity": len(papers.identities),
            "submit_address": len(papers.addresses),
            "upload": len(papers.documents),
            "verify": len(papers.sent),
        }

    def opened_files(self) -> list[bytes]:
        return [paper.content for paper, _ in self.telecom.papers.documents.values()]

    def callback(self, kind: str, key: str) -> dict[str, Any]:
        url, body = "https://ringup.example/hooks/1/", f"{kind} {key}".encode()
        headers = {HEADER: signature(Toy.secret, url, body)}
        return {"url": url, "method": "POST", "headers": headers, "body": body}


class TestToyPapers(PapersContract):
    """In this process, without a wire."""

    @pytest.fixture
    def papers_world(self) -> Iterator[ToyPapersWorld]:
        with toy_telecom() as telecom:
            telecom.requirements.update(REQUIREMENTS)
            telecom.address_areas = [Area("c1", "Berlin")]
            yield ToyPapersWorld(telecom)
