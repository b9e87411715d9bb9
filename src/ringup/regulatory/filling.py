"""Filling in the papers of a number while its order is written: a file, an identity, an address.

All verbs run in the caller's transaction, or in one of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from ringup.accounts.models import Brand, Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.papers import PersonKind, Requirement
from ringup.core.actors import GUEST, Actor
from ringup.core.sentences import Refusal
from ringup.numbers.models import OwnedNumber
from ringup.regulatory.asked_facts import (
    ADDRESS,
    address_country,
    asked_of,
    kinds_of,
    needs_area,
    only_country,
)
from ringup.regulatory.facts import (
    ADDRESS_FACTS,
    IDENTITY_FACTS,
    address_facts,
    identity_facts,
    write_address,
    write_identity,
)
from ringup.regulatory.models import Address, Document, Identity, RegulatoryFile
from ringup.regulatory.moving import move_to
from ringup.regulatory.sound_facts import missing, problem_with

# The identity and the address both have a country: in answers the identity's is called so.
IDENTITY_COUNTRY = "identity_country"
LONGEST_DESCRIPTION = 500
NOT_A_DRAFT = (
    "These papers were handed in with an order already, so they cannot be changed here. Nothing was "
    "changed or charged. If something is wrong, write to us from the order's page."
)
NO_AREA = "Choose a city from the list: the address must belong to one of the supplier's areas."
DESCRIBE = "Say what the number will be used for."


def begin(
    *,
    client: Client | None,
    brand: Brand,
    account: CarrierAccount,
    requirement: Requirement,
) -> RegulatoryFile:
    """A new file with nothing in it yet; what it needs is frozen now."""
    return RegulatoryFile.objects.create(
        client=client, brand=brand, account=account, requirement=requirement.as_data()
    )


def answers_of(file: RegulatoryFile) -> dict[str, str]:
    """What was told so far, as ``save_answers`` takes it."""
    answers = {"service_description": file.service_description}
    if file.identity is not None:
        told = identity_facts(file.identity)
        answers |= {"kind": file.identity.kind, IDENTITY_COUNTRY: told.pop("country")} | told
    if file.address is not None:
        answers |= address_facts(file.address)
    return answers


def save_answers(file: RegulatoryFile, answers: Mapping[str, Any]) -> None:
    """Write identity, address and the description of the service.

    ``answers`` has ``kind``, the names of the facts (the identity's country is ``identity_country``),
    countries as ISO codes, ``phone`` as E.164, days as ``1986-04-17``, ``area`` as the carrier's key, and
    ``service_description``. What the requirement does not ask for is not kept. Raises ``Refusal`` with
    ``field``, and has changed nothing then.
    """
    if file.state != RegulatoryFile.State.DRAFT:
        raise Refusal(NOT_A_DRAFT)
    rules = file.rules
    kind = _kind(answers, rules)
    identity = _identity_of(answers, rules, kind)
    address = _address_of(answers, rules)
    description = _description(answers, rules)
    with transaction.atomic():
        person = _own_identity(file, kind)
        write_identity(person, **identity)
        person.save()
        place = _own_address(file, person)
        write_address(place, **address)
        place.save()
        file.service_description = description
        file.save(update_fields=["service_description_sealed", "changed"])
        use_rows(file, person, place)


# -- what was told ---------------------------------------------------------------------------------


def _text(answers: Mapping[str, Any], name: str) -> str:
    return str(answers.get(name) or "").strip()


def _kind(answers: Mapping[str, Any], rules: Requirement) -> PersonKind:
    taken = kinds_of(rules)
    kind = next((one for one in taken if one.value == _text(answers, "kind")), None)
    if kind is None:
        raise Refusal("Choose whose number it will be: a person's or a company's.", field="kind")
    return kind


def _identity_of(
    answers: Mapping[str, Any], rules: Requirement, kind: PersonKind
) -> dict[str, str]:
    told = dict.fromkeys(IDENTITY_FACTS, "")
    for name in asked_of(rules, kind):
        field = IDENTITY_COUNTRY if name == "country" else name
        only = only_country(rules, kind) if name == "country" else ""
        told[name] = _sound(answers, f"identity.{name}", field=field, only=only)
    return told


def _address_of(answers: Mapping[str, Any], rules: Requirement) -> dict[str, str]:
    told = dict.fromkeys(ADDRESS_FACTS, "")
    for name in ADDRESS:
        only = address_country(rules) if name == "country" else ""
        told[name] = _sound(answers, f"address.{name}", field=name, only=only)
    if needs_area(rules):
        told["area"] = _text(answers, "area")
        if not told["area"]:
            raise Refusal(NO_AREA, field="city")
    return told


def _sound(answers: Mapping[str, Any], what: str, *, field: str, only: str) -> str:
    text = _text(answers, field)
    if not text:
        raise Refusal(missing(what), field=field)
    if problem := problem_with(what.partition(".")[2], text, country=only):
        raise Refusal(problem, field=field)
    return text


def save_description(file: RegulatoryFile, text: str) -> None:
    """What the number will be used for, beside papers that are used again."""
    file.service_description = _description({"service_description": text}, file.rules)
    file.save(update_fields=["service_description_sealed", "changed"])


def _description(answers: Mapping[str, Any], rules: Requirement) -> str:
    if not rules.needs_service_description:
        return ""
    text = _text(answers, "service_description")
    if not text:
        raise Refusal(DESCRIBE, field="service_description")
    if len(text) > LONGEST_DESCRIPTION:
        raise Refusal(f"Use at most {LONGEST_DESCRIPTION} characters.", field="service_description")
    return text


# -- the rows --------------------------------------------------------------------------------------


def _own_identity(file: RegulatoryFile, kind: PersonKind) -> Identity:
    """The file's own identity, unless it is another kind, or one that other numbers rely on."""
    known = file.identity
    if known is not None and known.kind == kind and not _is_shared(known, file):
        return known
    return Identity(client=file.client, brand=file.brand, account=file.account, kind=kind.value)


def _own_address(file: RegulatoryFile, person: Identity) -> Address:
    known = file.address
    if known is not None and known.identity_id == person.pk and not _is_shared(known, file):
        return known
    return Address(client=file.client, brand=file.brand, identity=person)


def _is_shared(row: Identity | Address, file: RegulatoryFile) -> bool:
    """Whether the carrier has approved it, has it, or another number's papers need it."""
    if row.approved is not None or row.carrier_key:
        return True
    return row.files.exclude(pk=file.pk).exists()


def use_rows(file: RegulatoryFile, identity: Identity, address: Address) -> None:
    """Let the file be of these two, in the caller's transaction; what it had before is erased where
    nobody else needs it."""
    before = (file.identity, file.address)
    file.identity, file.address = identity, address
    file.save(update_fields=["identity", "address", "changed"])
    _drop(*before, but=file)


def _drop(identity: Identity | None, address: Address | None, *, but: RegulatoryFile) -> None:
    """Erase what the file had before, where nobody else needs it."""
    if address is not None and address.pk != but.address_id and not _is_shared(address, but):
        address.delete()
    if identity is not None and identity.pk != but.identity_id and not _is_shared(identity, but):
        identity.delete()


# -- the file with its draft -----------------------------------------------------------------------


def discard(file: RegulatoryFile) -> None:
    """Erase the file of a draft, and what was told for it alone. One that was handed in stays."""
    if file.state != RegulatoryFile.State.DRAFT:
        return
    with transaction.atomic():
        identity, address = file.identity, file.address
        RegulatoryFile.objects.filter(pk=file.pk).delete()
        file.identity = file.address = None
        _drop(identity, address, but=file)


def hand_over(file: RegulatoryFile, client: Client) -> None:
    """A guest signed in, or became a client: what he told is the client's now."""
    owner: dict[str, Any] = {"client": client, "brand": client.brand}
    guests = models.Q(client=None)
    with transaction.atomic():
        # First: a document that comes in now has locked the file, and is seen once it is there.
        RegulatoryFile.objects.filter(guests, pk=file.pk).update(**owner)
        Document.objects.filter(guests, file=file).update(**owner)
        if file.identity is not None:
            Document.objects.filter(guests, identity=file.identity).update(**owner)
            Identity.objects.filter(guests, pk=file.identity.pk).update(**owner)
        if file.address is not None:
            Document.objects.filter(guests, address=file.address).update(**owner)
            Address.objects.filter(guests, pk=file.address.pk).update(**owner)
    file.client, file.brand = client, client.brand


def hand_in(
    file: RegulatoryFile, *, client: Client, number: OwnedNumber, actor: Actor = GUEST
) -> None:
    """The order was placed: the file is of this number now, and waits for the review. In the
    transaction that submits the order."""
    if file.identity_id is None or file.address_id is None:
        raise Refusal("The papers are not complete yet. Nothing was ordered.", field="papers")
    hand_over(file, client)
    move_to(file, RegulatoryFile.State.PENDING_REVIEW, actor=actor, number=number)
