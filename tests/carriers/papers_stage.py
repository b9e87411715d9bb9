"""What tests of papers need: the carrier's own side, and papers that fit whatever it wants."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from ringup.carriers.papers import (
    AddressPaper,
    DocumentPaper,
    IdentityPaper,
    IdentityRule,
    PersonKind,
    Purpose,
    Requirement,
    TakesPapers,
)
from ringup.carriers.port import Standing

PDF = b"%PDF-1.4 made up"
# The verbs that make something, and how a reply to them may be lost.
MAKING = ["submit_identity", "submit_address", "upload", "verify"]
LOSSES = ["before", "after", "timeout"]


class PapersWorld(Protocol):
    """The side of a carrier that wants papers."""

    def open_patient(self, *, reachable: bool = True, patience: float = 5.0) -> TakesPapers:
        """A new adapter, which waits so many seconds for a reply."""

    def places(self) -> list[str]:
        """Places whose numbers need papers, of all kinds that there are."""

    def free_place(self) -> str:
        """One whose numbers need none."""

    def buy(self, carrier: TakesPapers, place: str) -> uuid.UUID:
        """Buy a number of the place; the reference under which it was bought."""

    def decide(self, key: str, *, approved: bool) -> None:
        """Somebody at the carrier decides a verification."""

    def rotate_keys(self) -> None: ...

    def lose_reply(self, verb: str, how: str) -> None:
        """The next reply to one of ``MAKING`` is lost: before or after it was carried out, or by a
        timeout."""

    def hold_back(self, verb: str) -> None:
        """The next call of one of ``MAKING`` is one too many."""

    def forget_holding_back(self) -> None:
        """Time passes until it may call again."""

    def made(self) -> dict[str, int]:
        """The truth: how many there are of each of ``MAKING``."""

    def opened_files(self) -> list[bytes]:
        """What the carrier reads in the files that are attached to something."""

    def callback(self, kind: str, key: str) -> dict[str, Any]:
        """A signed callback about something, as ``read_callback`` takes it."""


@dataclass(frozen=True)
class Filled:
    """Papers at the carrier that fit a requirement."""

    requirement: Requirement
    identity: str
    address: str
    forms: tuple[DocumentPaper, ...]
    description: str


def identity_of(requirement: Requirement, kind: PersonKind, **changes: Any) -> IdentityPaper:
    """One with every fact that anybody could ask for."""
    paper = IdentityPaper(
        reference=uuid.uuid4(),
        kind=kind,
        first_name="Ann",
        last_name="Bell",
        phone="+27105550100",
        company_name="Acme" if kind == PersonKind.BUSINESS else "",
        country=requirement.country,
        birth_date=date(1990, 1, 31),
        birth_country=requirement.country,
        id_number="ID-1",
        personal_tax_id="TAX-1",
        vat_id="VAT-1",
        company_reg_number="2026/1" if kind == PersonKind.BUSINESS else "",
        contact_email="ann@example.com",
    )
    return replace(paper, **changes)


def address_of(carrier: TakesPapers, requirement: Requirement, **changes: Any) -> AddressPaper:
    areas = carrier.address_areas(requirement)
    paper = AddressPaper(
        reference=uuid.uuid4(),
        country=requirement.country,
        city="Johannesburg",
        postal_code="2000",
        street="1 Main Road",
        area=areas[0].key if areas else "",
    )
    return replace(paper, **changes)


def document(purpose: Purpose, type_key: str, content: bytes = PDF) -> DocumentPaper:
    return DocumentPaper(uuid.uuid4(), purpose, type_key, "application/pdf", content)


def documents_for(requirement: Requirement, rule: IdentityRule) -> list[DocumentPaper]:
    """Those that are uploaded before the number is bought."""
    return [
        *(document(Purpose.IDENTITY, rule.types[0].key) for _ in range(rule.proofs)),
        *(
            document(Purpose.ADDRESS, requirement.address_types[0].key)
            for _ in range(requirement.address_proofs)
        ),
        *(document(Purpose.PERMANENT_FORM, form.key) for form in rule.forms if form.is_permanent),
    ]


def fill(carrier: TakesPapers, place: str, kind: PersonKind | None = None) -> Filled:
    """All that a place needs, sent to the carrier."""
    requirement = carrier.requirement(place)
    assert requirement is not None
    rule = requirement.rule(kind) if kind else requirement.identities[0]
    assert rule is not None
    identity = carrier.submit_identity(identity_of(requirement, rule.kind))
    address = carrier.submit_address(address_of(carrier, requirement), identity=identity)
    for paper in documents_for(requirement, rule):
        carrier.upload(paper, identity=identity, address=address)
    return Filled(
        requirement,
        identity,
        address,
        forms=tuple(
            document(Purpose.ONE_TIME_FORM, form.key)
            for form in rule.forms
            if not form.is_permanent
        ),
        description="Calls of an office" if requirement.needs_service_description else "",
    )


@dataclass
class Stage:
    """All that the four verbs need, and what each does."""

    world: PapersWorld
    place: str
    requirement: Requirement
    identity: IdentityPaper
    address: AddressPaper
    paper: DocumentPaper
    number: uuid.UUID
    reference: uuid.UUID
    filled: Filled

    def do(self, carrier: TakesPapers, verb: str) -> str:
        if verb == "submit_identity":
            return carrier.submit_identity(self.identity)
        if verb == "submit_address":
            return carrier.submit_address(self.address, identity=self.filled.identity)
        if verb == "upload":
            return carrier.upload(
                self.paper, identity=self.filled.identity, address=self.filled.address
            )
        return carrier.verify(
            self.reference,
            number=self.number,
            address=self.filled.address,
            forms=self.filled.forms,
            service_description=self.filled.description,
        ).key


# Which of a world's places it is: asked once, since all worlds of a kind are made alike.
_most_forms: dict[type[PapersWorld], int] = {}


def place_with_most_forms(world: PapersWorld, carrier: TakesPapers) -> str:
    places = world.places()
    if type(world) not in _most_forms:
        forms = [forms_of(carrier, place) for place in places]
        _most_forms[type(world)] = forms.index(max(forms))
    return places[_most_forms[type(world)]]


def forms_of(carrier: TakesPapers, place: str) -> int:
    """How many forms go with each verification for a number of the place."""
    requirement = carrier.requirement(place)
    assert requirement is not None
    return sum(not form.is_permanent for form in requirement.identities[0].forms)


def standing_of(carrier: TakesPapers, reference: uuid.UUID) -> Standing:
    number = carrier.find_reference(reference)
    assert number is not None
    return number.standing
