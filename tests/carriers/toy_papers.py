"""Papers at the toy carrier: its own side of them, and the part of its adapter that sends them.

So small that it shows what a carrier with papers must do at least; its requirements are what a test puts
into ``Telecom.requirements``.
"""

from __future__ import annotations

import hashlib
import itertools
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from ringup.carriers.papers import (
    AddressPaper,
    DocumentPaper,
    Hint,
    IdentityPaper,
    Purpose,
    Requirement,
    Verdict,
    Verification,
)
from ringup.core.failures import OurFault, Refused

if TYPE_CHECKING:
    from tests.carriers.toy_telecom import Telecom

Result = TypeVar("Result")
HEADER = "X-Toy-Signature"
REASON, COMMENT = "The photograph is too dark", "Please take another one."


@dataclass
class Sent:
    """A verification: the number's reference, the address, and what became of it."""

    number: uuid.UUID
    address: str
    found: Verification


@dataclass
class Filing:
    """Everybody's papers. Keys are ``i1``, ``a2``, ``d3``, ``v4``."""

    identities: dict[str, IdentityPaper] = field(default_factory=dict)
    addresses: dict[str, tuple[AddressPaper, str]] = field(default_factory=dict)
    documents: dict[str, tuple[DocumentPaper, str]] = field(default_factory=dict)
    sent: dict[uuid.UUID, Sent] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._count = itertools.count(1)

    def new_key(self, letter: str) -> str:
        return f"{letter}{next(self._count)}"

    def identity(self, reference: uuid.UUID) -> str:
        found = (key for key, one in self.identities.items() if one.reference == reference)
        return next(found, "")

    def address(self, reference: uuid.UUID) -> str:
        found = (key for key, (one, _) in self.addresses.items() if one.reference == reference)
        return next(found, "")

    def document(self, reference: uuid.UUID) -> str:
        found = (key for key, (one, _) in self.documents.items() if one.reference == reference)
        return next(found, "")

    def attach(self, paper: DocumentPaper, owner: str) -> str:
        key = self.document(paper.reference) or self.new_key("d")
        self.documents[key] = paper, owner
        for older in paper.replaces:
            self.documents.pop(self.document(older), None)
        return key

    def missing(self, wanted: Requirement, identity: str, address: str) -> list[str]:
        person = self.identities.get(identity)
        rule = wanted.rule(person.kind) if person is not None else None
        if rule is None:
            return ["An identity is required"]
        forms = {form.key for form in rule.forms if form.is_permanent} - {
            paper.type_key for paper, owner in self.documents.values() if owner == identity
        }
        lacking = (
            (rule.proofs - self._proofs(identity, Purpose.IDENTITY), "of the identity"),
            (wanted.address_proofs - self._proofs(address, Purpose.ADDRESS), "of the address"),
            (len(forms), "on a form"),
        )
        return [f"{count} more proof(s) {what} required" for count, what in lacking if count > 0]

    def _proofs(self, owner: str, purpose: Purpose) -> int:
        return sum(
            of == owner and paper.purpose == purpose for paper, of in self.documents.values()
        )

    def verify(self, reference: uuid.UUID, number: uuid.UUID, address: str) -> Verification:
        key = self.new_key("v")
        found = Verification(key, f"TOY-{key}", Verdict.PENDING, sent=datetime.now(UTC))
        self.sent[reference] = Sent(number, address, found)
        return found

    def decide(self, key: str, *, approved: bool) -> uuid.UUID:
        """The reference of the number that it is about."""
        sent = next(one for one in self.sent.values() if one.found.key == key)
        sent.found = (
            replace(sent.found, verdict=Verdict.APPROVED)
            if approved
            else replace(sent.found, verdict=Verdict.REJECTED, reasons=(REASON,), comment=COMMENT)
        )
        return sent.number

    def withdraw(self, identity: str, address: str) -> bool:
        used = {one.address for one in self.sent.values() if one.found.verdict != Verdict.REJECTED}
        mine = {key for key, (_, of) in self.addresses.items() if of == identity}
        if address in used or mine & used - {address}:
            if address not in used:
                self._drop(address)
            return False
        self._drop(address)
        if mine - {address}:
            return False
        self._drop(identity)
        return True

    def _drop(self, key: str) -> None:
        self.identities.pop(key, None)
        self.addresses.pop(key, None)
        self.documents = {name: one for name, one in self.documents.items() if one[1] != key}


def signature(secret: str, url: str, body: bytes) -> str:
    return hashlib.sha256(f"{secret}\n{url}\n".encode() + body).hexdigest()


class ToyPapers:
    """The verbs of ``TakesPapers`` but for the rules, which stand in ``Toy``."""

    secret = "toy-callbacks"
    _ask: Callable[..., object]

    def submit_identity(self, identity: IdentityPaper) -> str:
        def submit(its: Telecom) -> str:
            key = its.papers.identity(identity.reference) or its.papers.new_key("i")
            its.papers.identities[key] = identity
            return key

        return str(self._ask("submit_identity", submit))

    def submit_address(self, address: AddressPaper, *, identity: str) -> str:
        def submit(its: Telecom) -> str:
            key = its.papers.address(address.reference) or its.papers.new_key("a")
            its.papers.addresses[key] = address, identity
            return key

        return str(self._ask("submit_address", submit))

    def submitted(self, *, identity: uuid.UUID, address: uuid.UUID) -> tuple[str, str]:
        def look(its: Telecom) -> tuple[str, str]:
            return its.papers.identity(identity), its.papers.address(address)

        return self._ask("submitted", look)  # type: ignore[return-value]

    def upload(self, document: DocumentPaper, *, identity: str, address: str) -> str:
        if document.purpose == Purpose.ONE_TIME_FORM:
            raise OurFault("it goes with the verification")
        owner = address if document.purpose == Purpose.ADDRESS else identity
        return str(self._ask("upload", lambda its: its.papers.attach(document, owner)))

    def missing(self, requirement: str, *, identity: str, address: str) -> list[str]:
        def look(its: Telecom) -> list[str]:
            wanted = its.requirement_of_key(requirement)
            return its.papers.missing(wanted, identity, address)

        return self._ask("missing", look)  # type: ignore[return-value]

    def verify(
        self,
        reference: uuid.UUID,
        *,
        number: uuid.UUID,
        address: str,
        forms: tuple[DocumentPaper, ...] = (),
        service_description: str = "",
    ) -> Verification:
        def send(its: Telecom) -> Verification:
            known = its.papers.sent.get(reference)
            if known is not None:
                return known.found
            wanted = its.requirement_of_number(number)
            _require_complete(its.papers, wanted, address, forms)
            return its.papers.verify(reference, number, address)

        return self._ask("verify", send)  # type: ignore[return-value]

    def verification(self, reference: uuid.UUID) -> Verification | None:
        def look(its: Telecom) -> Verification | None:
            known = its.papers.sent.get(reference)
            return known.found if known is not None else None

        return self._ask("verification", look)  # type: ignore[return-value]

    def withdraw(self, *, identity: str, address: str) -> bool:
        return bool(self._ask("withdraw", lambda its: its.papers.withdraw(identity, address)))

    def read_callback(
        self, *, url: str, method: str, headers: Mapping[str, str], body: bytes
    ) -> list[Hint]:
        if headers.get(HEADER) != signature(self.secret, url, body):
            raise Refused("not signed by Toy Telecom")
        kind, _, key = body.decode().partition(" ")
        return [Hint(kind, key)]


def _require_complete(
    papers: Filing, wanted: Requirement, address: str, forms: tuple[DocumentPaper, ...]
) -> None:
    of = papers.addresses.get(address)
    identity = of[1] if of is not None else ""
    found = papers.missing(wanted, identity, address)
    person = papers.identities.get(identity)
    rule = wanted.rule(person.kind) if person is not None else None
    needed = sum(not form.is_permanent for form in rule.forms) if rule is not None else 0
    if len(forms) > needed:
        found.append("A form is not needed")
    if len(forms) < needed:
        found.append("A form is required")
    if found:
        raise Refused("; ".join(found), user_message=f"{'; '.join(found)}. Nothing was charged.")
