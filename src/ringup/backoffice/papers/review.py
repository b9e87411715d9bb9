"""Everything that staff looks at before papers go to the carrier: what was told, what is wrong with it,
the documents, and what can be asked of the client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ringup.carriers.papers import PersonKind, Purpose
from ringup.core.phones import country_name
from ringup.orders.models import Order
from ringup.regulatory import correcting
from ringup.regulatory.asked_facts import ADDRESS, asked_of
from ringup.regulatory.checking import Issue, issues
from ringup.regulatory.documents import documents_by_slot, wanted_of
from ringup.regulatory.facts import address_facts, identity_facts, word_of
from ringup.regulatory.models import Document, RegulatoryFile
from ringup.regulatory.uploading import may_add
from ringup.regulatory.wanted_documents import WantedDocument

# The facts of an identity that say what the business is.
OF_BUSINESS = ("company_name", "company_reg_number", "vat_id")
COUNTRIES = frozenset({"country", "birth_country"})
ICONS = {
    Purpose.IDENTITY: "id",
    Purpose.ADDRESS: "home",
    Purpose.PERMANENT_FORM: "doc",
    Purpose.ONE_TIME_FORM: "doc",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was told. ``name`` is ``identity.birth_date``; an empty ``text`` is missing."""

    name: str
    words: str
    text: str
    country: str = ""
    is_phone: bool = False
    issues: tuple[Issue, ...] = ()
    is_asked: bool = False

    @property
    def stops(self) -> bool:
        return any(issue.stops for issue in self.issues)


@dataclass(frozen=True, slots=True)
class Section:
    """Identity, address or business, with its facts. ``key`` is the carrier's id, once it has one."""

    title: str
    icon: str
    facts: list[Fact]
    key: str = ""

    @property
    def is_sound(self) -> bool:
        return not any(fact.issues for fact in self.facts)


@dataclass(frozen=True, slots=True)
class Slot:
    """One document that is wanted, and the one that is there for it."""

    wanted: WantedDocument
    document: Document | None
    issues: tuple[Issue, ...]
    is_asked: bool
    can_upload: bool

    @property
    def icon(self) -> str:
        return ICONS[self.wanted.purpose]

    @property
    def badge(self) -> tuple[str, str, str]:
        """Tone, icon and word."""
        if self.is_asked:
            return ("orange", "hourglass", "Correction asked")
        if self.document is None:
            return ("yellow", "alert", "Missing")
        if any(issue.stops for issue in self.issues):
            return ("red", "fail", "Will not do")
        if self.document.sent is not None:
            return ("purple", "doc-up", "At the provider")
        return ("green", "check-circle", "Received")


@dataclass(frozen=True, slots=True)
class Check:
    """One of the specification's common issues, with what was found of it."""

    words: str
    found: list[Issue]

    @property
    def stops(self) -> bool:
        return any(issue.stops for issue in self.found)


@dataclass(frozen=True, slots=True)
class Asking:
    """One thing that a correction can ask for; ``words`` are what the client would read."""

    name: str
    title: str
    words: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class Review:
    """The dialog."""

    order: Order
    file: RegulatoryFile
    kind: PersonKind | None
    sections: list[Section]
    slots: list[Slot]
    checks: list[Check]
    askings: list[Asking]
    open_words: list[tuple[str, str, str]]
    can_ask: bool

    @property
    def is_complete(self) -> bool:
        """Whether nothing keeps the papers from the carrier."""
        return not any(check.stops for check in self.checks) and not self.open_words

    @property
    def is_erased(self) -> bool:
        identity = self.file.identity
        return identity is not None and identity.erased is not None

    @property
    def ready(self) -> int:
        return sum(slot.document is not None for slot in self.slots)


def review(
    order: Order, file: RegulatoryFile, *, ticked: Mapping[str, str] | None = None
) -> Review:
    """Read it. ``ticked`` are the corrections that staff was about to ask for, by name."""
    found = issues(file)
    asked = {row["what"] for row in file.asked}
    kind = PersonKind(file.identity.kind) if file.identity else None
    sections = _sections(file, kind, found, asked) if kind else []
    by_slot = documents_by_slot(file)
    slots = [
        Slot(
            wanted=wanted,
            document=by_slot.get(wanted.slot),
            issues=_about(found, f"document.{wanted.slot}"),
            is_asked=f"document.{wanted.slot}" in asked,
            can_upload=may_add(file, wanted.slot, by_staff=True),
        )
        for wanted in wanted_of(file)
    ]
    return Review(
        order=order,
        file=file,
        kind=kind,
        sections=sections,
        slots=slots,
        checks=_checks(found, sections),
        askings=_askings(file, found, ticked),
        open_words=correcting.open_words(file),
        can_ask=file.state in correcting.MAY_ASK,
    )


# -- what was told ---------------------------------------------------------------------------------


def _sections(
    file: RegulatoryFile, kind: PersonKind, found: list[Issue], asked: set[str]
) -> list[Section]:
    assert file.identity is not None  # of no identity there is no kind
    told = {f"identity.{name}": text for name, text in identity_facts(file.identity).items()}
    wanted = asked_of(file.rules, kind)
    person = [f"identity.{name}" for name in wanted if name not in OF_BUSINESS]
    business = [f"identity.{name}" for name in wanted if name in OF_BUSINESS]
    sections = [
        Section("Identity", "user", _facts(person, told, kind, found, asked),
                file.identity.carrier_key),
    ]  # fmt: skip
    if file.address is not None:
        lies = {f"address.{name}": text for name, text in address_facts(file.address).items()}
        facts = _facts([f"address.{name}" for name in ADDRESS], lies, kind, found, asked)
        sections.append(Section("Address", "pin", facts, file.address.carrier_key))
    if business:
        facts = _facts(business, told, kind, found, asked)
        sections.append(Section("Business", "layers", facts))
    return sections


def _facts(
    names: Iterable[str],
    told: Mapping[str, str],
    kind: PersonKind,
    found: list[Issue],
    asked: set[str],
) -> list[Fact]:
    return [_fact(name, told[name], kind, _about(found, name), name in asked) for name in names]


def _fact(name: str, text: str, kind: PersonKind, found: tuple[Issue, ...], is_asked: bool) -> Fact:
    words, last = _headed(word_of(name, kind)), name.partition(".")[2]
    if last in COUNTRIES and text:
        return Fact(name, words, country_name(text), text, issues=found, is_asked=is_asked)
    return Fact(name, words, text, is_phone=last == "phone", issues=found, is_asked=is_asked)


def _about(found: list[Issue], name: str) -> tuple[Issue, ...]:
    return tuple(issue for issue in found if issue.what == name)


# -- what is wrong with it -------------------------------------------------------------------------


def _checks(found: list[Issue], sections: list[Section]) -> list[Check]:
    """The specification's common issues, each with what was found; every issue stands once."""
    empty = {fact.name for section in sections for fact in section.facts if not fact.text}
    left = list(found)

    def taken(matches: Iterable[Issue]) -> list[Issue]:
        chosen = list(matches)
        for issue in chosen:
            left.remove(issue)
        return chosen

    business = {f"identity.{name}" for name in OF_BUSINESS}
    missing = taken([one for one in left if one.what in empty or one.what.startswith("papers.")])
    dates = taken([one for one in left if one.what == "identity.birth_date"])
    documents = taken([one for one in left if one.what.startswith("document.")])
    address = taken([one for one in left if one.what.startswith("address.")])
    company = taken([one for one in left if one.what in business])
    return [
        Check("Every required field is filled in", missing),
        Check("Dates are real, as YYYY-MM-DD", dates),
        Check("The address is complete", address),
        Check("The business is the same everywhere", company),
        Check("Identity and telephone fit together", left),
        Check("Every document is there and fresh enough", documents),
    ]


# -- what can be asked -----------------------------------------------------------------------------


def _askings(
    file: RegulatoryFile, found: list[Issue], ticked: Mapping[str, str] | None
) -> list[Asking]:
    """All that can be corrected; what is wrong is proposed with its words."""
    known = {row["what"]: row["words"] for row in file.asked}
    wrong: dict[str, str] = {}
    for issue in found:
        wrong.setdefault(issue.what, issue.words)
    rows = []
    for name, title in correcting.correctable(file).items():
        words = known.get(name, wrong.get(name, ""))
        is_ticked = name in known
        if ticked is not None:
            words, is_ticked = ticked.get(name, words), name in ticked
        rows.append(Asking(name, _headed(title), words, is_ticked))
    return rows


def _headed(words: str) -> str:
    """As a label begins."""
    return words[:1].upper() + words[1:]
