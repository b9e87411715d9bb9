"""The phases one by one, as the specification has them, and what each refuses."""

from __future__ import annotations

import pytest

from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows.orders import approving, cancelling
from ringup.flows.papers import asking, phases
from ringup.flows.papers.of_orders import require_papers
from ringup.flows.papers.sending import is_sending, problem_of
from ringup.jobs.models import Job
from ringup.orders.models import Order
from ringup.provisioning.models import Run
from ringup.regulatory import correcting
from ringup.regulatory.models import Document, RegulatoryFile
from tests.regulated import (
    THANDI,
    Regulated,
    let_time_pass,
    run_until_papers_are,
    run_until_waiting,
    upload_all,
)
from tests.world import SAM, approve, run_jobs, run_to_the_end

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


def planned(order: Order) -> list[str]:
    """What kinds of steps the newest plan has."""
    run_jobs()
    plan = approving.latest_plan(order)
    assert plan is not None
    assert plan.problem == ""
    return [change.key.partition("/")[0] for change in plan.changes.all()]


def test_phase_by_phase_the_plan_gets_shorter_and_nothing_is_paid_before_the_order(
    regulated: Regulated, order: Order
) -> None:
    assert planned(order)[:4] == [
        "identity-submission",
        "documents-upload",
        "number-purchase",
        "number-registration",
    ]
    assert require_papers(order).state == "pending_review"
    phases.submit_to_provider(order, actor=SAM)
    assert is_sending(require_papers(order))
    assert planned(order)[0] == "documents-upload"
    assert require_papers(order).state == "identity_address_confirmed"
    phases.upload_proofs(order, actor=SAM)
    assert planned(order)[0] == "number-purchase"
    assert require_papers(order).state == "documents_uploaded"
    made = {"identities": 1, "addresses": 1, "proofs": 2}
    assert regulated.count() == made | {"orders": 0, "dids": 0, "address_verifications": 0}
    approve(order)
    run_until_waiting(order)
    assert require_papers(order).state == "order_placed"
    regulated.decide(approved=True)
    phases.check_status(order, actor=SAM)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    assert require_papers(order).state == "active"
    what = [row.what for row in Activity.objects.filter(actor=SAM.name).order_by("pk")]
    assert what == [
        "submits identity and address to the provider",
        "uploads the documents to the provider",
        "approved the plan",
        "asked the provider how the number stands",
    ]


def test_each_phase_refuses_before_its_time(regulated: Regulated, order: Order) -> None:
    with pytest.raises(Refusal, match="Submit identity and address first"):
        phases.upload_proofs(order, actor=SAM)
    with pytest.raises(Refusal, match="Submit identity and address first"):
        phases.mark_uploaded(order, actor=SAM)
    with pytest.raises(Refusal, match="Nothing of this order waits"):
        phases.check_status(order, actor=SAM)
    with pytest.raises(Refusal, match="No number was bought yet"):
        phases.submit_again(order, actor=SAM)
    with pytest.raises(Refusal, match="Nothing of this order waits"):
        phases.reset_purchase(order, reason="Why not.", actor=SAM)
    with pytest.raises(Refusal, match="Say why"):
        phases.reset_purchase(order, reason=" ", actor=SAM)
    phases.submit_to_provider(order, actor=SAM)
    with pytest.raises(Refusal, match="being sent"):
        phases.submit_to_provider(order, actor=SAM)
    plan = approving.latest_plan(order)
    assert plan is not None
    with pytest.raises(Refusal, match="being sent"):
        approving.approve(order, digest=plan.digest, actor=SAM)
    run_jobs()
    with pytest.raises(Refusal, match="were submitted already"):
        phases.submit_to_provider(order, actor=SAM)


def test_a_correction_that_is_owed_holds_all_back(regulated: Regulated, order: Order) -> None:
    file = require_papers(order)
    asked = [{"what": "identity.birth_date", "words": "It is not the passport's."}]
    asked = [{"what": "address.street", "words": "The house number is missing."}]
    correcting.ask(file, asked, actor=SAM)
    plan = approving.latest_plan(order)
    assert plan is not None
    for act in (
        lambda: phases.submit_to_provider(order, actor=SAM),
        lambda: approving.approve(order, digest=plan.digest, actor=SAM),
    ):
        with pytest.raises(Refusal, match="correction"):
            act()
    correcting.correct(file, {"address.street": "15 Harrington St"}, actor=THANDI)
    correcting.answered(file, actor=THANDI)
    phases.submit_to_provider(order, actor=SAM)
    run_jobs()
    (address,) = regulated.rows("addresses")
    assert address.attributes["address"] == "15 Harrington St"


def test_a_correction_that_is_owed_holds_a_failed_run_back(
    regulated: Regulated, order: Order
) -> None:
    """What it would do next is to buy a number for papers that somebody has found wrong."""
    regulated.didww.faults.add("status:422", method="POST proofs")
    approve(order)
    run = run_to_the_end(order)
    assert run.state == Run.State.FAILED
    asked = [{"what": "address.street", "words": "The house number is missing."}]
    asking.ask_for_correction(order, asked, actor=SAM)
    run.refresh_from_db()
    with pytest.raises(Refusal, match="correction"):
        approving.resume(run, actor=SAM)
    file = require_papers(order)
    correcting.correct(file, {"address.street": "15 Harrington St"}, actor=THANDI)
    correcting.answered(file, actor=THANDI)
    approving.resume(Run.objects.get(), actor=SAM)
    run_until_waiting(order)
    (address,) = regulated.rows("addresses")
    assert address.attributes["address"] == "15 Harrington St"
    assert regulated.count()["orders"] == 1


def test_nobody_is_asked_to_correct_what_is_on_its_way(regulated: Regulated, order: Order) -> None:
    asked = [{"what": "address.street", "words": "The house number is missing."}]
    phases.submit_to_provider(order, actor=SAM)
    with pytest.raises(Refusal, match="sent"):
        asking.ask_for_correction(order, asked, actor=SAM)
    run_jobs()
    asking.ask_for_correction(order, asked, actor=SAM)
    asking.withdraw_correction(order, actor=SAM)
    approve(order)
    with pytest.raises(Refusal, match="carried out right now"):
        asking.ask_for_correction(order, asked, actor=SAM)
    assert not require_papers(order).asked


def test_an_order_without_its_documents_is_not_approved_but_may_be_submitted(
    regulated: Regulated, order: Order
) -> None:
    Document.objects.filter(slot="address-1").update(replaced="2026-01-01T00:00:00Z")
    assert any("missing" in sentence for sentence in approving.hindrances(order))
    phases.submit_to_provider(order, actor=SAM)
    run_jobs()
    with pytest.raises(Refusal, match="missing"):
        phases.upload_proofs(order, actor=SAM)
    assert regulated.count()["orders"] == 0


def test_documents_that_staff_uploaded_in_the_portal_are_taken_as_sent(
    regulated: Regulated, order: Order
) -> None:
    phases.submit_to_provider(order, actor=SAM)
    run_jobs()
    file = require_papers(order)
    # By hand, in the carrier's portal; nothing of ours has the ids.
    phases.upload_proofs(order, actor=SAM)
    run_jobs()
    Document.objects.update(carrier_key="", sent=None)
    RegulatoryFile.objects.filter(pk=file.pk).update(state="identity_address_confirmed")
    phases.mark_uploaded(order, actor=SAM)
    assert planned(order)[0] == "number-purchase"
    approve(order)
    run_until_waiting(order)
    assert regulated.count()["proofs"] == 2


def test_what_the_carrier_says_against_papers_stands_in_the_history(
    regulated: Regulated, order: Order
) -> None:
    regulated.didww.faults.add("status:422", method="POST identities")
    phases.submit_to_provider(order, actor=SAM)
    run_jobs()
    assert problem_of(order).startswith("The provider did not take the papers: ")
    assert require_papers(order).state == "pending_review"
    phases.submit_to_provider(order, actor=SAM)
    run_jobs()
    assert problem_of(order) == ""
    assert require_papers(order).state == "identity_address_confirmed"


def test_a_carrier_that_is_away_for_a_moment_is_tried_again(
    regulated: Regulated, order: Order
) -> None:
    regulated.didww.faults.add("500", method="GET identities")
    phases.submit_to_provider(order, actor=SAM)
    run_jobs()
    Job.objects.filter(name="papers.submit").update(due="2026-01-01T00:00:00Z")
    run_jobs()
    assert problem_of(order) == ""
    assert require_papers(order).state == "identity_address_confirmed"
    assert regulated.count()["identities"] == 1


def test_a_reset_keeps_the_number_and_sends_another_verification(waiting: Regulated) -> None:
    order = Order.objects.get()
    phases.reset_purchase(order, reason="The carrier lost them.", actor=SAM)
    run_jobs()
    file = require_papers(order)
    assert (file.state, file.attempt) == ("identity_address_confirmed", 2)
    assert waiting.count()["address_verifications"] == 1, "the documents come first"
    phases.upload_proofs(order, actor=SAM)
    run_until_papers_are(order, "order_placed")
    run_until_waiting(order)
    assert waiting.count()["address_verifications"] == 2
    assert waiting.count()["orders"] == 1
    waiting.decide(approved=True)
    let_time_pass()
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    assert waiting.count()["dids"] == 1


def test_a_better_document_after_a_rejection_goes_in_without_being_asked_for(
    waiting: Regulated,
) -> None:
    order = Order.objects.get()
    waiting.decide(approved=False)
    file = run_until_papers_are(order, "rejected")
    (bill,) = upload_all(file, only="address-1")
    assert Job.objects.filter(name="papers.answered").count() == 1, "staff hears of it"
    phases.submit_again(order, actor=SAM)
    run_until_papers_are(order, "order_placed")
    run_until_waiting(order)
    bill.refresh_from_db()
    assert bill.carrier_key in {row.id for row in waiting.rows("proofs")}
    assert waiting.count()["address_verifications"] == 2


def test_papers_that_two_orders_share_stay_while_one_of_them_needs_them(
    regulated: Regulated, order: Order
) -> None:
    phases.submit_to_provider(order, actor=SAM)
    run_jobs()
    file = require_papers(order)
    other = RegulatoryFile.objects.create(
        client=file.client,
        brand=file.brand,
        account=file.account,
        requirement=file.requirement,
        identity=file.identity,
        address=file.address,
        state="pending_review",
    )
    cancelling.cancel(order, actor=THANDI)
    run_jobs()
    assert regulated.count()["identities"] == 1
    assert order.events.filter(staff_text__contains="another number of the client").exists()
    assert other.identity == file.identity


def test_a_correction_behind_the_documents_makes_the_plan_anew(
    regulated: Regulated, order: Order
) -> None:
    phases.submit_to_provider(order, actor=SAM)
    run_jobs()
    phases.upload_proofs(order, actor=SAM)
    assert planned(order)[0] == "number-purchase"
    file = require_papers(order)
    correcting.ask(file, [{"what": "address.street", "words": "Which house?"}], actor=SAM)
    correcting.correct(file, {"address.street": "15 Harrington St"}, actor=THANDI)
    correcting.answered(file, actor=THANDI)
    assert planned(order)[:2] == ["identity-submission", "documents-upload"]
    approve(order)
    run_until_waiting(order)
    (address,) = regulated.rows("addresses")
    assert address.attributes["address"] == "15 Harrington St"
