"""Which documents a number needs, for one kind of person: proofs by number, and the carrier's forms."""

from __future__ import annotations

from dataclasses import dataclass

from ringup.carriers.papers import (
    BlankForm,
    IdentityRule,
    PersonKind,
    ProofType,
    Purpose,
    Requirement,
)

TITLES = {PersonKind.PERSONAL: "Proof of identity", PersonKind.BUSINESS: "Business proof"}
ADDRESS_TITLE = "Proof of address"


@dataclass(frozen=True, slots=True)
class WantedDocument:
    """One document that must be there. ``types`` are the kinds of document that will do; of a form
    there is one, and ``form`` says where the blank one is."""

    slot: str
    purpose: Purpose
    title: str
    types: tuple[ProofType, ...]
    form: BlankForm | None = None

    @property
    def needs_date(self) -> bool:
        """Whether the day counts that it bears."""
        return self.purpose is Purpose.ADDRESS

    def type_of(self, key: str) -> ProofType | None:
        """The kind of document with this key, if it is among those that will do."""
        return next((one for one in self.types if one.key == key), None)


def wanted_documents(requirement: Requirement, kind: PersonKind) -> tuple[WantedDocument, ...]:
    """All that a person of this kind has to show: of the identity, of the address, then the forms."""
    rule = requirement.rule(kind)
    if rule is None:
        return ()
    return (
        *_proofs("identity", Purpose.IDENTITY, TITLES[kind], rule.proofs, rule.types),
        *_proofs(
            "address",
            Purpose.ADDRESS,
            ADDRESS_TITLE,
            requirement.address_proofs,
            requirement.address_types,
        ),
        *_forms(rule),
    )


def _proofs(
    slot: str, purpose: Purpose, title: str, count: int, types: tuple[ProofType, ...]
) -> list[WantedDocument]:
    return [
        WantedDocument(
            f"{slot}-{number}",
            purpose,
            title if count == 1 else f"{title} {number} of {count}",
            types,
        )
        for number in range(1, count + 1)
    ]


def _forms(rule: IdentityRule) -> list[WantedDocument]:
    return [
        WantedDocument(
            f"form-{form.key}",
            Purpose.PERMANENT_FORM if form.is_permanent else Purpose.ONE_TIME_FORM,
            form.name,
            (ProofType(form.key, form.name),),
            form,
        )
        for form in rule.forms
    ]
