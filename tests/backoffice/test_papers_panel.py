"""The papers on the page of an order: six phases, buttons that can be pressed, reasons for the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from ringup.core.actors import RINGUP
from ringup.flows.papers.sending import FAILED
from ringup.jobs.models import Job
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.blueprint import main_number
from ringup.provisioning.models import Run
from ringup.regulatory.models import RegulatoryFile
from tests.backoffice.regulated import make_papers, note_proof
from tests.factories import Shop, make_pbx_order, make_plan, make_run, service_of
from tests.world import People, make_user

State = RegulatoryFile.State
NAMES = [
    "Order review",
    "Submit identity to provider",
    "Upload proof documents",
    "Place DID order",
    "Monitor provider order status",
    "Sync DID and provision to FusionPBX",
]


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_pbx_order(shop, people.acme)


def complete(order: Order, **also: Any) -> RegulatoryFile:
    """Papers with both documents, in any state."""
    file = make_papers(order)
    for slot in ("identity-1", "address-1"):
        note_proof(file, slot)
    RegulatoryFile.objects.filter(pk=file.pk).update(**also)
    file.refresh_from_db()
    return file


def buy(order: Order) -> None:
    number = main_number(service_of(order))
    OwnedNumber.objects.filter(pk=number.pk).update(
        state="owned", order_key="order-77", carrier_key="did-78"
    )


def panel_of(browser: Browser, order: Order) -> Any:
    return browser.get(reverse("office:order", args=[order.uid])).context["work"].papers


def page(browser: Browser, order: Order) -> str:
    return browser.get(reverse("office:order", args=[order.uid])).content.decode()


def usable(browser: Browser, order: Order) -> set[str]:
    """What can be pressed beside looking."""
    phases = panel_of(browser, order).phases
    actions = [action for phase in phases for action in phase.actions]
    return {action.words for action in actions if not action.why} - {"View"}


def press(browser: Browser, order: Order, name: str, **typed: str) -> int:
    return browser.post(reverse(f"office:{name}", args=[order.uid]), typed).status_code


UPLOADS = {"Upload proofs to provider", "Open provider portal", "Mark docs uploaded"}


@pytest.mark.parametrize(
    ("state", "buttons", "at_hand"),
    [
        (State.PENDING_REVIEW, {"Submit to provider", "Number and capacity"}, 1),
        (State.IDENTITY_CONFIRMED, UPLOADS | {"Number and capacity"}, 3),
        (State.DOCUMENTS_UPLOADED, {"Place order"}, 4),
    ],
)
def test_before_the_purchase_each_phase_has_its_buttons(
    staff: Browser, shop: Shop, order: Order, state: str, buttons: set[str], at_hand: int
) -> None:
    shop.account.portal_url = "https://portal.example/"
    shop.account.save()
    complete(order, state=state)
    make_plan(order)
    panel = panel_of(staff, order)
    assert [phase.name for phase in panel.phases] == NAMES
    assert panel.at_hand == at_hand
    assert usable(staff, order) == buttons
    # A button that cannot be pressed says why.
    for phase in panel.phases:
        assert all((action.words and action.url) or action.why for action in phase.actions)
    text = page(staff, order)
    for button in buttons:
        assert button in text
    assert text.count("btn--primary") == 1
    assert 'form="approve">' in text


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        (State.ORDER_PLACED, {"Check provider status", "Reset purchase"}),
        (State.REJECTED, {"Check provider status", "Submit again", "Reset purchase"}),
        (State.BLOCKED, {"Check provider status", "Reset purchase"}),
        (State.TERMINATED, {"Check provider status", "Reset purchase"}),
        (State.ACTIVE, {"Check provider status"}),
    ],
)
def test_behind_the_purchase_as_well(
    staff: Browser, order: Order, state: str, buttons: set[str]
) -> None:
    complete(order, state=state)
    buy(order)
    make_run(order, state="waiting", done=1, step_state="waiting")
    assert usable(staff, order) == buttons


def test_nothing_goes_while_the_client_owes_a_correction(staff: Browser, order: Order) -> None:
    file = complete(order, asked=[{"what": "identity.birth_date", "words": "Not the day."}],
                    asked_at=timezone.now())  # fmt: skip
    make_plan(order)
    assert usable(staff, order) == {"Number and capacity"}
    text = page(staff, order)
    assert "Waiting for client: a correction is asked" in text
    assert "Not the day." in text
    assert 'form="approve" disabled>' in text
    assert press(staff, order, "papers-submit") == 422
    file.refresh_from_db()
    assert file.state == State.PENDING_REVIEW


def test_missing_documents_keep_the_papers_here_and_say_so(staff: Browser, order: Order) -> None:
    note_proof(make_papers(order), "address-1")
    make_plan(order)
    assert usable(staff, order) == {"Number and capacity"}
    assert "Business proof is missing." in page(staff, order)


def test_the_phases_press_the_verbs(staff: Browser, order: Order) -> None:
    file = complete(order)
    assert press(staff, order, "papers-submit") == 302
    assert [job.name for job in Job.objects.filter(name__startswith="papers.s")] == [
        "papers.submit"
    ]
    # While they are sent, nothing else goes.
    assert usable(staff, order) == set()
    assert "are being sent to" in page(staff, order)
    assert press(staff, order, "papers-submit") == 422
    Job.objects.all().delete()
    RegulatoryFile.objects.update(state=State.IDENTITY_CONFIRMED)
    assert press(staff, order, "papers-proofs") == 302
    assert Job.objects.filter(name="papers.upload").count() == 1
    Job.objects.all().delete()
    assert press(staff, order, "papers-uploaded") == 302
    file.refresh_from_db()
    assert (file.state, file.uploaded_by_hand is None) == (State.DOCUMENTS_UPLOADED, False)
    assert "by hand" in page(staff, order)


def test_the_status_is_asked_now_and_a_reset_wants_a_reason(staff: Browser, order: Order) -> None:
    file = complete(order, state=State.BLOCKED)
    buy(order)
    run = make_run(order, state="waiting", done=1, step_state="waiting")
    assert press(staff, order, "papers-check") == 302
    assert Job.objects.filter(name="provisioning.advance", key=f"run/{run.uid}").count() == 1
    assert press(staff, order, "papers-reset") == 422
    where = reverse("office:papers-reset", args=[order.uid])
    assert (
        "keeps" in staff.get(where).content.decode()
        or "stays ours" in staff.get(where).content.decode()
    )
    assert press(staff, order, "papers-reset", reason="The carrier told us to start anew.") == 302
    file.refresh_from_db()
    assert (file.state, file.attempt) == (State.IDENTITY_CONFIRMED, 2)
    assert Run.objects.get().state == "waiting"


def test_a_rejection_is_shown_with_all_that_helps(staff: Browser, shop: Shop, order: Order) -> None:
    shop.account.portal_url = "https://portal.example/"
    shop.account.save()
    complete(order, state=State.REJECTED, reasons=["Not legible"], comment="A newer bill, please.",
             verification_label="VER-9")  # fmt: skip
    buy(order)
    make_run(order, state="waiting", done=1, step_state="waiting")
    text = page(staff, order)
    for words in ("rejected the papers", "Not legible", "A newer bill, please.",
                  "Corners of the document are cut off",
                  "https://portal.example/", "Submit again", "VER-9", "order-77", "did-78"):  # fmt: skip
        assert words in text, words
    assert press(staff, order, "papers-again") == 302
    assert Job.objects.filter(name="papers.again").count() == 1


@pytest.mark.parametrize(
    ("level", "words"),
    [(0, ""), (1, "More than 3 business days"), (2, "More than 5 business days")],
)
def test_a_slow_look_warns_and_then_names_whom_to_call(
    staff: Browser, shop: Shop, order: Order, level: int, words: str
) -> None:
    shop.account.support_contact = "support@carrier.example"
    shop.account.save()
    sent = timezone.now() - timedelta(days=8)
    complete(order, state=State.ORDER_PLACED, slow_level=level, verification_sent=sent)
    buy(order)
    make_run(order, state="waiting", done=1, step_state="waiting")
    text = page(staff, order)
    assert "usually 1-5 business days" in text
    assert ("business days:" in text) == bool(level)
    assert words in text
    assert ("support@carrier.example" in text) == (level == 2)


def test_why_papers_could_not_be_sent_is_said(staff: Browser, order: Order) -> None:
    complete(order)
    order.note("", actor=RINGUP, staff_text=f"{FAILED}Birth date is invalid.")
    assert "Birth date is invalid." in page(staff, order)
    assert "The papers could not be sent" in page(staff, order)


def test_who_may_only_look_gets_no_buttons(shop: Shop, order: Order) -> None:
    complete(order)
    make_plan(order)
    browser = Browser()
    browser.force_login(make_user("robin", None, is_staff=True, role="read-only"))
    text = page(browser, order)
    assert "Order review" in text
    for words in ("Submit to provider", "Do all that is possible", "Reset purchase"):
        assert words not in text, words
    for name in ("papers-submit", "papers-proofs", "papers-uploaded", "papers-check",
                 "papers-again", "papers-reset", "place-order"):  # fmt: skip
        assert press(browser, order, name) == 403, name


def test_an_order_without_papers_has_no_such_panel(staff: Browser, order: Order) -> None:
    make_plan(order)
    text = page(staff, order)
    assert "Order review" not in text
    assert "Approve and provision" in text


def test_the_page_looks_again_when_the_papers_move(staff: Browser, order: Order) -> None:
    complete(order)
    make_plan(order)
    before = staff.get(reverse("office:order", args=[order.uid])).context["work"].mark
    RegulatoryFile.objects.update(state=State.IDENTITY_CONFIRMED)
    assert staff.get(reverse("office:order", args=[order.uid])).context["work"].mark != before


def test_papers_are_looked_at_before_several_orders_are_approved_at_once(
    staff: Browser, order: Order
) -> None:
    complete(order)
    make_plan(order)
    answer = staff.get(reverse("office:approve-many"), {"order": [str(order.uid)]})
    assert answer.context["ready"] == []
    (one,) = answer.context["not_ready"]
    assert "looked at first" in one.why
