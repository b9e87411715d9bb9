"""What is wrong with papers, found before anybody else finds it: fields, days, address, company,
documents.

Some of it stops the papers; the rest is what a person should look at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from ringup.accounts.models import Client
from ringup.carriers.papers import PersonKind, Purpose, Requirement
from ringup.core.phones import country_name, country_of
from ringup.regulatory.asked_facts import (
    ADDRESS,
    address_country,
    asked_of,
    needs_area,
    only_country,
)
from ringup.regulatory.documents import documents_of, missing_documents, too_old_for
from ringup.regulatory.facts import address_facts, identity_facts, word_of
from ringup.regulatory.matching_areas import plain
from ringup.regulatory.models import Document, RegulatoryFile
from ringup.regulatory.sound_facts import problem_with

# What is done is not judged any more; its facts may be erased.
OVER = frozenset({RegulatoryFile.State.ACTIVE, RegulatoryFile.State.CLOSED})
# Words of a company's form, by which two ways of writing one name differ.
_FORMS = frozenset(
    "ag bv cc co company corp corporation gmbh inc incorporated kg limited llc llp ltd nv plc "
    "proprietary pty sa sarl srl ug".split()
)
CORRECTION_OPEN = "A correction was asked for, and the client has not answered yet."


@dataclass(frozen=True, slots=True)
class Issue:
    """``what`` is ``identity.<field>``, ``address.<field>``, ``document.<slot>``, or ``papers.<part>``.
    ``stops``: the papers cannot go to the carrier like this; else it is only to be looked at. Words that
    stop them say nothing of what papers say: all who see the order read them."""

    what: str
    words: str
    stops: bool


def issues(file: RegulatoryFile) -> list[Issue]:
    """All that is wrong with the papers as they are now; what stops them comes first."""
    if file.state in OVER:
        return []
    found = [*fact_issues(file), *_document_issues(file)]
    return sorted(found, key=lambda issue: not issue.stops)


def hindrances(file: RegulatoryFile, *, documents: bool = True) -> list[str]:
    """Why the papers cannot go to the carrier: sentences, empty when they can. Without ``documents``
    only what identity and address need."""
    found = [*fact_issues(file), *(_document_issues(file) if documents else ())]
    words = [issue.words for issue in found if issue.stops and file.state not in OVER]
    return [CORRECTION_OPEN, *words] if file.asked else words


def fact_issues(file: RegulatoryFile) -> list[Issue]:
    """What is wrong with identity and address, without a look at the documents."""
    if file.identity is None or file.address is None:
        return [Issue("papers.begun", "Nothing was told yet about who has the number.", True)]
    rules, kind = file.rules, PersonKind(file.identity.kind)
    identity, address = identity_facts(file.identity), address_facts(file.address)
    return [
        *_identity_issues(rules, kind, identity),
        *_address_issues(rules, address),
        *_description_issues(rules, file.service_description),
        *_to_compare(file.client, kind, identity, address),
    ]


# -- identity and address --------------------------------------------------------------------------


def _identity_issues(rules: Requirement, kind: PersonKind, told: dict[str, str]) -> Iterator[Issue]:
    if rules.rule(kind) is None:
        words = f"The provider does not take papers of a {_kind_word(kind)} for this number."
        yield Issue("identity.kind", words, True)
    for name in asked_of(rules, kind):
        only = only_country(rules, kind) if name == "country" else ""
        yield from _fact_issue(f"identity.{name}", told[name], only, kind)


def _address_issues(rules: Requirement, told: dict[str, str]) -> Iterator[Issue]:
    for name in ADDRESS:
        only = address_country(rules) if name == "country" else ""
        yield from _fact_issue(f"address.{name}", told[name], only, PersonKind.PERSONAL)
    if needs_area(rules) and told["city"] and not told["area"]:
        yield Issue("address.city", "The city matches none of the provider's areas.", True)
    if told["street"] and not any(letter.isdigit() for letter in told["street"]):
        yield Issue("address.street", "The street address has no house number.", False)


def _fact_issue(what: str, text: str, only: str, kind: PersonKind) -> Iterator[Issue]:
    name, word = what.partition(".")[2], word_of(what, kind)
    if not text:
        yield Issue(what, f"The {word} is missing.", True)
    elif name == "country" and only and text != only:
        yield Issue(what, f"The {word} must be {country_name(only)}.", True)
    elif problem := problem_with(name, text):
        yield Issue(what, f"The {word} is not valid. {problem}", True)


def _description_issues(rules: Requirement, text: str) -> Iterator[Issue]:
    if rules.needs_service_description and not text:
        words = "It is not said what the number will be used for."
        yield Issue("papers.service_description", words, True)


# -- what a person should compare ------------------------------------------------------------------


def _to_compare(
    client: Client | None, kind: PersonKind, identity: dict[str, str], address: dict[str, str]
) -> Iterator[Issue]:
    """The papers beside what the client told when he ordered."""
    if client is None:
        return
    company, name = identity["company_name"], f"{identity['first_name']} {identity['last_name']}"
    if kind is PersonKind.BUSINESS and company and not same_company(company, client.name):
        words = f"The papers are of {company}, and the client is {client.name}."
        yield Issue("identity.company_name", words, False)
    contact = client.contact_name
    if kind is PersonKind.PERSONAL and contact and not _same_name(name, contact):
        words = f"The papers are of {name.strip()}, and the order's contact is {contact}."
        yield Issue("identity.last_name", words, False)
    vat_id = identity["vat_id"]
    if vat_id and client.vat_id and plain(vat_id) != plain(client.vat_id):
        words = "The tax number of the papers is another than the client's VAT id."
        yield Issue("identity.vat_id", words, False)
    home = country_of(identity["phone"])
    if home and address["country"] and home != address["country"]:
        words = f"The telephone number is of {country_name(home)}, the address is not."
        yield Issue("identity.phone", words, False)


def same_company(one: str, other: str) -> bool:
    """Whether two ways of writing are of one company: ``Karoo Freight (Pty) Ltd`` and ``Karoo
    Freight``."""
    return _core(one) == _core(other)


def _core(company: str) -> str:
    words = ["".join(filter(str.isalnum, word)) for word in company.casefold().split()]
    kept = [plain(word) for word in words if word not in _FORMS]
    return "".join(kept) or plain(company)


def _same_name(one: str, other: str) -> bool:
    """In any order, and where one has more given names than the other."""
    first, second = ({plain(part) for part in name.split()} for name in (one, other))
    return first <= second or second <= first


def _kind_word(kind: PersonKind) -> str:
    return "company" if kind is PersonKind.BUSINESS else "person"


# -- documents -------------------------------------------------------------------------------------


def _document_issues(file: RegulatoryFile) -> Iterator[Issue]:
    if file.identity is None or file.address is None or file.uploaded_by_hand is not None:
        return
    for wanted in missing_documents(file):
        words = f"{wanted.title} is missing."
        yield Issue(f"document.{wanted.slot}", words, True)
    today = timezone.localdate()
    for document in documents_of(file):
        if document.purpose == Purpose.ADDRESS and document.sent is None:
            yield from _age_issue(document, file, today)


def _age_issue(document: Document, file: RegulatoryFile, today: date) -> Iterator[Issue]:
    what, name = f"document.{document.slot}", document.type_name
    if document.dated is None:
        yield Issue(what, f"{name}: nobody has said which day it bears.", False)
    elif document.dated > today:
        yield Issue(what, f"{name} bears a day that has yet to come.", True)
    elif too_old_for(document, file, today=today):
        months = file.rules.proof_months
        words = f"{name} is older than {months} months: it bears {document.dated}."
        yield Issue(what, words, True)
