"""Numbers that need papers, from the order to the dial tone, over real sockets: with one staff click."""

from __future__ import annotations

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from ringup.core.models import Activity
from ringup.flows.orders import approving
from ringup.flows.orders.timeline import happens_now
from ringup.flows.papers import phases
from ringup.flows.papers.of_orders import require_papers
from ringup.mail.models import Outbox
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.models import Change, Run
from ringup.regulatory import correcting
from ringup.services.models import Service
from tests.provisioning.outside import Outside
from tests.regulated import (
    THANDI,
    Regulated,
    run_until_papers_are,
    run_until_waiting,
    upload_all,
)
from tests.world import SAM, approve, run_jobs, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)
ONCE = {"identities": 1, "addresses": 1, "orders": 1, "dids": 1, "address_verifications": 1}
PLACES = [("ZA", "Local"), ("DE", "Local"), ("DE", "National")]


@pytest.fixture
def regulated(regulated: Regulated) -> Regulated:
    regulated.callbacks(on=True)
    return regulated


@pytest.fixture
def reachable(live_server: LiveServer, settings: Settings) -> None:
    """The carrier can call back: pages are answered at the address that links begin with."""
    settings.RINGUP_URL = live_server.url


def staff_clicks(order: Order) -> int:
    """How often staff did something from the order on. Reading a plan is none."""
    rows = Activity.objects.filter(actor=SAM.name, subject=f"order:{order.uid}")
    return rows.count()


def assert_all_is_there_once(regulated: Regulated, order: Order) -> None:
    proofs = {"proofs": len(regulated.rows("proofs"))}
    assert regulated.count() == ONCE | proofs
    assert proofs["proofs"] == 2
    (number,) = OwnedNumber.objects.filter(client=order.client)
    assert number.e164 == f"+{regulated.did().attributes['number']}"
    assert not regulated.did().attributes["awaiting_registration"]
    file = require_papers(order)
    assert (file.state, file.number) == ("active", number)
    assert file.identity is not None
    assert file.identity.approved is not None
    assert file.address is not None
    assert file.address.approved is not None


def assert_pbx_answers(regulated: Regulated, order: Order) -> None:
    (tenant,) = Service.objects.filter(line__order=order)
    number = regulated.did().attributes["number"]
    pbx = Outside(regulated.world).pbx
    assert pbx.lookup_inbound(f"+{number}").answered_by == f"user/1001@{tenant.name}"
    welcome = Outbox.objects.filter(template="welcome-tenant").first()
    assert welcome is not None
    assert number[-4:] in welcome.text


@pytest.mark.parametrize(("country", "kind"), PLACES)
def test_a_business_number_works_after_one_click_and_a_callback(
    regulated: Regulated, reachable: None, country: str, kind: str
) -> None:
    order = regulated.pbx_order(country, kind=kind)
    approve(order)
    run_until_waiting(order)
    assert require_papers(order).state == "order_placed"
    now = happens_now(order, order.lines.get().service)
    assert now is not None
    assert now.title == "The carrier checks your papers"
    regulated.decide(approved=True)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    assert [one.answer for one in regulated.didww.state.callbacks][-1] == 200
    assert_all_is_there_once(regulated, order)
    assert_pbx_answers(regulated, order)
    assert Outbox.objects.filter(template="papers-approved").count() == 1
    clicks = staff_clicks(order)
    print(f"\n{country} {kind}: {clicks} staff click from the order to the active number")
    assert clicks == 1


@pytest.mark.once
@pytest.mark.parametrize(("country", "kind"), PLACES[:2])
def test_it_works_as_well_when_the_carrier_never_calls_back(
    regulated: Regulated, country: str, kind: str
) -> None:
    regulated.callbacks(on=False)
    order = regulated.pbx_order(country, kind=kind)
    approve(order)
    run_until_waiting(order)
    regulated.decide(approved=True)
    run = run_to_the_end(order)  # it looks by itself, again and again
    assert run.state == Run.State.DONE, run.problem
    assert regulated.didww.state.callbacks == []
    assert_all_is_there_once(regulated, order)
    assert_pbx_answers(regulated, order)
    assert staff_clicks(order) == 1


@pytest.mark.once
@pytest.mark.parametrize(("country", "calls_back"), [("ZA", True), ("DE", False)])
def test_rejected_papers_are_corrected_and_go_in_again(
    regulated: Regulated, reachable: None, country: str, *, calls_back: bool
) -> None:
    regulated.callbacks(on=calls_back)
    order = regulated.pbx_order(country)
    approve(order)
    run_until_waiting(order)
    regulated.decide(approved=False, reasons=["The bill is too old"])
    file = run_until_papers_are(order, "rejected")
    run = approving.latest_run(order)
    assert run is not None
    assert run.state == Run.State.WAITING, "nobody has to resume it"
    assert run.client_problem == ""
    assert file.reasons == ["The bill is too old"]
    run_jobs()
    told = {mail.template: mail.text for mail in Outbox.objects.filter(template__contains="papers")}
    assert "The bill is too old" in told["papers-rejected"]
    assert "Corners of the document are cut off." in told["papers-rejected"]

    # Staff asks for exactly that; the client brings another bill.
    asked = [{"what": "document.address-1", "words": "Bring a newer bill, please."}]
    correcting.ask(file, asked, actor=SAM)
    (bill,) = upload_all(file, only="address-1")
    correcting.answered(file, actor=THANDI)
    run_jobs()
    assert require_papers(order).state == "pending_review"
    assert regulated.count()["address_verifications"] == 1, "staff looks first"
    phases.submit_again(order, actor=SAM)
    run_until_waiting(order)
    run_until_papers_are(order, "order_placed")
    assert (require_papers(order).attempt, require_papers(order).reasons) == (2, [])
    regulated.decide(approved=True)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    # The older bill is gone there: nobody shall look at it again.
    assert regulated.count() == ONCE | {"proofs": 2, "address_verifications": 2}
    bill.refresh_from_db()
    assert bill.sent is not None
    assert_pbx_answers(regulated, order)


@pytest.mark.once
def test_no_number_is_shown_that_the_carrier_shows_for_show(regulated: Regulated) -> None:
    regulated.callbacks(on=False)
    order = regulated.pbx_order("DE", kind="National")
    approve(order)
    run_until_waiting(order)
    shown = regulated.did().attributes["number"]
    (number,) = OwnedNumber.objects.all()
    assert number.e164 == ""
    words = str([mail.text for mail in Outbox.objects.all()])
    words += str([(row.text, row.parts) for row in Change.objects.all()])
    assert shown[4:] not in words
    regulated.decide(approved=True)
    run_to_the_end(order)
    real = regulated.did().attributes["number"]
    assert real != shown
    part = Service.objects.get(kind="number")
    assert part.name == f"+{real}"
