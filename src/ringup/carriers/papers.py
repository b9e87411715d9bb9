"""What Ringup asks of a carrier that wants identity papers before a number works.

An adapter that declares ``Capability.PAPERS`` has the methods of ``TakesPapers`` beside those of the
port. The rules come from the carrier: what a number needs is a ``Requirement``, and nothing here
knows a country. Papers hold what must not leak: their values have no repr.
"""

from __future__ import annotations

import enum
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, Self

from ringup.carriers.port import Carrier, NumberType


class PersonKind(enum.StrEnum):
    """Whose papers they are."""

    PERSONAL = "personal"
    BUSINESS = "business"


class Level(enum.StrEnum):
    """How near to the number somebody must live, or an address must lie."""

    WORLD_WIDE = "world-wide"
    COUNTRY = "country"
    AREA = "area"
    CITY = "city"


class IdentityField(enum.StrEnum):
    """What a carrier may want to know beside name and telephone."""

    BIRTH_DATE = "birth_date"
    BIRTH_COUNTRY = "birth_country"
    COUNTRY = "country"
    ID_NUMBER = "id_number"
    PERSONAL_TAX_ID = "personal_tax_id"
    VAT_ID = "vat_id"
    COMPANY_REG_NUMBER = "company_reg_number"
    CONTACT_EMAIL = "contact_email"


class Purpose(enum.StrEnum):
    """What a document is for. A form is a blank one of the carrier, filled in: a permanent form
    belongs to the identity, another is sent with every verification."""

    IDENTITY = "identity"
    ADDRESS = "address"
    PERMANENT_FORM = "permanent-form"
    ONE_TIME_FORM = "one-time-form"


@dataclass(frozen=True, slots=True)
class ProofType:
    """A kind of document that proves something (passport, utility bill). ``key`` is the carrier's."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class BlankForm:
    """A form of the carrier to fill in and sign. ``url`` is where the blank one is: http(s), or
    empty."""

    key: str
    name: str
    url: str
    is_permanent: bool


@dataclass(frozen=True, slots=True)
class IdentityRule:
    """What is wanted of one kind of person: ``proofs`` documents of the ``types``, and the forms."""

    kind: PersonKind
    level: Level
    fields: tuple[IdentityField, ...] = ()
    proofs: int = 0
    types: tuple[ProofType, ...] = ()
    forms: tuple[BlankForm, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """All that one kind of number needs. ``identities`` has a rule for each kind that is taken.

    ``notice`` is the carrier's own text, plain. ``shows_demo_numbers``: the number that the carrier
    shows before the registration is not the one that it gives.
    ``proof_months``: how old a proof of address may be.
    """

    key: str
    country: str
    number_type: NumberType
    identities: tuple[IdentityRule, ...]
    address_level: Level
    address_proofs: int = 0
    address_types: tuple[ProofType, ...] = ()
    needs_service_description: bool = False
    notice: str = ""
    shows_demo_numbers: bool = False
    proof_months: int = 3

    def rule(self, kind: PersonKind) -> IdentityRule | None:
        """The rule for a kind of person; None where the carrier does not take that kind."""
        return next((rule for rule in self.identities if rule.kind == kind), None)

    def as_data(self) -> dict[str, Any]:
        """JSON for the row that freezes it."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The requirement that ``as_data`` wrote."""
        return cls(
            **{
                **data,
                "number_type": NumberType(data["number_type"]),
                "identities": tuple(_rule_from(rule) for rule in data["identities"]),
                "address_level": Level(data["address_level"]),
                "address_types": _types_from(data["address_types"]),
            }
        )


def _rule_from(data: Mapping[str, Any]) -> IdentityRule:
    return IdentityRule(
        kind=PersonKind(data["kind"]),
        level=Level(data["level"]),
        fields=tuple(IdentityField(name) for name in data["fields"]),
        proofs=data["proofs"],
        types=_types_from(data["types"]),
        forms=tuple(BlankForm(**form) for form in data["forms"]),
    )


def _types_from(rows: Any) -> tuple[ProofType, ...]:
    return tuple(ProofType(**row) for row in rows)


@dataclass(frozen=True, slots=True)
class Area:
    """A regulatory area or a city to which an address belongs. ``key`` is the carrier's."""

    key: str
    name: str


@dataclass(frozen=True, slots=True, repr=False)
class IdentityPaper:
    """A person or a business. ``reference`` names it as ours; ``phone`` is E.164, countries ISO codes.
    What the requirement does not ask for is empty."""

    reference: uuid.UUID
    kind: PersonKind
    first_name: str
    last_name: str
    phone: str
    company_name: str = ""
    country: str = ""
    birth_date: date | None = None
    birth_country: str = ""
    id_number: str = ""
    personal_tax_id: str = ""
    vat_id: str = ""
    company_reg_number: str = ""
    contact_email: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class AddressPaper:
    """Where somebody lives or works. ``area`` is the key of an ``Area`` where the requirement's level
    is area or city."""

    reference: uuid.UUID
    country: str
    city: str
    postal_code: str
    street: str
    area: str = ""


@dataclass(frozen=True, slots=True)
class DocumentPaper:
    """One file. ``type_key`` is the key of its ``ProofType`` or ``BlankForm``; ``content`` is pdf, jpg or
    png in clear, and lives as long as the call. ``replaces`` are references of earlier ones in its
    place: whoever looks at the papers shall not see them any more."""

    reference: uuid.UUID
    purpose: Purpose
    type_key: str
    media_type: str
    content: bytes = field(repr=False)
    replaces: tuple[uuid.UUID, ...] = ()


class Verdict(enum.StrEnum):
    """What the carrier says of papers that were sent in."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Verification:
    """The carrier's look at one number's papers. ``label`` is what its support calls it; ``reasons``
    and ``comment`` are its own words after a rejection."""

    key: str
    label: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    comment: str = ""
    sent: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """What a callback speaks about: look there. ``kind`` is ``order``, ``verification`` or another
    word of the carrier's; ``key`` the carrier's id."""

    kind: str
    key: str


class TakesPapers(Carrier, Protocol):
    """A carrier with ``Capability.PAPERS``. The rules of the port hold: no method retries a write
    inside itself, each looks for ``reference`` before it makes anything, so calling it again makes
    nothing twice. ``Refused`` carries the carrier's sentences for what is wrong with the papers."""

    def requirement(self, place: str) -> Requirement | None:
        """What the numbers of a place (``NumberOffer.place``) need, asked now; None: nothing."""

    def address_areas(self, requirement: Requirement) -> list[Area]:
        """The areas or cities to which an address must belong, by name. Empty where its level is
        neither. Served from a day's cache."""

    def submit_identity(self, identity: IdentityPaper) -> str:
        """Make the identity at the carrier, or change ours to this; returns the carrier's key."""

    def submit_address(self, address: AddressPaper, *, identity: str) -> str:
        """Make the address of an identity (the carrier's key), or change ours; returns its key."""

    def submitted(self, *, identity: uuid.UUID, address: uuid.UUID) -> tuple[str, str]:
        """The carrier's keys of the identity and the address that stand there under these references;
        empty for what does not. Reading only."""

    def upload(self, document: DocumentPaper, *, identity: str, address: str) -> str:
        """Encrypt the file with the carrier's keys, upload it, and attach it at once to what it
        proves; then take away what it ``replaces``. Returns the key of the proof. Keys that were
        rotated meanwhile are read anew, once.
        Not for one-time forms: they go with ``verify``."""

    def missing(self, requirement: str, *, identity: str, address: str) -> list[str]:
        """What the carrier still misses before it would take these papers, in its own sentences;
        empty when they are complete. Costs nothing, and needs no number."""

    def verify(
        self,
        reference: uuid.UUID,
        *,
        number: uuid.UUID,
        address: str,
        forms: tuple[DocumentPaper, ...] = (),
        service_description: str = "",
    ) -> Verification:
        """Send the papers in for the number that was bought under ``number``. Another attempt after
        a rejection has another ``reference``."""

    def verification(self, reference: uuid.UUID) -> Verification | None:
        """What became of it; None when nothing was sent in under this reference."""

    def withdraw(self, *, identity: str, address: str) -> bool:
        """Delete identity, address and their proofs. False when the carrier keeps them, because a
        number uses them. What is gone already is no error."""

    def read_callback(
        self, *, url: str, method: str, headers: Mapping[str, str], body: bytes
    ) -> list[Hint]:
        """Check the signature and read what a callback speaks about. ``url`` is the public one, as
        configured, with its query. ``Refused`` when it is not signed by the carrier."""
