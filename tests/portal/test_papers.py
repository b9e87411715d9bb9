"""The page of an order's papers: whose turn it is, documents in and out, corrections, and strangers."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from ringup.accounts.roles import Role
from ringup.core.models import Activity
from ringup.flows.papers import asking_rules
from ringup.jobs.models import Job
from ringup.orders.models import Order
from ringup.portal import papers as papers_page
from ringup.regulatory import correcting, uploading
from ringup.regulatory.documents import documents_of
from ringup.regulatory.facts import address_facts, identity_facts
from ringup.regulatory.models import Document, DocumentContent, RegulatoryFile
from ringup.regulatory.sound_files import SoundFile
from tests.backoffice.regulated import SAM, make_papers
from tests.factories import Shop, make_pbx_order
from tests.portal.test_acting import acting
from tests.regulatory.files import pdf, pdf_that
from tests.regulatory.requirements import AREAS, BILL, CERTIFICATE, GQEBERHA
from tests.world import People, make_user

State = RegulatoryFile.State


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


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_pbx_order(shop, people.acme)


@pytest.fixture
def file(order: Order) -> RegulatoryFile:
    return make_papers(order)


def place(order: Order, what: str = "", document: uuid.UUID | None = None) -> str:
    name = f"portal:order-papers{what}" if document is None else f"portal:order-document{what}"
    return reverse(name, args=[order.uid, *([document] if document else [])])


def send(
    browser: Browser, order: Order, slot: str = "identity-1", content: bytes = b"JPEG", **more: Any
) -> HttpResponse:
    is_bill = slot.startswith("address")
    fields = {"slot": slot, "type": (BILL if is_bill else CERTIFICATE).key}
    fields |= {"dated": timezone.localdate().isoformat()} if is_bill else {}
    file = SimpleUploadedFile("scan of Thandi.jpg", content, content_type="text/html")
    return browser.post(place(order, "-upload"), fields | {"file": file} | more)  # type: ignore[return-value]


def text_of(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


# -- bringing documents ------------------------------------------------------------------------------


def test_the_client_sees_what_is_needed_and_brings_it(
    alice: Browser, order: Order, file: RegulatoryFile
) -> None:
    page = text_of(alice.get(place(order)))
    assert "2 documents are missing" in page
    assert "Business proof, Proof of address" in page
    assert "not older than 3 months" in page
    assert "All four corners are in the picture." in page
    assert "14 Harrington Street" in page
    answer = send(alice, order)
    assert answer["Location"] == place(order) + "#documents"
    assert "one document is missing" in text_of(alice.get(place(order)))
    send(alice, order, "address-1")
    page = text_of(alice.get(place(order)))
    assert "Everything is here." in page
    assert "scan of Thandi.jpg" in page
    assert Document.objects.get(slot="address-1").added_by == "Alice"


def test_staff_is_told_once_everything_is_there(
    alice: Browser, order: Order, file: RegulatoryFile
) -> None:
    send(alice, order)
    assert not Job.objects.filter(name="papers.answered").exists()
    send(alice, order, "address-1")
    assert Job.objects.filter(name="papers.answered").count() == 1
    send(alice, order)  # a better one: it was complete before
    assert Job.objects.filter(name="papers.answered").count() == 1


@pytest.mark.usefixtures("real_reader")
def test_a_refused_file_is_told_at_its_row_and_what_was_typed_stays(
    alice: Browser, order: Order, file: RegulatoryFile
) -> None:
    day = timezone.localdate() - timedelta(days=3)
    wrong = {"content": pdf_that("starts a program"), "dated": day.isoformat()}
    answer = send(alice, order, "address-1", **wrong)
    assert answer.status_code == 422
    page = text_of(answer)
    row = page.partition('id="papers-address-1"')[2].partition("</li>")[0]
    assert "Open it, print it to a new PDF" in row
    assert f'value="{day:%Y-%m-%d}"' in row
    assert f'value="{BILL.key}" selected' in row
    assert page.count("That was not done") == 0
    assert not Document.objects.exists()
    assert send(alice, order, "address-1", content=pdf(2)).status_code == 302
    assert documents_of(file)[0].pages == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"file": ""}, "Choose a file first."),
        ({"content": b""}, "This file is empty."),
        ({"dated": "31.12.2025"}, "Say which date the document bears."),
        ({"dated": "2019-01-01"}, "older than 3 months"),
        ({"type": "x"}, "Choose what kind of document it is."),
        ({"content": b"x" * (15 * 1024 * 1024)}, "This file has 15 MB, and 10 are the most."),
    ],
)
def test_what_is_missing_or_wrong_is_said(
    alice: Browser, order: Order, file: RegulatoryFile, fields: dict[str, Any], words: str
) -> None:
    answer = send(alice, order, "address-1", **fields)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Document.objects.exists()


@pytest.mark.parametrize("slot", ["", "identity-9", "<script>"])
def test_a_slot_that_nobody_wants(
    alice: Browser, order: Order, file: RegulatoryFile, slot: str
) -> None:
    answer = send(alice, order, slot)
    assert answer.status_code == 422
    assert "not needed any more" in text_of(answer)


def test_uploads_have_a_limit(
    alice: Browser, order: Order, file: RegulatoryFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = papers_page.Limit("documents-of-order", times=2, seconds=900)
    monkeypatch.setattr(papers_page, "BY_ORDER", few)
    for _ in range(2):
        assert send(alice, order).status_code == 302
    answer = send(alice, order)
    assert "many documents in a short time" in text_of(answer)
    assert Document.objects.count() == 2


# -- looking at them ---------------------------------------------------------------------------------


def test_documents_come_back_alone_and_each_look_is_written_down(
    alice: Browser, order: Order, file: RegulatoryFile, people: People
) -> None:
    send(alice, order, content=b"the certificate")
    document = documents_of(file)[0]
    looked = Activity.objects.filter(subject=f"document:{document.uid}")
    assert place(order, "", document.uid) in alice.get(place(order)).content.decode()
    assert not looked.exists()  # a list is no look
    whole, first = (alice.get(place(order, what, document.uid)) for what in ("", "-preview"))
    assert (whole.content, first.content) == (b"the certificate", b"a PNG")
    assert whole["Content-Disposition"] == 'attachment; filename="scan of Thandi.jpg"'
    assert (whole["Content-Type"], first["Content-Type"]) == ("image/jpeg", "image/png")
    for answer in (whole, first):
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "no-store" in answer["Cache-Control"]
    assert [row.actor for row in looked] == [f"user:{people.alice.pk}"] * 2


def test_what_was_deleted_says_so(alice: Browser, order: Order, file: RegulatoryFile) -> None:
    send(alice, order)
    DocumentContent.objects.all().delete()
    Document.objects.update(erased=timezone.now(), sent=timezone.now())
    answer = alice.get(place(order, "", documents_of(file)[0].uid))
    assert answer.status_code == 410
    assert "was deleted, as promised" in answer.content.decode()
    assert "Look at the first page" not in alice.get(place(order)).content.decode()


def test_documents_of_others_are_not_found(
    alice: Browser, charlie: Browser, order: Order, file: RegulatoryFile, shop: Shop, people: People
) -> None:
    send(alice, order)
    theirs = make_pbx_order(shop, people.other)
    other = make_papers(theirs)
    send(charlie, theirs)
    mine, others = documents_of(file)[0].uid, documents_of(other)[0].uid
    for browser, at, document in (
        (alice, order, others), (alice, theirs, others), (alice, theirs, mine),
        (charlie, order, mine), (charlie, theirs, mine), (alice, order, uuid.uuid4()),
    ):  # fmt: skip
        for what in ("", "-preview"):
            assert browser.get(place(at, what, document)).status_code == 404
    assert send(charlie, order).status_code == 404
    assert Document.objects.count() == 2
    assert not Activity.objects.filter(subject__startswith="document:").exists()


def test_a_replaced_one_is_not_shown_any_more(
    alice: Browser, order: Order, file: RegulatoryFile
) -> None:
    send(alice, order)
    old = documents_of(file)[0]
    send(alice, order)
    assert alice.get(place(order, "", old.uid)).status_code == 404


def test_who_acts_as_the_client_may_bring_documents_and_not_see_them(
    order: Order, file: RegulatoryFile, people: People, alice: Browser
) -> None:
    send(alice, order)
    document = documents_of(file)[0]
    browser = acting(make_user("ann", None, is_staff=True, role=Role.SUPPORT), people.acme)
    page = browser.get(place(order))
    assert page.status_code == 200
    assert "Look at the first page" not in page.content.decode()
    assert browser.get(place(order, "", document.uid)).status_code == 403
    assert send(browser, order, "address-1").status_code == 302


def test_an_order_without_papers_has_no_such_page(alice: Browser, order: Order) -> None:
    assert alice.get(place(order)).status_code == 404
    assert send(alice, order).status_code == 404


# -- correcting --------------------------------------------------------------------------------------


def ask(file: RegulatoryFile, **asked: str) -> None:
    rows = [{"what": what.replace("__", "."), "words": words} for what, words in asked.items()]
    correcting.ask(
        file, [{**row, "what": row["what"].replace("_1", "-1")} for row in rows], actor=SAM
    )


def test_the_client_corrects_what_was_asked_and_sends_it(
    alice: Browser, order: Order, file: RegulatoryFile
) -> None:
    send(alice, order)
    send(alice, order, "address-1")
    ask(
        file,
        identity__first_name="The passport says Thandiwe.",
        document__address_1="A corner is cut off.",
    )
    page = text_of(alice.get(place(order)))
    assert "please correct this" in page
    assert "The passport says Thandiwe." in page
    assert page.count("A corner is cut off.") == 2  # on top, and at the document
    assert 'name="identity-last_name"' not in page
    answer = alice.post(place(order, "-send"))
    assert answer.status_code == 422
    assert "Correct this first: first name, Proof of address." in text_of(answer)
    alice.post(place(order, "-correct"), {"identity-first_name": "Thandiwe"})
    file.refresh_from_db()
    assert file.identity is not None
    assert identity_facts(file.identity)["first_name"] == "Thandiwe"
    assert send(alice, order).status_code == 422  # nobody asked for that one
    assert send(alice, order, "address-1").status_code == 302
    assert "Everything is corrected: send it for review" in text_of(alice.get(place(order)))
    assert alice.post(place(order, "-send")).status_code == 302
    file.refresh_from_db()
    assert (file.asked, file.state) == ([], State.PENDING_REVIEW)
    assert Job.objects.filter(name="papers.answered").count() >= 1
    assert "Everything is here." in text_of(alice.get(place(order)))


def test_a_correction_that_is_none_is_told_at_its_field(
    alice: Browser, order: Order, file: RegulatoryFile
) -> None:
    ask(file, identity__phone="Nobody answers.")
    answer = alice.post(place(order, "-correct"), {"identity-phone": "12"})
    assert answer.status_code == 422
    assert "Nothing was changed." in text_of(answer)
    answer = alice.post(
        place(order, "-correct"), {"identity-phone": "021 001 2299", "identity-last_name": "X"}
    )
    assert answer.status_code == 302
    assert file.identity is not None
    file.identity.refresh_from_db()
    told = identity_facts(file.identity)
    assert (told["phone"], told["last_name"]) == ("+27210012299", "Mokoena")


def test_a_corrected_city_must_be_one_of_the_carrier_s(
    alice: Browser, order: Order, file: RegulatoryFile
) -> None:
    ask(file, address__city="The bill says another city.")
    typed = {"address-city": "Port Elizabeth"}
    answer = alice.post(place(order, "-correct"), typed)  # the carrier is silent
    assert answer.status_code == 422
    assert still_in(file) == ("Cape Town", "a-cpt")
    key = asking_rules._key(file.account, "areas", file.rules.key)
    cache.set(key, [(area.key, area.name) for area in AREAS])
    answer = alice.post(place(order, "-correct"), typed)
    assert "knows no area called Port Elizabeth" in text_of(answer)
    assert still_in(file) == ("Cape Town", "a-cpt")
    alice.post(place(order, "-correct"), typed | {"address-area": GQEBERHA.key})
    assert still_in(file) == ("Port Elizabeth", "a-gqe")
    alice.post(place(order, "-correct"), {"address-city": "koeln"})
    assert still_in(file) == ("koeln", "a-koe")


def still_in(file: RegulatoryFile) -> tuple[str, str]:
    assert file.address is not None
    file.address.refresh_from_db()
    told = address_facts(file.address)
    return told["city"], told["area"]


def test_nothing_asked_nothing_corrected(
    alice: Browser, order: Order, file: RegulatoryFile
) -> None:
    answer = alice.post(place(order, "-correct"), {"identity-phone": "+27210012299"})
    assert answer.status_code == 422
    assert "Nothing has to be corrected any more" in text_of(answer)


# -- whose turn it is --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.IDENTITY_CONFIRMED, "2 documents are missing"),
        (State.DOCUMENTS_UPLOADED, "Your papers are with the provider"),
        (State.ORDER_PLACED, "one to three business days"),
        (State.REJECTED, "The picture is not sharp. Send another."),
        (State.BLOCKED, "in touch with the provider"),
        (State.TERMINATED, "in touch with the provider"),
        (State.ACTIVE, "accepted your papers"),
        (State.CLOSED, "These papers are closed"),
    ],
)
def test_each_state_says_what_comes_next(
    alice: Browser, order: Order, file: RegulatoryFile, state: str, words: str
) -> None:
    RegulatoryFile.objects.update(
        state=state, reasons=["The picture is not sharp."], comment="Send another."
    )
    page = alice.get(place(order))
    assert page.status_code == 200
    assert words in text_of(page)


def test_the_order_s_page_leads_there_when_it_is_the_client_s_turn(
    alice: Browser, order: Order, file: RegulatoryFile
) -> None:
    home = reverse("portal:order", args=[order.uid])
    page = text_of(alice.get(home))
    assert "It is your turn: add your documents" in page
    assert place(order) in page
    assert "Nothing to do on your side" not in page
    send(alice, order)
    send(alice, order, "address-1")
    page = text_of(alice.get(home))
    assert "It is your turn" not in page
    assert "See them" in page
    ask(file, identity__first_name="It differs.")
    assert "It is your turn: correct your papers" in text_of(alice.get(home))


def test_the_browser_that_has_just_ordered_brings_documents_and_sees_none(
    order: Order, file: RegulatoryFile
) -> None:
    """A guest may finish what he began; whoever sits at that browser later must sign in to see it."""
    browser = Browser()
    session = browser.session
    session["orders"] = [str(order.uid)]
    session.save()
    assert send(browser, order).status_code == 302
    page = browser.get(place(order))
    assert page.status_code == 200
    assert "Look at the first page" not in page.content.decode()
    answer = browser.get(place(order, "", documents_of(file)[0].uid))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:sign-in"))


def test_names_and_content_stay_out_of_the_activity(
    alice: Browser, order: Order, file: RegulatoryFile, caplog: pytest.LogCaptureFixture
) -> None:
    send(alice, order, content=b"8604170000088")
    alice.get(place(order, "", documents_of(file)[0].uid))
    written = str(list(Activity.objects.values())) + caplog.text
    assert "Thandi" not in written
    assert "8604170000088" not in written


def test_who_signs_in_at_a_guest_s_browser_is_a_stranger_to_his_documents(
    order: Order, file: RegulatoryFile, people: People
) -> None:
    """The browser still knows the order; a login of another client makes nobody its owner."""
    browser = Browser()
    session = browser.session
    session["orders"] = [str(order.uid)]
    session.save()
    send(browser, order)
    document = documents_of(file)[0]
    browser.force_login(people.charlie)
    assert browser.session["orders"] == [str(order.uid)]  # what a guest ordered stays known
    for what in ("", "-preview"):
        assert browser.get(place(order, what, document.uid)).status_code == 404, what
    assert "Look at the first page" not in browser.get(place(order)).content.decode()
    assert not Activity.objects.filter(what__contains="document", actor__contains="user").exists()


def test_who_acts_as_the_client_reads_nothing_that_papers_say(
    order: Order, file: RegulatoryFile, people: People
) -> None:
    ask(file, identity__first_name="It differs.", address__street="It differs, too.")
    browser = acting(make_user("ann", None, is_staff=True, role=Role.SUPPORT), people.acme)
    told = [*identity_facts(file.identity).values(), *address_facts(file.address).values()]  # type: ignore[arg-type]
    page = text_of(browser.get(place(order)))  # type: ignore[arg-type]
    assert "It differs." in page
    for text in told:
        if len(text) > 3 and text != order.client.name:
            assert text not in page, text
    answer = browser.post(place(order, "-correct"), {"identity-first_name": "Thandeka"})
    page = text_of(answer)  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert "Thandeka" in page
    assert address_facts(file.address)["street"] not in page  # type: ignore[arg-type]
