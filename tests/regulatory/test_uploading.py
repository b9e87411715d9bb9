"""A document comes in: into its slot, sealed, of the right age, at the right time, and without a trace
of its name or content anywhere else."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.papers import PersonKind
from ringup.core.actors import Actor
from ringup.core.failures import OurFault
from ringup.core.keys import KeyProblem, NotThisRow
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.jobs.models import Job
from ringup.regulatory import uploading
from ringup.regulatory.documents import (
    documents_of,
    missing_documents,
    months_before,
    too_old_for,
)
from ringup.regulatory.models import Document, DocumentContent, RegulatoryFile
from ringup.regulatory.sound_files import SoundFile
from ringup.regulatory.viewing import content_for_carrier, open_document, open_preview
from ringup.regulatory.wanted_documents import wanted_documents
from tests.racing import at_once
from tests.regulatory.files import jpeg, pdf
from tests.regulatory.papers import ALICE, REQUIREMENT, SAM, add, make_file, today

State = RegulatoryFile.State


@pytest.fixture
def file(account: CarrierAccount, client_of_karoo: Client) -> RegulatoryFile:
    return make_file(account, client_of_karoo)


@pytest.fixture
def real_reader() -> None:
    """Files are opened by a child, as ever."""


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child takes its time, and what it does is tested elsewhere."""
    if "real_reader" not in request.fixturenames:
        monkeypatch.setattr(
            uploading, "sound_file", lambda content: SoundFile("image/jpeg", 1, content, b"a PNG")
        )


# -- what is wanted ----------------------------------------------------------------------------------


def test_a_business_shows_its_proofs_its_address_and_the_forms() -> None:
    wanted = wanted_documents(REQUIREMENT, PersonKind.BUSINESS)
    assert [(one.slot, one.purpose.value, one.title) for one in wanted] == [
        ("identity-1", "identity", "Business proof 1 of 2"),
        ("identity-2", "identity", "Business proof 2 of 2"),
        ("address-1", "address", "Proof of address"),
        ("form-reg-form", "permanent-form", "Registration form"),
        ("form-letter", "one-time-form", "Letter of authority"),
    ]
    assert [one.form.url for one in wanted if one.form] == [
        "https://forms.example/reg.pdf", "https://forms.example/letter.pdf",
    ]  # fmt: skip


def test_what_is_there_and_what_is_missing(file: RegulatoryFile) -> None:
    assert [one.slot for one in missing_documents(file)] == ["identity-1", "address-1"]
    bill = add(file, "address-1")
    assert [one.slot for one in missing_documents(file)] == ["identity-1"]
    passport = add(file)
    assert documents_of(file) == [passport, bill]
    assert missing_documents(file) == []


def test_each_document_belongs_to_what_it_proves(
    account: CarrierAccount, client_of_karoo: Client
) -> None:
    file = make_file(account, client_of_karoo, kind=PersonKind.BUSINESS)
    tax = add(file, "identity-1", type_key="tax")
    bill, permanent, once = (
        add(file, f"{slot}") for slot in ("address-1", "form-reg-form", "form-letter")
    )
    owners = [(one.identity, one.address, one.file) for one in (tax, bill, permanent, once)]
    assert owners == [
        (file.identity, None, None), (None, file.address, None), (file.identity, None, None),
        (None, None, file),
    ]  # fmt: skip
    assert (permanent.type_key, once.type_name) == ("reg-form", "Letter of authority")


def test_a_document_of_a_kind_that_another_number_does_not_take_is_missing_there(
    account: CarrierAccount, client_of_karoo: Client, file: RegulatoryFile
) -> None:
    add(file, type_key="id")
    wants_passport = REQUIREMENT.identities[0].types[:1]
    rules = REQUIREMENT.as_data()
    rules["identities"][0]["types"] = [{"key": one.key, "name": one.name} for one in wants_passport]
    other = make_file(account, client_of_karoo)
    other.identity, other.address, other.requirement = file.identity, file.address, rules
    other.save()
    assert [one.slot for one in missing_documents(other)] == ["identity-1", "address-1"]


# -- keeping it --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("real_reader")
def test_a_photograph_comes_in_and_out(file: RegulatoryFile) -> None:
    document = add(file, content=jpeg(turned=6))
    document.refresh_from_db()
    assert (document.name, document.media_type) == ("photo of Thandi.jpg", "image/jpeg")
    assert (document.type_name, document.added_by, document.pages) == ("Passport", "Alice", 1)
    assert (document.client, document.brand) == (file.client, file.brand)
    content = open_document(document, actor=ALICE)
    assert content.startswith(b"\xff\xd8\xff")
    assert len(content) == document.size
    assert open_preview(document, actor=ALICE).startswith(b"\x89PNG")
    assert content_for_carrier(document) == content


@pytest.mark.usefixtures("real_reader")
def test_a_wrong_file_changes_nothing(file: RegulatoryFile) -> None:
    kept = add(file, content=pdf())
    with pytest.raises(Refusal, match="damaged"):
        add(file, content=pdf()[:-50])
    assert documents_of(file) == [kept]
    assert open_document(kept, actor=ALICE) == pdf()


def test_content_is_sealed_for_its_own_row_and_part(file: RegulatoryFile) -> None:
    passport, bill = add(file, content=b"the passport"), add(file, "address-1", content=b"the bill")
    rows = {row.document_id: row for row in DocumentContent.objects.all()}
    mine, other = rows[passport.pk], rows[bill.pk]
    assert b"the passport" not in bytes(mine.sealed)
    mine.sealed, kept = other.sealed, mine.sealed
    mine.save()
    with pytest.raises(NotThisRow):
        open_document(passport, actor=ALICE)
    mine.sealed = mine.preview
    mine.save()
    with pytest.raises(NotThisRow):
        open_document(passport, actor=ALICE)
    mine.sealed = bytes(kept)[:-1]
    mine.save()
    with pytest.raises(KeyProblem, match="damaged"):
        content_for_carrier(passport)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\Thandi\\scan.pdf", "scan.jpg"),
        ("invoice\u202efdp.exe", "invoicefdp.jpg"),
        ("a\r\nSet-Cookie: b.jpg", "aSet-Cookie: b.jpg"),
        ("", "document.jpg"),
        ("x" * 400 + ".jpg", "x" * 100 + ".jpg"),
    ],
)
def test_a_name_is_a_name_with_the_ending_that_is_true(
    file: RegulatoryFile, typed: str, kept: str
) -> None:
    assert add(file, name=typed).name == kept


def test_neither_name_nor_content_is_in_the_log_or_among_the_activities(
    file: RegulatoryFile, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    document = add(file, name="Thandi passport.jpg", content=b"her number 8604170000088")
    open_document(document, actor=SAM)
    with pytest.raises(Refusal):
        add(file, name="Thandi passport.jpg", type_key="unknown")
    written = caplog.text + str(list(Activity.objects.values()))
    assert "Thandi" not in written
    assert "8604170000088" not in written + repr(document) + repr(
        SoundFile("", 1, b"8604170000088", b"")
    )


def test_every_look_is_written_down_and_the_carriers_is_none(file: RegulatoryFile) -> None:
    document = add(file)
    added = Activity.objects.get(subject=f"papers:{file.uid}")
    assert (added.actor, added.what) == ("user:1", "added a document to the papers")
    assert added.detail == {
        "document": str(document.uid), "slot": "identity-1", "type": "Passport",
    }  # fmt: skip
    content_for_carrier(document)
    open_preview(document, actor=ALICE)
    open_document(document, actor=SAM)
    looks = Activity.objects.filter(subject=f"document:{document.uid}").order_by("pk")
    assert [(row.actor, row.what) for row in looks] == [
        ("user:1", "looked at a document’s first page"), ("staff:1", "opened a document"),
    ]  # fmt: skip


# -- kind and date -----------------------------------------------------------------------------------


def test_the_kind_is_chosen_unless_there_is_one(
    account: CarrierAccount, client_of_karoo: Client, file: RegulatoryFile
) -> None:
    for wrong in ("", "bill"):
        with pytest.raises(Refusal, match="what kind") as refused:
            add(file, type_key=wrong)
        assert refused.value.field == "type"
    business = make_file(account, client_of_karoo, kind=PersonKind.BUSINESS)
    assert add(business, "form-letter", type_key="").type_key == "letter"


@pytest.mark.parametrize("days", [0, 1, 30])
def test_a_young_proof_of_address_is_taken(file: RegulatoryFile, days: int) -> None:
    assert add(file, "address-1", dated=today() - timedelta(days=days)).dated is not None


@pytest.mark.parametrize(
    ("dated", "words"),
    [
        (lambda: None, "which date"),
        (lambda: today() + timedelta(days=2), "in the future"),
        (lambda: months_before(today(), 3) - timedelta(days=1), "older than 3 months"),
    ],
)
def test_a_proof_of_address_of_the_wrong_age_is_refused(
    file: RegulatoryFile, dated: Any, words: str
) -> None:
    with pytest.raises(Refusal, match=words) as refused:
        add(file, "address-1", dated=dated())
    assert refused.value.field == "dated"
    assert "Nothing was uploaded." in str(refused.value)


def test_the_requirement_says_how_old(account: CarrierAccount, client_of_karoo: Client) -> None:
    half_a_year = make_file(account, client_of_karoo, proof_months=6)
    bill = add(half_a_year, "address-1", dated=months_before(today(), 6))
    assert not too_old_for(bill, half_a_year, today=today())
    assert too_old_for(bill, half_a_year, today=today() + timedelta(days=1))
    with pytest.raises(Refusal, match="older than 6 months"):
        add(half_a_year, "address-1", dated=months_before(today(), 7))


def test_months_end_where_they_end() -> None:
    assert months_before(date(2026, 5, 31), 3) == date(2026, 2, 28)
    assert months_before(date(2028, 5, 31), 3) == date(2028, 2, 29)
    assert months_before(date(2026, 1, 15), 3) == date(2025, 10, 15)
    assert months_before(date(2026, 12, 1), 12) == date(2025, 12, 1)


# -- replacing ---------------------------------------------------------------------------------------


def test_a_newer_one_takes_the_place_and_the_older_is_deleted(file: RegulatoryFile) -> None:
    older = add(file, content=b"blurred")
    newer = add(file, type_key="id", content=b"sharp")
    assert documents_of(file) == [newer]
    older.refresh_from_db()
    assert older.replaced is not None
    assert older.erased is not None
    assert not DocumentContent.objects.filter(document=older).exists()
    with pytest.raises(Refusal, match="deleted"):
        open_document(older, actor=SAM)
    with pytest.raises(OurFault, match="Ask the client to upload it again"):
        content_for_carrier(older)


def test_what_the_carrier_has_approved_stays(file: RegulatoryFile) -> None:
    older = add(file)
    Document.objects.update(sent=timezone.now(), carrier_key="p-1")
    assert file.identity is not None
    file.identity.approved = timezone.now()
    file.identity.save()
    newer = add(file)
    older.refresh_from_db()
    assert older.replaced is None
    assert documents_of(file) == [newer]


def test_what_was_sent_and_rejected_is_replaced(file: RegulatoryFile) -> None:
    older = add(file)
    Document.objects.update(sent=timezone.now(), carrier_key="p-1")
    RegulatoryFile.objects.update(state=State.REJECTED)
    file.refresh_from_db()
    newer = add(file)
    older.refresh_from_db()
    assert older.replaced is not None
    assert older.carrier_key == "p-1"  # what became of it is still known
    assert documents_of(file) == [newer]


# -- when --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "client_may", "staff_may"),
    [
        (State.DRAFT, True, True),
        (State.PENDING_REVIEW, True, True),
        (State.IDENTITY_CONFIRMED, True, True),  # while it is missing
        (State.DOCUMENTS_UPLOADED, False, True),
        (State.ORDER_PLACED, False, True),
        (State.REJECTED, True, True),
        (State.BLOCKED, False, True),
        (State.TERMINATED, False, True),
        (State.ACTIVE, False, False),
        (State.CLOSED, False, False),
    ],
)
def test_who_may_add_when(
    file: RegulatoryFile, state: str, client_may: bool, staff_may: bool
) -> None:
    RegulatoryFile.objects.update(state=state)
    file.refresh_from_db()
    for actor, may in ((ALICE, client_may), (SAM, staff_may)):
        Document.objects.all().delete()
        if may:
            assert add(file, actor=actor).pk
        else:
            with pytest.raises(Refusal, match="with the provider"):
                add(file, actor=actor)


def test_what_was_sent_to_be_checked_is_not_changed_by_the_client(file: RegulatoryFile) -> None:
    add(file)
    RegulatoryFile.objects.update(state=State.IDENTITY_CONFIRMED)
    file.refresh_from_db()
    with pytest.raises(Refusal, match="with the provider"):
        add(file)
    assert add(file, "address-1").pk


def test_while_a_correction_is_open_the_client_changes_only_what_was_asked(
    file: RegulatoryFile,
) -> None:
    file.asked = [
        {"what": "identity.birth_date", "words": "It differs."},
        {"what": "document.address-1", "words": "The corner is cut off."},
    ]
    file.state = State.DOCUMENTS_UPLOADED
    file.save()
    with pytest.raises(Refusal, match="something else"):
        add(file)
    assert add(file, "address-1").pk
    acting = Actor("staff:1", "Sam", on_behalf_of="client:1")
    with pytest.raises(Refusal, match="something else"):
        add(file, actor=acting)
    assert add(file, actor=SAM).pk


def test_a_slot_that_is_not_wanted_and_papers_without_an_identity(
    file: RegulatoryFile, account: CarrierAccount, client_of_karoo: Client
) -> None:
    for slot in ("identity-2", "form-x", "", "document.identity-1"):
        with pytest.raises(Refusal, match="not needed"):
            add(file, slot, type_key="passport")
    empty = RegulatoryFile.objects.create(
        client=client_of_karoo, brand=client_of_karoo.brand, account=account,
        requirement=REQUIREMENT.as_data(),
    )  # fmt: skip
    with pytest.raises(Refusal, match="first whose number"):
        add(empty)
    assert [one.slot for one in missing_documents(empty)] == ["identity-1", "address-1"]


def test_papers_that_were_discarded_meanwhile_take_nothing(file: RegulatoryFile) -> None:
    RegulatoryFile.objects.filter(pk=file.pk).delete()
    with pytest.raises(Refusal, match="not needed any more"):
        add(file)
    assert not Document.objects.exists()


def test_papers_that_became_another_s_meanwhile_take_nothing(file: RegulatoryFile) -> None:
    """While the file was looked at, the client said that a company will have the number."""
    business = make_file(file.account, file.client, kind=PersonKind.BUSINESS)  # type: ignore[arg-type]
    RegulatoryFile.objects.filter(pk=file.pk).update(identity=business.identity)
    with pytest.raises(Refusal, match="not needed any more"):
        add(file, type_key="passport")
    assert not Document.objects.exists()


def test_nothing_of_it_is_read_for_a_list(file: RegulatoryFile) -> None:
    """A list of documents must not load megabytes."""
    add(file)
    with connection.execute_wrapper(refuse_contents):
        assert documents_of(file)


def refuse_contents(execute: Any, sql: str, *rest: Any) -> Any:
    assert "documentcontent" not in sql
    return execute(sql, *rest)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_for_one_slot_leave_one(
    account: CarrierAccount, client_of_karoo: Client
) -> None:
    file = make_file(account, client_of_karoo)
    add(file, "address-1")

    def upload() -> Document:
        return add(RegulatoryFile.objects.get(pk=file.pk))

    made = at_once(upload, upload)
    assert {type(one) for one in made} == {Document}
    assert Document.objects.filter(slot="identity-1", replaced=None).count() == 1
    assert DocumentContent.objects.filter(document__slot="identity-1").count() == 1
    assert Job.objects.filter(name="papers.answered").count() == 1  # it was complete once
