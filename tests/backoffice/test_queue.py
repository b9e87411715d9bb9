"""The provisioning queue: columns, badges, filters, search, paging, live refresh and export."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ringup.backoffice.keyset import PAGE_SIZE
from ringup.backoffice.spreadsheet import csv_lines, harmless
from ringup.flows.orders.badges import BADGES
from ringup.numbers.models import OwnedNumber
from ringup.orders.contents import ANSWERED
from ringup.orders.models import Order
from tests.factories import (
    Shop,
    make_number_order,
    make_pbx_order,
    make_plan,
    make_run,
    service_of,
)
from tests.world import People, make_client


def page(browser: Browser, **query: str) -> str:
    answer = browser.get(reverse("office:queue"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def fragment(browser: Browser, **query: str) -> Any:
    return browser.get(reverse("office:queue"), query, headers={"HX-Request": "true"})


def labels(browser: Browser, **query: str) -> list[str]:
    """The orders that the queue shows, in its order."""
    listing = browser.get(reverse("office:queue"), query).context["listing"]
    return [row.label for row in listing.rows]


def test_a_row_has_the_specified_columns(staff: Browser, shop: Shop, people: People) -> None:
    order = make_pbx_order(shop, people.acme, domain="acme.pbx.ringup.example")
    text = page(staff)
    for head in ("Order ID", "Client", "Product", "Provider", "DID", "Status", "Actions"):
        assert head in text
    for cell in (order.label, "Acme", "Acme Contact", "office@acme.example", "VoIP.ms sandbox"):
        assert cell in text
    assert "acme.pbx.ringup.example" in text
    assert "212\N{NO-BREAK SPACE}555\N{NO-BREAK SPACE}1000" in text
    assert "Pending" in text
    assert "Review plan" in text


def test_every_status_has_a_page_also_where_no_order_has_it(
    staff: Browser, shop: Shop, people: People
) -> None:
    for _ in range(2):
        assert [labels(staff, status=slug) for slug in BADGES] == [[]] * len(BADGES)
    order = make_pbx_order(shop, people.acme)
    found = {slug: labels(staff, status=slug) for slug in BADGES}
    assert {slug for slug, rows in found.items() if rows == [order.label]} == {"pending"}


@pytest.mark.parametrize(
    ("state", "word", "action"),
    [
        ("running", "In progress", "Watch"),
        ("waiting", "Awaiting provider", "Watch"),
        ("failed", "Failed", "Resume or undo"),
        ("asking", "Failed", "Resume or undo"),
        ("done", "Completed", "Open"),
    ],
)
def test_each_status_has_its_badge_and_one_action(
    staff: Browser, shop: Shop, people: People, state: str, word: str, action: str
) -> None:
    make_run(make_pbx_order(shop, people.acme), state=state, done=2)
    listing = staff.get(reverse("office:queue")).context["listing"]
    assert [(row.badge.word, row.action) for row in listing.rows] == [(word, action)]


def test_the_last_error_stands_in_the_row(staff: Browser, shop: Shop, people: People) -> None:
    problem = "the event socket did not answer within 10 s"
    make_run(make_pbx_order(shop, people.acme), state="failed", done=4, problem=problem)
    assert problem in page(staff)


def test_why_there_is_no_plan_stands_in_the_row(staff: Browser, shop: Shop, people: People) -> None:
    order = make_pbx_order(shop, people.acme)
    make_plan(order, problem="an old problem")
    make_plan(order, problem="the carrier refuses our password")
    text = page(staff)
    assert "the carrier refuses our password" in text
    assert "an old problem" not in text


def test_an_error_that_is_over_is_not_shown(staff: Browser, shop: Shop, people: People) -> None:
    order = make_pbx_order(shop, people.acme)
    make_run(order, state="undone", problem="the number was sold")
    Order.objects.filter(pk=order.pk).update(state=Order.State.PENDING)
    assert "the number was sold" not in page(staff)


def test_statuses_filter_and_count(staff: Browser, shop: Shop, people: People) -> None:
    waiting = make_pbx_order(shop, people.acme)
    failed = make_pbx_order(shop, people.acme)
    make_run(failed, state="failed", done=1)
    make_run(make_pbx_order(shop, people.other), state="running", done=1)
    assert labels(staff, status="failed") == [failed.label]
    assert labels(staff, status="pending") == [waiting.label]
    listing = staff.get(reverse("office:queue"), {"status": "failed"}).context["listing"]
    counts = {chip.slug: chip.count for chip in listing.chips}
    assert counts["pending"] == counts["failed"] == counts["in-progress"] == 1
    assert counts["completed"] == 0
    assert listing.everything.count == 3
    assert len(labels(staff, status="no-such-status")) == 3


@pytest.mark.parametrize(
    "words",
    ["Fern & Fable", "fable", "thandi", "hello@fern.example", "fern.pbx", "+1 (646) 555-0177",
     "5550177", "{label}", "{label_lower}", "{digits}"],
)  # fmt: skip
def test_search_finds_by_what_people_know(
    staff: Browser, shop: Shop, people: People, words: str
) -> None:
    make_pbx_order(shop, people.acme)
    fern = make_client("Fern & Fable")
    fern.contact_name, fern.email = "Thandi Mokoena", "hello@fern.example"
    fern.save()
    wanted = make_pbx_order(shop, fern, domain="fern.pbx.ringup.example", e164="+16465550177")
    words = words.format(
        label=wanted.label, label_lower=wanted.label.lower(), digits=wanted.label[2:]
    )
    assert labels(staff, q=words) == [wanted.label]


def test_a_plain_number_is_found_by_its_digits(staff: Browser, shop: Shop, people: People) -> None:
    order = make_number_order(shop, people.acme, e164="+16465550188")
    make_pbx_order(shop, people.acme)
    assert labels(staff, q="646 555 0188") == [order.label]


def test_a_search_without_a_hit_says_what_to_do(staff: Browser, shop: Shop, people: People) -> None:
    make_pbx_order(shop, people.acme)
    text = page(staff, q="nobody")
    assert "No order matches" in text
    assert "Show all orders" in text


@pytest.mark.parametrize("words", ["%", "_", "'", "\\", "R-99999999999", "9" * 200, "\x01"])
def test_odd_searches_do_no_harm(staff: Browser, shop: Shop, people: People, words: str) -> None:
    make_pbx_order(shop, people.acme)
    page(staff, q=words)


@pytest.mark.parametrize(
    "query",
    [
        {"page": "x"}, {"before": "x"}, {"before": "9" * 18}, {"after": "9" * 19}, {"after": "\u0664"},
        {"provider": "9" * 30}, {"product": "p0"}, {"product": "x1"}, {"country": "us"},
        {"client": "nobody"}, {"since": "yesterday"}, {"since": "0000-00-00"}, {"mine": "no"},
        {"until": "9999-12-31"}, {"sandbox": "maybe"},
    ],
)  # fmt: skip
def test_odd_addresses_do_no_harm(
    staff: Browser, shop: Shop, people: People, query: dict[str, str]
) -> None:
    make_pbx_order(shop, people.acme)
    page(staff, **query)


def test_the_provider_filters(staff: Browser, shop: Shop, people: People) -> None:
    order = make_pbx_order(shop, people.acme)
    assert labels(staff, provider=str(shop.account.pk)) == [order.label]
    assert labels(staff, provider=str(shop.account.pk + 1)) == []


def test_pages_keep_the_filters(staff: Browser, shop: Shop, people: People) -> None:
    for _ in range(PAGE_SIZE + 2):
        make_number_order(shop, people.acme)
    first = labels(staff, status="pending")
    last = str(Order.objects.get(pk=int(first[-1][2:]) - 2000).pk)
    second = labels(staff, status="pending", before=last)
    assert (len(first), len(second)) == (PAGE_SIZE, 2)
    assert set(first).isdisjoint(second)
    assert f'rel="next" href="/office/queue/?status=pending&amp;before={last}"' in page(
        staff, status="pending"
    )
    upwards = str(int(second[0][2:]) - 2000)
    assert labels(staff, status="pending", after=upwards) == first
    assert f'rel="prev" href="/office/queue/?status=pending&amp;after={upwards}"' in page(
        staff, status="pending", before=last
    )


def test_what_is_ordered_meanwhile_moves_nothing_to_another_page(
    staff: Browser, shop: Shop, people: People
) -> None:
    for _ in range(PAGE_SIZE + 3):
        make_number_order(shop, people.acme)
    first = labels(staff)
    make_number_order(shop, people.acme)
    second = labels(staff, before=str(int(first[-1][2:]) - 2000))
    assert len(second) == 3
    assert set(first).isdisjoint(second)


def test_orders_of_one_moment_are_all_on_some_page(
    staff: Browser, shop: Shop, people: People
) -> None:
    for _ in range(PAGE_SIZE + 3):
        make_number_order(shop, people.acme)
    Order.objects.update(submitted=timezone.now())
    first = labels(staff)
    second = labels(staff, before=str(int(first[-1][2:]) - 2000))
    assert len({*first, *second}) == PAGE_SIZE + 3


def test_the_number_of_queries_does_not_grow_with_the_orders(
    staff: Browser, shop: Shop, people: People, django_assert_num_queries: Callable[..., Any]
) -> None:
    def fill() -> None:
        make_run(make_pbx_order(shop, people.acme), state="failed", done=2, problem="x")
        make_plan(make_pbx_order(shop, make_client(f"C{Order.objects.count()}")))
        make_number_order(shop, people.other)

    fill()
    page(staff)  # fills caches
    with CaptureQueriesContext(connection) as few:
        page(staff)
    for _ in range(6):
        fill()
    with CaptureQueriesContext(connection) as many:
        page(staff)
    assert len(many) == len(few), [query["sql"] for query in many.captured_queries]
    assert len(many) <= 12, [query["sql"][:200] for query in many.captured_queries]


def test_what_is_searched_for_asks_as_little(staff: Browser, shop: Shop, people: People) -> None:
    order = make_pbx_order(shop, people.acme)
    make_number_order(shop, people.other)
    page(staff)  # fills caches
    number = OwnedNumber.objects.filter(client=people.acme).get().e164
    searches = [{"q": words} for words in ("Acme", order.label, number, number[2:8])]
    for query in [*searches, {"client": str(people.acme.uid)}]:
        with CaptureQueriesContext(connection) as asked:
            assert order.label in page(staff, **query), query
        assert len(asked) <= 12, [query, *(one["sql"][:200] for one in asked.captured_queries)]


def test_the_live_fragment_answers_only_when_something_is_new(
    staff: Browser, shop: Shop, people: People
) -> None:
    order = make_pbx_order(shop, people.acme)
    shown = staff.get(reverse("office:queue")).context["listing"].mark
    assert fragment(staff, seen=shown).status_code == 204
    make_run(order, state="running", done=1)
    answer = fragment(staff, seen=shown)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert 'id="queue"' in answer.content.decode()
    assert 'hx-swap-oob="true"' in answer.content.decode()
    assert answer["Vary"].count("HX-Request") == 1


def test_the_first_order_replaces_the_empty_queue(
    staff: Browser, shop: Shop, people: People
) -> None:
    empty = staff.get(reverse("office:queue"))
    assert "Nothing waits for you" in empty.content.decode()
    make_pbx_order(shop, people.acme)
    assert fragment(staff, seen=empty.context["listing"].mark).status_code == 200


def test_export_has_every_row_of_the_filter_and_one_head(
    staff: Browser, shop: Shop, people: People
) -> None:
    for _ in range(PAGE_SIZE + 1):
        make_number_order(shop, people.acme)
    order = make_pbx_order(shop, people.acme)
    problem = "first line\nsecond, with a comma"
    make_run(order, state="failed", problem=problem)
    answer = staff.get(reverse("office:queue-export"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    rows = list(csv.DictReader(StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert len(rows) == PAGE_SIZE + 2
    assert rows[0]["Order"] == order.label
    assert rows[0]["Last error"] == problem
    assert rows[0]["Domain"] == service_of(order).name
    failed = staff.get(reverse("office:queue-export"), {"status": "failed"}).getvalue().decode()
    assert failed.count("R-") == 1


def test_export_cannot_run_formulas(staff: Browser, shop: Shop, people: People) -> None:
    people.acme.name = '=HYPERLINK("http://evil.example","x")'
    people.acme.contact_name = "@SUM(A1)"
    people.acme.save()
    make_pbx_order(shop, people.acme, e164="+12125551234")
    text = staff.get(reverse("office:queue-export")).getvalue().decode("utf-8-sig")
    row = next(csv.DictReader(StringIO(text)))
    assert row["Client"] == '\'=HYPERLINK("http://evil.example","x")'
    assert row["Contact"] == "'@SUM(A1)"
    assert row["Number"] == "'+12125551234"


def test_export_has_what_was_answered(staff: Browser, shop: Shop, people: People) -> None:
    order = make_pbx_order(shop, people.acme)
    order.draft.answers = {ANSWERED: [["=Cost centre", "+1"], ["Recording", "Yes"]]}
    order.draft.save()
    make_number_order(shop, people.acme)
    text = staff.get(reverse("office:queue-export")).getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["Answers"] for row in rows] == ["", "'=Cost centre: +1\nRecording: Yes"]


@pytest.mark.once
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert harmless(f"{start}1") == f"'{start}1"
    assert harmless(f"a{start}") == f"a{start}"


@pytest.mark.once
def test_lines_come_one_by_one() -> None:
    assert list(csv_lines(["a"], [["1"], ["2"]])) == ["\ufeff", "a\r\n", "1\r\n", "2\r\n"]


def test_what_clients_type_is_escaped(staff: Browser, shop: Shop, people: People) -> None:
    people.acme.name = "<script>alert(1)</script>"
    people.acme.save()
    make_run(make_pbx_order(shop, people.acme), state="failed", problem="<img src=x>")
    text = page(staff, q="<script>")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<img src=x>" not in text
