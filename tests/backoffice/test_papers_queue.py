"""Orders whose numbers need papers, in the queue: badges, the highlighted row, counts and filters."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ringup.backoffice.orders.rows import records, rows_of, with_runs
from ringup.flows.orders import badges
from ringup.orders.models import Draft, Order, OrderLine
from ringup.provisioning.models import Run
from ringup.regulatory.models import RegulatoryFile
from ringup.services.models import Service
from tests.backoffice.regulated import make_papers
from tests.factories import Shop, make_number_order, make_pbx_order, make_run
from tests.world import People

State = RegulatoryFile.State


def rows(browser: Browser, **query: str) -> list[Any]:
    return list(browser.get(reverse("office:queue"), query).context["listing"].rows)


@pytest.mark.parametrize(
    ("state", "word", "tone", "action"),
    [
        ("pending_review", "Pending review", "purple", "View"),
        ("identity_address_confirmed", "Identity confirmed - upload proofs", "green", "Upload proofs"),
        ("documents_uploaded", "Docs uploaded to provider", "purple", "Place order"),
        ("rejected", "Rejected by provider", "red", "View"),
        ("blocked", "Blocked", "red", "View"),
        ("terminated", "Terminated", "red", "View"),
    ],
)  # fmt: skip
def test_each_state_of_papers_has_its_badge_and_action(
    staff: Browser, shop: Shop, people: People, state: str, word: str, tone: str, action: str
) -> None:
    make_papers(make_pbx_order(shop, people.acme), state=state)
    (row,) = rows(staff)
    assert (row.badge.word, row.badge.tone, row.action) == (word, tone, action)
    assert word in staff.get(reverse("office:queue")).content.decode()


@pytest.mark.parametrize(
    ("state", "word", "tone", "action"),
    [
        ("order_placed", "Awaiting provider", "orange", "Check status"),
        ("active", "Provider active - ready to sync", "green", "Watch"),
        ("blocked", "Blocked", "red", "View"),
        ("terminated", "Terminated", "red", "View"),
        ("identity_address_confirmed", "Identity confirmed - upload proofs", "green", "Upload proofs"),
    ],
)  # fmt: skip
def test_a_run_that_waits_says_how_the_papers_stand(
    staff: Browser, shop: Shop, people: People, state: str, word: str, tone: str, action: str
) -> None:
    order = make_pbx_order(shop, people.acme)
    make_papers(order, state=state)
    make_run(order, state="waiting", done=3)
    (row,) = rows(staff)
    assert (row.badge.word, row.badge.tone, row.action) == (word, tone, action)


def test_what_waits_for_review_stands_out(staff: Browser, shop: Shop, people: People) -> None:
    make_pbx_order(shop, people.acme)
    regulated = make_pbx_order(shop, people.acme)
    make_papers(regulated)
    text = staff.get(reverse("office:queue")).content.decode()
    assert text.count('data-tone="purple" data-review') == 1
    assert f'id="row-{regulated.pk}" data-row data-tone="purple" data-review' in text
    # Who owes a correction is waited for: nobody needs to look.
    RegulatoryFile.objects.update(asked=[{"what": "identity.birth_date", "words": "Not a date."}])
    (row, _) = rows(staff)
    assert row.badge is badges.FOR_CLIENT
    assert "data-review" not in staff.get(reverse("office:queue")).content.decode()


def make_in_every_state(pattern: Order) -> None:
    """An order of each combination of states, like this one, which has a run and papers."""
    line, papers = pattern.lines.get(), RegulatoryFile.objects.get()
    service, run = line.service, Run.objects.get()
    states = ["", badges.OWED, *State.values]
    combinations = [
        *product(["pending"], [None, timezone.now()], ["undone"], states),
        *product(["approved"], [None], Run.State.values, states),
        *product(["completed", "choose-number"], [None], ["done"], ["", "active"]),
    ]
    rows: dict[Any, list[Any]] = {Draft: [], RegulatoryFile: [], Service: [], Order: [],
                                  OrderLine: [], Run: []}  # fmt: skip
    for state, asked, of_run, word in combinations:
        draft = Draft(brand=pattern.brand, client=pattern.client, product=line.product)
        owed = [{"what": "x", "words": "y"}] if word == badges.OWED else []
        stands = word if word in State.values else State.REJECTED
        file = copy(papers, state=stands, asked=owed, number=None)
        its_papers = file if word else None
        its_service = copy(service, papers=its_papers, number=None, uid=uuid4())
        order = copy(pattern, draft=draft, state=state, asked=asked, uid=uuid4())
        its_line = copy(line, order=order, service=its_service, uid=uuid4())
        its_run = copy(run, service=its_service, tenant=its_service, state=of_run, uid=uuid4())
        file.uid = uuid4()
        made = {Draft: draft, RegulatoryFile: file, Service: its_service, Order: order,
                OrderLine: its_line, Run: its_run}  # fmt: skip
        for model, row in made.items():
            rows[model].append(row)
    for model, made_rows in rows.items():
        model.objects.bulk_create(made_rows)


def copy(row: Any, **changes: Any) -> Any:
    """A new row like this one."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    fresh = row.__class__(**{name: value for name, value in values.items() if name != "id"})
    for name, value in changes.items():
        setattr(fresh, name, value)
    return fresh


def test_every_way_to_ask_gives_the_same_badge(shop: Shop, people: People) -> None:
    """The one function in Python, a list's row, the filter and both counts agree on every combination
    of states."""
    pattern = make_number_order(shop, people.acme)
    make_papers(pattern)
    make_run(pattern, state="running")
    make_in_every_state(pattern)
    told = {order.pk: badges.badge(order).slug for order in badges.queue_rows()}
    assert len(told) > 120
    assert set(told.values()) == set(badges.BADGES) - {"rejected", "cancelled"}
    for slug in badges.BADGES:
        carried = set(badges.with_badge(badges.queue_rows(), slug).values_list("pk", flat=True))
        assert carried == {pk for pk, one in told.items() if one == slug}, slug
    ended = {badge.slug for badge in badges.ENDED}
    counted = Counter(slug for slug in told.values() if slug not in ended)
    assert badges.open_counts(Order.objects.all()) == badges.open_counts() == counted
    listed = rows_of(records(with_runs(Order.objects.all())))
    assert {row.pk: row.badge.slug for row in listed} == told
    alone = Order.objects.get(pk=pattern.pk)
    assert badges.badge(alone).slug == told[pattern.pk]


def test_statuses_of_papers_filter_and_count(staff: Browser, shop: Shop, people: People) -> None:
    plain = make_number_order(shop, people.acme)
    regulated = make_number_order(shop, people.acme)
    make_papers(regulated, state=State.IDENTITY_CONFIRMED)
    (row,) = rows(staff, status="identity-confirmed")
    assert row.pk == regulated.pk
    (row,) = rows(staff, status="pending")
    assert row.pk == plain.pk
    listing = staff.get(reverse("office:queue")).context["listing"]
    counts = {chip.slug: chip.count for chip in listing.chips}
    assert (counts["pending"], counts["identity-confirmed"]) == (1, 1)
    export = staff.get(reverse("office:queue-export"), {"status": "identity-confirmed"})
    assert "Identity confirmed - upload proofs" in export.getvalue().decode()


def test_papers_cost_the_queue_no_query(staff: Browser, shop: Shop, people: People) -> None:
    make_pbx_order(shop, people.acme)
    staff.get(reverse("office:queue"))  # fills caches
    with CaptureQueriesContext(connection) as plain:
        staff.get(reverse("office:queue"))
    for state in State.values:
        make_papers(make_pbx_order(shop, people.acme), state=state)
    with CaptureQueriesContext(connection) as regulated:
        staff.get(reverse("office:queue"))
    assert len(regulated) == len(plain), [one["sql"][:200] for one in regulated.captured_queries]
