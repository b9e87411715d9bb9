"""What a client reads of his papers on the page of the order: whose turn it is, in soft words."""

from __future__ import annotations

import pytest

from ringup.flows.orders.timeline import client_timeline, happens_now
from ringup.orders.models import Order
from ringup.regulatory.models import RegulatoryFile
from tests.backoffice.regulated import make_papers
from tests.factories import make_number_order, make_run, make_shop, service_of
from tests.world import make_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    order = make_number_order(make_shop(), make_client("Karoo"))
    make_papers(order, uploaded_by_hand="2026-01-01T00:00:00Z")
    return order


def now(order: Order) -> tuple[str, str, str]:
    moment = happens_now(order, service_of(order))
    assert moment is not None
    return moment.state, moment.title, moment.who


def test_before_the_approval(order: Order) -> None:
    assert now(order) == ("now", "We check your order", "us")
    titles = [one.title for one in client_timeline(order, service_of(order))]
    assert titles[-3:] == ["The carrier checks your papers", "We set it up", "Ready to call"]


def test_documents_that_are_missing_are_the_client_s_turn(order: Order) -> None:
    RegulatoryFile.objects.update(uploaded_by_hand=None)
    assert now(order) == ("now", "Your documents, please", "you")


def test_a_correction_is_the_client_s_turn_whatever_else_happens(order: Order) -> None:
    RegulatoryFile.objects.update(asked=[{"what": "address.city", "words": "Which?"}])
    assert now(order) == ("now", "Your papers, please", "you")
    make_run(order, state="waiting")
    assert now(order) == ("now", "Your papers, please", "you")


@pytest.mark.parametrize(
    ("state", "title", "who"),
    [
        ("order_placed", "The carrier checks your papers", "the carrier"),
        ("rejected", "The carrier wants better papers", "us"),
        ("pending_review", "We check your papers once more", "us"),
        ("blocked", "We are looking at a problem", "us"),
        ("terminated", "We are looking at a problem", "us"),
        ("active", "The carrier is at work", "the carrier"),
    ],
)
def test_while_the_run_waits(order: Order, state: str, title: str, who: str) -> None:
    make_run(order, state="waiting", done=3, step_state="waiting")
    RegulatoryFile.objects.update(state=state)
    assert now(order)[1:] == (title, who)


def test_a_run_that_failed_speaks_for_itself(order: Order) -> None:
    make_run(order, state="failed", said="Our staff looks at it.")
    RegulatoryFile.objects.update(state="order_placed")
    assert now(order)[:2] == ("bad", "We are looking at a problem")
