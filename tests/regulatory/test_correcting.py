"""Corrections: what was asked may be changed, nothing else; each is recorded, without its content."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.regulatory import correcting, filling
from ringup.regulatory.models import Document, RegulatoryFile
from tests.regulatory.requirements import FIRM
from tests.regulatory.test_checking import add, handed_in

STAFF, CLIENT = Actor("staff:1", "Sam"), Actor("user:7", "Thandi")
BIRTH = {"what": "identity.company_reg_number", "words": "It is not the one on the certificate."}
CITY = {"what": "address.city", "words": "The bill says Gqeberha."}
BILL = {"what": "document.address-1", "words": "The corners are cut off."}


@pytest.fixture
def file(client_of_karoo: Client, account: CarrierAccount) -> RegulatoryFile:
    file = handed_in(client_of_karoo, account, FIRM)
    file.state = "pending_review"
    file.save()
    return file


def test_what_is_asked_is_kept_and_recorded(file: RegulatoryFile) -> None:
    assert not correcting.is_open(file)
    correcting.ask(file, [BIRTH, CITY], actor=STAFF)
    file.refresh_from_db()
    assert correcting.is_open(file)
    assert file.asked == [BIRTH, CITY]
    assert file.asked_at is not None
    assert [what for what, _, _ in correcting.open_words(file)] == [BIRTH["what"], CITY["what"]]
    row = Activity.objects.get(subject=f"papers:{file.uid}")
    assert (row.actor, row.detail) == ("staff:1", {"asked": [BIRTH["what"], CITY["what"]]})


@pytest.mark.parametrize(
    "asked",
    [
        [],
        [{"what": "identity.shoe_size", "words": "x"}],
        # A business is not asked for it, so nobody can correct it.
        [{"what": "identity.birth_date", "words": "x"}],
        [{"what": "identity.phone", "words": "  "}],
        [{"what": "identity.phone", "words": "x" * 301}],
    ],
)
def test_nothing_else_can_be_asked(file: RegulatoryFile, asked: list[dict[str, str]]) -> None:
    with pytest.raises(Refusal):
        correcting.ask(file, asked, actor=STAFF)
    file.refresh_from_db()
    assert file.asked == []


@pytest.mark.parametrize("state", ["draft", "order_placed", "active", "closed", "blocked"])
def test_not_while_the_carrier_has_them(file: RegulatoryFile, state: str) -> None:
    RegulatoryFile.objects.update(state=state)
    with pytest.raises(Refusal, match="Nothing was changed"):
        correcting.ask(file, [BIRTH], actor=STAFF)


def test_only_what_was_asked_is_changed(file: RegulatoryFile) -> None:
    correcting.ask(file, [BIRTH], actor=STAFF)
    told = {BIRTH["what"]: "2014/088124/07", "identity.phone": "+27210019999"}
    with pytest.raises(Refusal, match="nobody asked for this") as refused:
        correcting.correct(file, told, actor=CLIENT)
    assert refused.value.field == "identity.phone"
    assert answers(file)["company_reg_number"] == FIRM["company_reg_number"]
    correcting.correct(file, {BIRTH["what"]: "2014/088124/07"}, actor=CLIENT)
    assert answers(file) == answers(file) | {
        "company_reg_number": "2014/088124/07", "phone": FIRM["phone"],
    }  # fmt: skip
    row = Activity.objects.filter(actor="user:7").get()
    assert row.detail == {"corrected": [BIRTH["what"]]}


def answers(file: RegulatoryFile) -> dict[str, str]:
    return filling.answers_of(RegulatoryFile.objects.get(pk=file.pk))


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("identity.phone", "12"),
        ("identity.country", "DE"),
        ("address.street", ""),
        ("document.x", "y"),
    ],
)
def test_what_is_wrong_again_is_refused(file: RegulatoryFile, what: str, text: str) -> None:
    RegulatoryFile.objects.update(asked=[{"what": what, "words": "x"}], asked_at=timezone.now())
    with pytest.raises(Refusal) as refused:
        correcting.correct(file, {what: text}, actor=CLIENT)
    assert refused.value.field == what


def test_two_windows_correct_different_things(file: RegulatoryFile) -> None:
    phone = {"what": "identity.phone", "words": "It is not reachable."}
    correcting.ask(file, [BIRTH, phone], actor=STAFF)
    other = RegulatoryFile.objects.select_related("identity").get()
    correcting.correct(file, {BIRTH["what"]: "2014/088124/07"}, actor=CLIENT)
    correcting.correct(other, {"identity.phone": "+27210019999"}, actor=CLIENT)
    told = answers(file)
    assert (told["company_reg_number"], told["phone"]) == ("2014/088124/07", "+27210019999")
    assert correcting.still_open(RegulatoryFile.objects.get()) == []


def test_a_city_comes_with_its_area(file: RegulatoryFile) -> None:
    correcting.ask(file, [CITY], actor=STAFF)
    told = {"address.city": "Gqeberha", "address.area": "a-gqe"}
    correcting.correct(file, told, actor=CLIENT)
    assert (answers(file)["city"], answers(file)["area"]) == ("Gqeberha", "a-gqe")
    correcting.answered(file, actor=CLIENT)
    assert not correcting.is_open(file)


def test_it_is_answered_when_all_of_it_is(file: RegulatoryFile) -> None:
    correcting.ask(file, [BIRTH, BILL], actor=STAFF)
    correcting.correct(file, {BIRTH["what"]: "2014/088124/07"}, actor=CLIENT)
    with pytest.raises(Refusal, match="Proof of address"):
        correcting.answered(file, actor=CLIENT)
    assert correcting.still_open(file) == [BILL["what"]]
    Document.objects.filter(slot="address-1").update(replaced=timezone.now())
    add(file, "address-1", "t-bill", address=file.address, dated=timezone.localdate())
    correcting.answered(file, actor=CLIENT)
    file.refresh_from_db()
    assert (file.asked, file.asked_at, file.state) == ([], None, "pending_review")
    # Twice does no harm.
    correcting.answered(file, actor=CLIENT)
    with pytest.raises(Refusal, match="any more"):
        correcting.correct(file, {BIRTH["what"]: "x"}, actor=CLIENT)


@pytest.mark.parametrize("state", ["rejected", "identity_address_confirmed", "documents_uploaded"])
def test_corrected_papers_go_back_to_be_looked_at(file: RegulatoryFile, state: str) -> None:
    RegulatoryFile.objects.update(state=state)
    correcting.ask(file, [BIRTH], actor=STAFF)
    correcting.correct(file, {BIRTH["what"]: "2014/088124/07"}, actor=CLIENT)
    correcting.answered(file, actor=CLIENT)
    assert RegulatoryFile.objects.get().state == "pending_review"


def test_staff_may_take_it_back(file: RegulatoryFile) -> None:
    correcting.ask(file, [BIRTH], actor=STAFF)
    correcting.withdraw(file, actor=STAFF)
    correcting.withdraw(file, actor=STAFF)
    assert RegulatoryFile.objects.get().asked == []


def test_no_record_says_what_was_told(file: RegulatoryFile) -> None:
    correcting.ask(file, [BIRTH, CITY], actor=STAFF)
    told: dict[str, Any] = {BIRTH["what"]: "2014/777777/07", "address.city": "Gqeberha"}
    correcting.correct(file, told, actor=CLIENT)
    written = str(list(Activity.objects.values()))
    assert "777777" not in written
    assert "Gqeberha" not in written
