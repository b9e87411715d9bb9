"""What was sent counts as sent as long as what it proves stands at the carrier."""

from __future__ import annotations

import uuid
from typing import Any, cast

import pytest
from django.utils import timezone

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.papers import TakesPapers
from ringup.regulatory import submitting
from ringup.regulatory.models import Document, RegulatoryFile
from tests.regulatory.papers import add, make_file

pytestmark = pytest.mark.django_db(transaction=True)


class Standing:
    """A carrier where an identity and an address stand under these keys, whatever they are asked."""

    def __init__(self, identity: str, address: str) -> None:
        self._keys = identity, address

    def submitted(self, *, identity: uuid.UUID, address: uuid.UUID) -> tuple[str, str]:
        return self._keys


def standing(identity: str, address: str) -> TakesPapers:
    return cast("TakesPapers", Standing(identity, address))


@pytest.fixture
def sent(account: CarrierAccount, client_of_karoo: Client) -> tuple[RegulatoryFile, dict[str, Any]]:
    """Papers that stand there, with both their documents."""
    file = make_file(account, client_of_karoo)
    submitting.find_submitted(file, standing("i1", "a1"))
    documents = {slot: add(file, slot) for slot in ("identity-1", "address-1")}
    Document.objects.update(carrier_key="p", sent=timezone.now())
    return file, documents


def unsent(file: RegulatoryFile) -> set[str]:
    return {document.slot for document in submitting.unsent(file)}


def test_what_stands_there_keeps_its_documents(
    sent: tuple[RegulatoryFile, dict[str, Any]],
) -> None:
    file, _ = sent
    submitting.find_submitted(file, standing("i1", "a1"))
    assert unsent(file) == set()


def test_what_was_made_anew_gets_its_documents_anew(
    sent: tuple[RegulatoryFile, dict[str, Any]],
) -> None:
    """A carrier may have to make an address anew, and its proofs went with the old one."""
    file, _ = sent
    submitting.find_submitted(file, standing("i1", "a2"))
    assert unsent(file) == {"address-1"}
    submitting.find_submitted(file, standing("", ""))
    assert unsent(file) == {"address-1", "identity-1"}


def test_a_newer_document_names_those_whose_place_it_takes(
    sent: tuple[RegulatoryFile, dict[str, Any]],
) -> None:
    file, documents = sent
    newer = add(file, "address-1")
    paper = submitting._paper(newer)
    assert paper.replaces == (documents["address-1"].uid,)
    assert submitting._paper(documents["identity-1"]).replaces == ()
