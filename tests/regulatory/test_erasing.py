"""Retention: what goes, what stays, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.core.fields import money_columns
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.numbers.models import OwnedNumber
from ringup.regulatory import erasing, uploading
from ringup.regulatory.documents import documents_of
from ringup.regulatory.erasing import erase_some_of
from ringup.regulatory.facts import identity_facts
from ringup.regulatory.models import Address, Document, DocumentContent, Identity, RegulatoryFile
from ringup.regulatory.sound_files import SoundFile
from ringup.regulatory.viewing import open_document
from tests.regulatory.papers import SAM, add, make_file
from tests.world import make_client

State = RegulatoryFile.State
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.RINGUP_PAPERS_RETENTION_DAYS = 30
    monkeypatch.setattr(
        uploading, "sound_file", lambda content: SoundFile("image/jpeg", 1, content, b"a PNG")
    )


@pytest.fixture
def file(
    transactional_db: None, account: CarrierAccount, client_of_karoo: Client
) -> RegulatoryFile:
    file = make_file(account, client_of_karoo)
    add(file)
    add(file, "address-1")
    return file


def days_ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def age(file: RegulatoryFile, state: str, days: float) -> None:
    """The file stands in this state for so long, and everything in it is older."""
    then = days_ago(days)
    closed = then if state == State.CLOSED else None
    RegulatoryFile.objects.filter(pk=file.pk).update(state=state, changed=then, closed=closed)
    Document.objects.update(added=days_ago(days + 10))
    Identity.objects.update(changed=days_ago(days + 10))
    Address.objects.update(changed=days_ago(days + 10))
    file.refresh_from_db()


def erase() -> None:
    Job.objects.all().delete()
    enqueue("papers.erase")
    assert run_one()
    assert not Job.objects.exists()


@pytest.mark.parametrize("state", [State.ACTIVE, State.CLOSED])
def test_files_are_kept_for_their_time_and_not_longer(file: RegulatoryFile, state: str) -> None:
    age(file, state, 29.9)
    erase()
    assert DocumentContent.objects.count() == 2
    age(file, state, 30.1)
    Document.objects.update(sent=timezone.now(), carrier_key="p-1")
    erase()
    erase()
    assert not DocumentContent.objects.exists()
    document = documents_of(file)[0]  # that it was here stays known
    assert (document.type_name, document.name, document.added_by) == ("Passport", "", "")
    assert document.erased is not None
    with pytest.raises(Refusal, match="deleted, as promised"):
        open_document(document, actor=SAM)
    assert Activity.objects.filter(what="deleted a document, whose time was over").count() == 2


@pytest.mark.parametrize(
    "state", [one for one in State if one not in (State.ACTIVE, State.CLOSED, State.DRAFT)]
)
def test_while_the_carrier_may_ask_again_nothing_goes(file: RegulatoryFile, state: str) -> None:
    age(file, state, 400)
    erase()
    assert DocumentContent.objects.count() == 2
    assert identity_facts(Identity.objects.get())["first_name"] == "Thandi"


def test_a_number_that_works_keeps_whose_it_is_until_it_ends(file: RegulatoryFile) -> None:
    age(file, State.ACTIVE, 400)
    erase()
    assert identity_facts(Identity.objects.get())["first_name"] == "Thandi"
    file.service_description = "Calls"
    file.comment, file.reasons = "Thandi", ["Thandi is 12"]
    file.save()
    age(file, State.CLOSED, 31)
    erase()
    for row in (Identity.objects.get(), Address.objects.get()):
        assert (row.facts, row.facts_sealed) == ("", "")  # type: ignore[attr-defined]
        assert row.erased is not None
    file.refresh_from_db()
    assert (file.service_description, file.comment, file.reasons) == ("", "", [])


def test_what_another_number_needs_stays(
    file: RegulatoryFile, account: CarrierAccount, client_of_karoo: Client
) -> None:
    """An identity is shared: the end of one number is not the end of its papers."""
    other = make_file(account, client_of_karoo)
    RegulatoryFile.objects.filter(pk=other.pk).update(identity=file.identity, address=file.address)
    age(file, State.CLOSED, 100)
    erase()
    assert DocumentContent.objects.count() == 2
    assert Identity.objects.get(pk=file.identity_id).erased is None
    age(other, State.ACTIVE, 31)
    erase()
    assert not DocumentContent.objects.exists()
    assert Identity.objects.get(pk=file.identity_id).erased is None


def test_papers_of_an_order_that_nobody_placed_go_with_all_that_was_told(
    file: RegulatoryFile, settings: Settings
) -> None:
    settings.RINGUP_DRAFT_DAYS = 14
    age(file, State.DRAFT, 43)
    erase()
    assert RegulatoryFile.objects.exists()
    age(file, State.DRAFT, 45)
    erase()
    for model in (RegulatoryFile, Identity, Address, Document, DocumentContent):
        assert not model._default_manager.exists()


def test_an_upload_keeps_a_draft_s_papers_alive(file: RegulatoryFile) -> None:
    age(file, State.DRAFT, 45)
    add(file)
    erase()
    assert RegulatoryFile.objects.exists()


def test_a_client_that_ended_leaves_nothing_at_once(
    file: RegulatoryFile, account: CarrierAccount
) -> None:
    other = make_file(account, make_client("Other"))
    add(other)
    age(file, State.CLOSED, 0)
    client = file.client_id
    assert client is not None
    while erase_some_of([client]):
        pass
    assert [one.document.client_id for one in DocumentContent.objects.all()] == [other.client_id]
    assert [one.client_id for one in Identity.objects.filter(erased=None)] == [other.client_id]
    assert erase_some_of([client]) == 0


def test_many_go_in_portions(file: RegulatoryFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "PORTION", 1)
    age(file, State.CLOSED, 31)
    erase()
    assert not DocumentContent.objects.exists()


def test_a_replaced_document_keeps_no_name(file: RegulatoryFile) -> None:
    """What somebody called it may name a person: it goes with the content, at once or later."""
    old = documents_of(file)[0]
    add(file)
    old.refresh_from_db()
    assert old.replaced is not None
    assert (old.name, old.added_by, old.type_name) == ("", "", "Passport")


def test_a_number_that_was_given_back_needs_nobody_any_more(file: RegulatoryFile) -> None:
    """Its papers were never closed: they worked until the end."""
    number = OwnedNumber.objects.create(
        client=file.client, brand=file.brand, account=file.account, e164="+27210012201",
        country="ZA", state=OwnedNumber.State.RELEASED, released=days_ago(29),
        **money_columns(
            cost_setup=Money.of("1", "USD"), cost_monthly=Money.of("1", "USD"),
            price_monthly=Money.of("1", "USD"),
        ),
    )  # fmt: skip
    RegulatoryFile.objects.update(number=number)
    age(file, State.ACTIVE, 400)
    erase()
    assert identity_facts(Identity.objects.get())["first_name"] == "Thandi"
    OwnedNumber.objects.update(released=days_ago(31))
    erase()
    for row in (Identity.objects.get(), Address.objects.get()):
        assert row.facts == ""
        assert row.erased is not None
