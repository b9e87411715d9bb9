"""What a requirement asks of one kind of person, as names of facts in the order of a form."""

from __future__ import annotations

from ringup.carriers.papers import IdentityField, Level, PersonKind, Requirement

# Whoever has a number is called so, whatever the carrier wants besides. The address of mails is ours,
# to write to the person whose papers they are.
PERSON = ("first_name", "last_name", "phone", "contact_email")
ADDRESS = ("country", "city", "postal_code", "street")
# Behind these of the person, in the order of a passport.
_MORE = (
    IdentityField.BIRTH_DATE,
    IdentityField.BIRTH_COUNTRY,
    IdentityField.COUNTRY,
    IdentityField.ID_NUMBER,
    IdentityField.PERSONAL_TAX_ID,
)
_BUSINESS = (IdentityField.COMPANY_REG_NUMBER, IdentityField.VAT_ID)
NEEDS_AREA = frozenset({Level.AREA, Level.CITY})
MAY_BE_ABROAD = Level.WORLD_WIDE


def kinds_of(requirement: Requirement) -> tuple[PersonKind, ...]:
    """Whose papers are taken."""
    return tuple(rule.kind for rule in requirement.identities)


def asked_of(requirement: Requirement, kind: PersonKind) -> tuple[str, ...]:
    """The facts of an identity that must be told; empty where the kind is not taken."""
    rule = requirement.rule(kind)
    if rule is None:
        return ()
    # Who must be at home in one country has to say that he is, also where that is not on the list.
    is_bound = rule.level is not MAY_BE_ABROAD
    fields = {*rule.fields, IdentityField.COUNTRY} if is_bound else {*rule.fields}
    more = tuple(one.value for one in _MORE if one in fields)
    business = tuple(one.value for one in _BUSINESS if one in rule.fields)
    if kind is PersonKind.BUSINESS:
        business = ("company_name", *business)
    return (*PERSON, *more, *business)


def only_country(requirement: Requirement, kind: PersonKind) -> str:
    """The one country in which such a person must be at home; empty where any will do."""
    rule = requirement.rule(kind)
    if rule is None or rule.level is MAY_BE_ABROAD:
        return ""
    return requirement.country


def address_country(requirement: Requirement) -> str:
    """The one country in which the address must lie; empty where any will do."""
    return "" if requirement.address_level is MAY_BE_ABROAD else requirement.country


def needs_area(requirement: Requirement) -> bool:
    """Whether the address must belong to one of the carrier's areas or cities."""
    return requirement.address_level in NEEDS_AREA
