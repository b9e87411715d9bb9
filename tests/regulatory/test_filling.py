"""Papers while an order is written: what is kept, what is refused, and what is erased."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.papers import PersonKind, Requirement
from ringup.core.sentences import Refusal
from ringup.regulatory import facts, filling, sharing
from ringup.regulatory.models import Address, Identity, RegulatoryFile
from tests.regulatory.requirements import AREA_OF_BOTH, FIRM, SOMEBODY, WORLD_WIDE


@pytest.fixture
def file(client_of_karoo: Client, account: CarrierAccount) -> RegulatoryFile:
    return begin(client_of_karoo, account)


def begin(
    client: Client, account: CarrierAccount, rules: Requirement = AREA_OF_BOTH
) -> RegulatoryFile:
    return filling.begin(client=client, brand=client.brand, account=account, requirement=rules)


def test_the_file_freezes_what_is_needed(file: RegulatoryFile) -> None:
    file.refresh_from_db()
    assert file.rules == AREA_OF_BOTH
    assert (file.state, file.identity, file.address) == ("draft", None, None)


def test_what_was_told_comes_back_as_papers(file: RegulatoryFile) -> None:
    filling.save_answers(file, FIRM)
    file.refresh_from_db()
    assert file.identity is not None
    assert file.address is not None
    person, place = facts.identity_paper(file.identity), facts.address_paper(file.address)
    assert (person.kind, person.reference) == (PersonKind.BUSINESS, file.identity.uid)
    assert (person.first_name, person.company_name) == ("Thandi Nomvula", "Karoo Freight (Pty) Ltd")
    assert (place.city, place.area, place.country) == ("Cape Town", "a-cpt", "ZA")
    assert file.address.country == "ZA"
    assert facts.full_name(file.identity) == "Thandi Nomvula Mokoena"
    assert filling.answers_of(file) == FIRM | {
        # A business is not asked for these, so they were not kept.
        "birth_date": "", "id_number": "", "birth_country": "", "personal_tax_id": "",
    }  # fmt: skip


def test_a_birth_date_is_a_day(file: RegulatoryFile) -> None:
    filling.save_answers(file, SOMEBODY)
    assert file.identity is not None
    assert facts.identity_paper(file.identity).birth_date == date(1986, 4, 17)


def test_nothing_of_a_person_can_be_read_in_the_rows(file: RegulatoryFile) -> None:
    filling.save_answers(file, FIRM)
    assert file.identity is not None
    assert file.address is not None
    for row in (file.identity, file.address, file):
        columns = str(type(row).objects.filter(pk=row.pk).values().get())
        for secret in ("Thandi", "Mokoena", "Harrington", "4820271199", "27210012200"):
            assert secret not in columns
    paper = facts.identity_paper(file.identity)
    assert "Mokoena" not in f"{file.identity!r}{file.identity}{paper!r}"


@pytest.mark.parametrize(
    ("answers", "field", "words"),
    [
        ({"kind": ""}, "kind", "Choose whose"),
        ({"first_name": " "}, "first_name", "Type the first name"),
        ({"last_name": "<b>"}, "last_name", "Leave out"),
        ({"phone": "021 001 2200"}, "phone", "country code"),
        ({"contact_email": "thandi"}, "contact_email", "e-mail"),
        ({"birth_date": "17.04.1986"}, "birth_date", "1986-04-17"),
        ({"birth_date": "1986-02-30"}, "birth_date", "no such day"),
        ({"birth_date": "2999-01-01"}, "birth_date", "yet to come"),
        ({"birth_date": f"{timezone.localdate().year - 10}-01-01"}, "birth_date", "18 or older"),
        ({"birth_date": "1850-01-01"}, "birth_date", "too long ago"),
        ({"country": "DE"}, "country", "South Africa"),
        ({"area": ""}, "city", "areas"),
        ({"street": ""}, "street", "street address"),
        ({"postal_code": "8" * 21}, "postal_code", "20 characters"),
        ({"service_description": ""}, "service_description", "used for"),
        ({"service_description": "x" * 501}, "service_description", "500"),
    ],
)
def test_what_is_wrong_is_refused_by_its_input(
    file: RegulatoryFile, answers: dict[str, str], field: str, words: str
) -> None:
    with pytest.raises(Refusal, match=words) as refused:
        filling.save_answers(file, SOMEBODY | answers)
    assert refused.value.field == field
    file.refresh_from_db()
    assert file.identity is None
    assert not Identity.objects.exists()


def test_a_company_must_be_at_home_where_the_rules_say_so(file: RegulatoryFile) -> None:
    with pytest.raises(Refusal, match="South Africa") as refused:
        filling.save_answers(file, FIRM | {"identity_country": "DE"})
    assert refused.value.field == "identity_country"


def test_a_kind_that_is_not_taken_is_refused(
    client_of_karoo: Client, account: CarrierAccount
) -> None:
    file = begin(client_of_karoo, account, WORLD_WIDE)
    with pytest.raises(Refusal) as refused:
        filling.save_answers(file, FIRM)
    assert refused.value.field == "kind"
    filling.save_answers(file, SOMEBODY | {"country": "DE"})
    told = filling.answers_of(file)
    # Neither birth date, nor number, nor area, nor description is asked for.
    for name in ("birth_date", "id_number", "area", "service_description"):
        assert told[name] == ""


def test_typing_again_changes_the_same_rows(file: RegulatoryFile) -> None:
    filling.save_answers(file, SOMEBODY)
    filling.save_answers(file, SOMEBODY | {"last_name": "Dlamini"})
    assert Identity.objects.count() == Address.objects.count() == 1
    assert filling.answers_of(file)["last_name"] == "Dlamini"


def test_another_kind_is_another_identity_and_the_first_is_erased(file: RegulatoryFile) -> None:
    filling.save_answers(file, SOMEBODY)
    filling.save_answers(file, FIRM)
    assert [row.kind for row in Identity.objects.all()] == ["business"]
    assert Address.objects.get().identity == Identity.objects.get()


def test_papers_that_another_number_has_are_left_alone(file: RegulatoryFile) -> None:
    filling.save_answers(file, SOMEBODY)
    other = sharing.another_for(file)
    assert (other.identity, other.address, other.rules) == (file.identity, file.address, file.rules)
    filling.save_answers(other, SOMEBODY | {"last_name": "Dlamini"})
    assert filling.answers_of(file)["last_name"] == "Mokoena"
    filling.discard(other)
    file.refresh_from_db()
    assert filling.answers_of(file)["last_name"] == "Mokoena"


def test_a_discarded_file_leaves_nothing(file: RegulatoryFile) -> None:
    filling.save_answers(file, SOMEBODY)
    filling.discard(file)
    assert not RegulatoryFile.objects.exists()
    assert not Identity.objects.exists()
    assert not Address.objects.exists()


def test_what_was_handed_in_is_neither_changed_nor_discarded(
    file: RegulatoryFile, client_of_karoo: Client
) -> None:
    filling.save_answers(file, SOMEBODY)
    RegulatoryFile.objects.update(state="pending_review")
    file.refresh_from_db()
    with pytest.raises(Refusal, match="handed in"):
        filling.save_answers(file, SOMEBODY)
    filling.discard(file)
    assert Identity.objects.count() == RegulatoryFile.objects.count() == 1


def test_a_guests_papers_become_his_clients(
    client_of_karoo: Client, account: CarrierAccount
) -> None:
    brand = client_of_karoo.brand
    file = filling.begin(client=None, brand=brand, account=account, requirement=AREA_OF_BOTH)
    filling.save_answers(file, SOMEBODY)
    filling.hand_over(file, client_of_karoo)
    rows: list[Any] = [RegulatoryFile.objects.get(), Identity.objects.get(), Address.objects.get()]
    assert [row.client for row in rows] == [client_of_karoo] * 3


def test_a_document_that_comes_in_while_its_guest_signs_in_is_his(
    client_of_karoo: Client, account: CarrierAccount
) -> None:
    """Whoever adds one holds the file's lock: the file is taken over before its documents are."""
    brand = client_of_karoo.brand
    file = filling.begin(client=None, brand=brand, account=account, requirement=AREA_OF_BOTH)
    with CaptureQueriesContext(connection) as queries:
        filling.hand_over(file, client_of_karoo)
    written = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert [sql.split()[1].strip('"`') for sql in written] == [
        "regulatory_regulatoryfile", "regulatory_document",
    ]  # fmt: skip


def test_facts_without_a_name_are_a_bug(file: RegulatoryFile) -> None:
    filling.save_answers(file, SOMEBODY)
    assert file.identity is not None
    with pytest.raises(ValueError, match="shoe_size"):
        facts.write_identity(file.identity, shoe_size="43")
