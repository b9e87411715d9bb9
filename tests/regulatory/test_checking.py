"""What is wrong with papers: every thing that the specification has a reviewer look for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.regulatory import checking, facts, filling
from ringup.regulatory.models import Document, RegulatoryFile
from tests.regulatory.requirements import AREA_OF_BOTH, FIRM, SOMEBODY


@pytest.fixture
def file(client_of_karoo: Client, account: CarrierAccount) -> RegulatoryFile:
    """Papers of a company with all documents."""
    return handed_in(client_of_karoo, account, FIRM)


def handed_in(client: Client, account: CarrierAccount, answers: dict[str, str]) -> RegulatoryFile:
    file = filling.begin(
        client=client, brand=client.brand, account=account, requirement=AREA_OF_BOTH
    )
    filling.save_answers(file, answers)
    kind = "t-certificate" if answers["kind"] == "business" else "t-passport"
    add(file, "identity-1", kind, identity=file.identity)
    add(file, "address-1", "t-bill", address=file.address, dated=timezone.localdate())
    return file


def add(file: RegulatoryFile, slot: str, type_key: str, **more: Any) -> Document:
    """A row as an upload makes it, without content."""
    return Document.objects.create(
        client=file.client, brand=file.brand, slot=slot, purpose=slot.partition("-")[0],
        type_key=type_key, type_name=type_key.removeprefix("t-").title(), name="scan.pdf",
        media_type="application/pdf", size=1, added_by="Somebody", **more,
    )  # fmt: skip


def stopping(file: RegulatoryFile) -> dict[str, str]:
    return {one.what: one.words for one in checking.issues(file) if one.stops}


def to_look_at(file: RegulatoryFile) -> dict[str, str]:
    return {one.what: one.words for one in checking.issues(file) if not one.stops}


def test_whole_papers_have_no_issue(file: RegulatoryFile) -> None:
    assert checking.issues(file) == []
    assert checking.hindrances(file) == []


def test_papers_of_which_nothing_was_told(client_of_karoo: Client, account: CarrierAccount) -> None:
    brand = client_of_karoo.brand
    file = filling.begin(
        client=client_of_karoo, brand=brand, account=account, requirement=AREA_OF_BOTH
    )
    assert list(stopping(file)) == ["papers.begun"]


@pytest.mark.parametrize(
    ("of", "told", "what", "words"),
    [
        ("identity", {"vat_id": ""}, "identity.vat_id", "tax or VAT number is missing"),
        ("identity", {"company_name": ""}, "identity.company_name", "company name is missing"),
        ("identity", {"country": "DE"}, "identity.country", "must be South Africa"),
        ("identity", {"phone": "12"}, "identity.phone", "not valid"),
        ("address", {"street": ""}, "address.street", "street address is missing"),
        ("address", {"postal_code": ""}, "address.postal_code", "postal code is missing"),
        ("address", {"country": "DE"}, "address.country", "must be South Africa"),
        ("address", {"area": ""}, "address.city", "none of the provider's areas"),
    ],
)
def test_what_stops_the_papers(
    file: RegulatoryFile, of: str, told: dict[str, str], what: str, words: str
) -> None:
    change(file, of, told)
    assert list(stopping(file)) == [what]
    assert words in stopping(file)[what]
    assert checking.hindrances(file) == [stopping(file)[what]]


def change(file: RegulatoryFile, of: str, told: dict[str, str]) -> None:
    """Write past the rules of the form, as an older version may have."""
    if of == "identity":
        assert file.identity is not None
        facts.write_identity(file.identity, **told)
    else:
        assert file.address is not None
        facts.write_address(file.address, **told)


@pytest.mark.parametrize(
    ("birth_date", "words"),
    [
        ("", "is missing"),
        ("17 April 1986", "year-month-day"),
        ("1986-13-01", "no such day"),
        ("2999-01-01", "yet to come"),
        ("2020-01-01", "18 or older"),
    ],
)
def test_a_birth_date_that_is_none(
    client_of_karoo: Client, account: CarrierAccount, birth_date: str, words: str
) -> None:
    file = handed_in(client_of_karoo, account, SOMEBODY)
    change(file, "identity", {"birth_date": birth_date})
    assert words in stopping(file)["identity.birth_date"]


def test_what_a_person_should_compare(file: RegulatoryFile) -> None:
    change(file, "identity", {"company_name": "Karoo Holdings", "phone": "+14165550142"})
    change(file, "address", {"street": "Harrington Street"})
    assert stopping(file) == {}
    found = to_look_at(file)
    assert found.keys() == {"identity.company_name", "identity.phone", "address.street"}
    assert "Karoo Freight" in found["identity.company_name"]
    assert checking.hindrances(file) == []


def test_the_name_beside_the_orders_contact(
    client_of_karoo: Client, account: CarrierAccount
) -> None:
    client_of_karoo.contact_name = "Thandi Mokoena"
    file = handed_in(client_of_karoo, account, SOMEBODY)
    assert to_look_at(file) == {}, "another given name is no difference"
    client_of_karoo.contact_name = "Peter Smith"
    assert list(to_look_at(file)) == ["identity.last_name"]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Karoo Freight (Pty) Ltd", "Karoo Freight", True),
        ("MÜLLER GmbH", "Muller", True),
        ("Karoo-Freight, Inc.", "karoo freight", True),
        ("Karoo Freight", "Karoo Holdings", False),
        ("Limited", "Ltd", False),
        ("Inc", "Inc", True),
    ],
)
def test_two_ways_to_write_a_company(one: str, other: str, is_same: bool) -> None:
    assert checking.same_company(one, other) is is_same


def test_missing_documents_stop_unless_staff_uploaded_them_itself(file: RegulatoryFile) -> None:
    Document.objects.filter(slot="identity-1").delete()
    assert list(stopping(file)) == ["document.identity-1"]
    assert checking.hindrances(file, documents=False) == []
    file.uploaded_by_hand = timezone.now()
    assert checking.issues(file) == []


@pytest.mark.parametrize(("days", "stops"), [(10, None), (200, True), (-3, True), (None, False)])
def test_the_day_of_a_proof_of_address(
    file: RegulatoryFile, days: int | None, stops: bool | None
) -> None:
    dated = None if days is None else timezone.localdate() - timedelta(days=days)
    Document.objects.filter(slot="address-1").update(dated=dated)
    found = [one.stops for one in checking.issues(file)]
    assert found == ([] if stops is None else [stops])


def test_an_open_correction_is_a_hindrance(file: RegulatoryFile) -> None:
    file.asked = [{"what": "identity.phone", "words": "It is not reachable."}]
    assert checking.hindrances(file) == [checking.CORRECTION_OPEN]


@pytest.mark.parametrize("state", ["active", "closed"])
def test_what_is_over_is_not_judged(file: RegulatoryFile, state: str) -> None:
    change(file, "identity", {"phone": ""})
    file.state = state
    assert checking.issues(file) == []
    assert checking.hindrances(file) == []


def test_what_stops_papers_says_nothing_of_what_they_say(file: RegulatoryFile) -> None:
    """Whoever sees the order reads why it waits, with or without the right to see papers."""
    told = {"city": "Gqeberha-Secret", "area": "", "country": "DE"}
    change(file, "address", told)
    change(file, "identity", {"country": "FR", "phone": "+27"})
    words = " ".join(checking.hindrances(file))
    assert "city" in words
    for secret in ("Gqeberha-Secret", "Germany", "France", "+27."):
        assert secret not in words, secret
