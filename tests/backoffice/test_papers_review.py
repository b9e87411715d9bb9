"""The review of papers: what staff sees, that each look is written down, and what it asks for."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from ringup.accounts.roles import CAPABILITIES, Can
from ringup.core.models import Activity
from ringup.jobs.models import Job
from ringup.orders.models import Order
from ringup.regulatory.facts import write_identity
from ringup.regulatory.models import Document, RegulatoryFile
from tests.backoffice.regulated import add_proof, make_papers
from tests.factories import Shop, make_pbx_order
from tests.regulatory.files import jpeg
from tests.regulatory.requirements import BILL
from tests.world import People, make_user


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_pbx_order(shop, people.acme)


@pytest.fixture
def file(order: Order) -> RegulatoryFile:
    return make_papers(order)


def page(name: str, order: Order, *more: Any) -> str:
    return reverse(f"office:{name}", args=[order.uid, *more])


def looks(what: str) -> int:
    return Activity.objects.filter(what__contains=what, actor__startswith="staff:").count()


def test_all_sections_are_there_and_the_look_is_written_down(
    staff: Browser, order: Order, file: RegulatoryFile
) -> None:
    answer = staff.get(page("papers", order))
    text = answer.content.decode()
    for words in ("Identity", "Address", "Business", "Documents", "Common issues", "Cape Town",
                  "Mokoena", "2014/088123/07", "Request correction",
                  "The text cannot be read."):  # fmt: skip
        assert words in text, words
    assert "no-store" in answer["Cache-Control"]
    assert looks("looked at the identity papers") == 1
    fragment = staff.get(page("papers", order), headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
    assert looks("looked at the identity papers") == 2


def test_common_issues_are_found_and_keep_the_papers_here(
    staff: Browser, order: Order, file: RegulatoryFile
) -> None:
    assert file.identity is not None
    write_identity(file.identity, last_name="", company_name="Somebody Else Ltd")
    file.identity.save()
    answer = staff.get(page("papers", order))
    found = {check.words: [one.words for one in check.found] for check in
             answer.context["review"].checks}  # fmt: skip
    assert found["Every required field is filled in"] == ["The last name is missing."]
    assert "Somebody Else Ltd" in found["The business is the same everywhere"][0]
    assert len(found["Every document is there and fresh enough"]) == 2
    assert not answer.context["review"].is_complete
    assert answer.content.decode().count("disabled") == 1


def test_every_issue_stands_once(staff: Browser, order: Order, file: RegulatoryFile) -> None:
    from_checks = [one for check in staff.get(page("papers", order)).context["review"].checks
                   for one in check.found]  # fmt: skip
    assert len(from_checks) == len(set(from_checks))


def test_documents_are_shown_to_staff_alone_and_each_look_is_written_down(
    staff: Browser, order: Order, file: RegulatoryFile
) -> None:
    document = add_proof(file, "address-1")
    text = staff.get(page("papers", order)).content.decode()
    assert page("papers-preview", order, document.uid) in text
    opened = staff.get(page("papers-document", order, document.uid))
    assert (opened["Content-Type"], opened.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert "sandbox" in opened["Content-Security-Policy"]
    assert "no-store" in opened["Cache-Control"]
    preview = staff.get(page("papers-preview", order, document.uid))
    assert preview.content.startswith(b"\x89PNG")
    assert looks("opened a document") == 1
    assert looks("first page") == 1


def test_a_document_of_somebody_else_is_not_found_here(
    staff: Browser, shop: Shop, people: People, order: Order, file: RegulatoryFile
) -> None:
    other = make_pbx_order(shop, people.other)
    theirs = add_proof(make_papers(other), "address-1")
    assert staff.get(page("papers-document", order, theirs.uid)).status_code == 404
    assert staff.get(page("papers-document", other, theirs.uid)).status_code == 200


def test_a_deleted_document_says_so(staff: Browser, order: Order, file: RegulatoryFile) -> None:
    document = add_proof(file, "address-1")
    document.content.delete()
    answer = staff.get(page("papers-document", order, document.uid))
    assert answer.status_code == 410
    assert "deleted" in answer.content.decode()


def test_an_order_without_papers_has_no_review(staff: Browser, order: Order) -> None:
    assert staff.get(page("papers", order)).status_code == 404
    assert staff.get(page("place-order", order)).status_code == 404
    assert staff.post(page("papers-submit", order)).status_code == 404


@pytest.mark.parametrize("role", ["support", "billing", "read-only"])
def test_who_need_not_know_sees_no_papers(
    shop: Shop, order: Order, file: RegulatoryFile, role: str
) -> None:
    document = add_proof(file, "address-1")
    browser = Browser()
    browser.force_login(make_user("robin", None, is_staff=True, role=role))
    for where in ("papers", "papers-document", "papers-preview"):
        more = [] if where == "papers" else [document.uid]
        assert browser.get(page(where, order, *more)).status_code == 403, where
    text = browser.get(page("order", order)).content.decode()
    assert "Order review" in text
    assert page("papers", order) not in text
    assert "Mokoena" not in text
    assert Activity.objects.filter(what__contains="looked").count() == 0


@pytest.mark.once
def test_who_works_on_orders_may_see_their_papers() -> None:
    for role, may in CAPABILITIES.items():
        assert Can.WORK_ORDERS not in may or Can.SEE_PAPERS in may, role


# -- what is asked of the client -------------------------------------------------------------------


def test_exactly_what_is_ticked_is_asked_with_the_words(
    staff: Browser, order: Order, file: RegulatoryFile
) -> None:
    posted = {
        "what": ["identity.company_reg_number", "document.address-1"],
        "words-identity.company_reg_number": "It is another one on the certificate.",
        "words-document.address-1": "Text not legible",
        "words-address.city": "never ticked",
    }
    assert staff.post(page("papers-ask", order), posted).status_code == 302
    file.refresh_from_db()
    assert [(row["what"], row["words"]) for row in file.asked] == [
        ("identity.company_reg_number", "It is another one on the certificate."),
        ("document.address-1", "Text not legible"),
    ]
    assert Job.objects.filter(name="papers.asked").count() == 1
    text = staff.get(page("order", order)).content.decode()
    assert "Waiting for client" in text
    assert "It is another one on the certificate." in text
    assert "Text not legible" in staff.get(page("papers", order)).content.decode()
    staff.post(page("papers-withdraw", order))
    file.refresh_from_db()
    assert file.asked == []


def test_a_refused_correction_shows_papers_and_is_a_look_too(
    staff: Browser, order: Order, file: RegulatoryFile
) -> None:
    answer = staff.post(page("papers-ask", order))
    assert answer.status_code == 422
    assert "Mokoena" in answer.content.decode()
    assert looks("looked at the identity papers") == 1
    assert "no-store" in answer["Cache-Control"]


def test_a_correction_without_words_is_refused_and_nothing_typed_is_lost(
    staff: Browser, order: Order, file: RegulatoryFile
) -> None:
    posted = {
        "what": ["identity.birth_date", "address.city", "document.address-1"],
        "words-document.address-1": "Corners are cut off, <b>look</b>",
    }
    answer = staff.post(page("papers-ask", order), posted)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Say what is wrong with each" in text
    assert "Corners are cut off, &lt;b&gt;look" in text
    assert 'value="address.city" checked' in text
    file.refresh_from_db()
    assert file.asked == []
    assert staff.post(page("papers-ask", order), {}).status_code == 422


def test_a_correction_cannot_be_asked_when_it_is_too_late(
    staff: Browser, order: Order, file: RegulatoryFile
) -> None:
    RegulatoryFile.objects.update(state="active")
    posted = {"what": "address.city", "words-address.city": "Not Cape Town."}
    answer = staff.post(page("papers-ask", order), posted)
    assert answer.status_code == 422
    assert "nothing in them can be corrected now" in answer.content.decode()


# -- documents that staff adds ---------------------------------------------------------------------


def upload(browser: Browser, order: Order, slot: str, **typed: Any) -> Any:
    picture = SimpleUploadedFile("bill.jpg", typed.pop("content", jpeg()), "image/jpeg")
    given = {"type": BILL.key, "dated": str(timezone.localdate()), "file": picture}
    return browser.post(page("papers-upload", order, slot), given | typed)


def test_staff_adds_a_document_for_the_client(
    staff: Browser, order: Order, file: RegulatoryFile, people: People
) -> None:
    assert (
        "JPG, PNG or PDF" in staff.get(page("papers-upload", order, "address-1")).content.decode()
    )
    assert upload(staff, order, "address-1").status_code == 302
    document = Document.objects.get()
    assert (document.slot, document.added_by) == ("address-1", people.sam.as_actor().label)
    assert document.name == "bill.jpg"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"content": b"GIF89a, or not"}, "Nothing was"),
        ({"dated": "2020-01-01"}, "older than"),
        ({"type": "no-such"}, "Select a valid choice"),
    ],
)
def test_a_document_that_will_not_do_is_refused_at_its_field(
    staff: Browser, order: Order, file: RegulatoryFile, typed: dict[str, Any], words: str
) -> None:
    answer = upload(staff, order, "address-1", **typed)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Document.objects.exists()
    assert upload(staff, order, "no-such-slot").status_code == 404
