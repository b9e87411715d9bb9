"""The activity log: found by who, what, about and when; paged by key; exported as it is filtered."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from ringup.accounts.roles import Role
from ringup.backoffice.activity import KINDS, lines_of
from ringup.core.actors import GUEST, RINGUP, Actor
from ringup.core.models import Activity
from tests.factories import Shop, make_pbx_order
from tests.world import People, make_user

LOG, EXPORT = "/office/activity/", "/office/activity/export/"
BOB = Actor("staff:9", "Bob")


def record(what: str, actor: Actor = BOB, subject: str = "job:1", **detail: Any) -> Activity:
    return Activity.record(actor, subject, what, **detail)


def page(browser: Browser, query: str = "") -> str:
    answer = browser.get(f"{LOG}{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def found(browser: Browser, query: str) -> list[str]:
    """Which of the three rows below the page shows."""
    text = page(browser, query)
    return [what for what in ("opened the door", "closed it", "slept") if what in text]


@pytest.fixture
def three(db: None) -> None:
    moments = [datetime(2026, 3, day, 2, tzinfo=UTC) for day in (1, 2, 3)]
    rows = [
        record("opened the door", subject="carrier:7"),
        record("closed it", Actor("user:4", "Cleo")),
        record("slept", RINGUP, "carrier-kind:x"),
    ]
    for row, moment in zip(rows, moments, strict=True):
        Activity.objects.filter(pk=row.pk).update(at=moment)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "opened the door|closed it|slept"),
        ("?who=staff:9", "opened the door"),
        ("?who=ringup", "slept"),
        ("?who=clients", "closed it"),
        ("?who=guest", ""),
        ("?about=carrier", "opened the door"),
        ("?about=carrier:7", "opened the door"),
        ("?about=carrier:8", ""),
        ("?q=DOOR opened", "opened the door"),
        ("?q=cleo", "closed it"),
        ("?q=100%25_", ""),
        # The brand's zone is New York: two in the morning in UTC is the evening before.
        ("?since=2026-03-01", "closed it|slept"),
        ("?until=2026-03-01", "opened the door|closed it"),
        ("?since=2026-02-28&until=2026-02-28&who=staff:9", "opened the door"),
        ("?since=0001-01-01&until=9999-12-31", "opened the door|closed it|slept"),
    ],
)
def test_filters_find(staff: Browser, three: None, query: str, expected: str) -> None:
    assert found(staff, query) == [what for what in expected.split("|") if what]


@pytest.mark.parametrize(
    "query",
    ["?since=yesterday", "?until=2026-13-45", "?who=a%00b", f"?q={'x' * 10_000}", "?since=٢٠٢٦"],
)
def test_a_filter_that_makes_no_sense_is_said_and_left_out(
    staff: Browser, three: None, query: str
) -> None:
    text = page(staff, query)
    assert 'role="alert"' in text
    assert "opened the door" in text


@pytest.mark.parametrize("key", ["x", "-1", "9" * 30, "٣", "%00", "9223372036854775808"])
def test_a_made_up_page_is_no_fault(staff: Browser, three: None, key: str) -> None:
    page(staff, f"?before={key}")
    page(staff, f"?after={key}")


def test_pages_go_by_key_and_nothing_is_counted(staff: Browser) -> None:
    Activity.objects.bulk_create(
        Activity(actor="staff:9", actor_label="Bob", subject="job:1", what=f"did {number:03}!")
        for number in range(120)
    )
    seen, query = [], "?q=did"
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for _ in range(3):
            text = page(staff, query)
            numbers = [n for n in range(119, -1, -1) if f"did {n:03}!" in text]
            seen += numbers
            query = text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert seen == list(range(119, -1, -1))
    assert query == ""
    statements = [each["sql"] for each in queries if "core_activity" in each["sql"]]
    assert len(statements) == 3
    assert not any("COUNT(" in sql or "OFFSET" in sql for sql in statements)
    back = text.partition('rel="prev" href="')[2].partition('"')[0].replace("&amp;", "&")
    text = page(staff, back)
    assert "did 020!" in text
    assert "did 069!" in text
    assert "did 070!" not in text
    assert "did 019!" not in text


def test_subjects_have_names_and_links_for_who_may_open_them(
    staff: Browser, shop: Shop, people: People, django_assert_max_num_queries: Any
) -> None:
    orders = [make_pbx_order(shop, people.acme) for _ in range(3)]
    for order in orders:
        record("approved the plan", subject=f"order:{order.uid}")
    for subject in (
        f"carrier:{shop.account.uid}", f"server:{shop.server.uid}", f"bundle:{shop.bundle.uid}",
        f"product:{shop.number.uid}", f"user:{people.sam.uid}", f"client:{people.acme.uid}",
        "order:nonsense", "order:00000000-0000-0000-0000-000000000007", "never-heard:of", "odd",
    ):  # fmt: skip
        record("touched", subject=subject)
    with django_assert_max_num_queries(14):
        text = page(staff)
    for order in orders:
        assert f'href="/office/orders/{order.uid}/" dir="auto">{order.label}</a>' in text
    for name in ("VoIP.ms sandbox", "pbx-sandbox-1", "Hosted PBX, 10 seats", "Acme", "Never heard"):
        assert name in text
    assert f"/office/staff/{people.sam.uid}/" in text
    billing = Browser()
    billing.force_login(make_user("billie", None, is_staff=True, role=Role.BILLING))
    assert f"/office/staff/{people.sam.uid}/" not in page(billing)


def test_a_client_s_login_has_no_page_among_staff(staff: Browser, people: People) -> None:
    record("signed in", subject=f"user:{people.alice.uid}")
    text = page(staff)
    assert "Alice" in text
    assert f"/office/staff/{people.alice.uid}/" not in text


def test_changes_read_as_before_and_after(staff: Browser) -> None:
    record(
        "changed the settings", GUEST, role=["support", "owner"], note=["", "<b>x</b>"],
        password="changed", is_hidden=[True, False], many=[1, 2, 3],
        prices={"monthly_usd": ["5", "6"]}, deep=[{"a": 1}, {"a": 2}],
    )  # fmt: skip
    text = page(staff)
    assert "Role: <del>support</del> → <ins>owner</ins>" in text
    assert "Note: <del>nothing</del> → <ins>&lt;b&gt;x&lt;/b&gt;</ins>" in text
    assert "Password: changed" in text
    assert "Is hidden: <del>yes</del> → <ins>no</ins>" in text
    assert "Many: 1, 2, 3" in text
    assert "Prices, Monthly usd: <del>5</del> → <ins>6</ins>" in text
    assert "{&quot;a&quot;: 1}" in text


@pytest.mark.once
@pytest.mark.parametrize("detail", [None, {}, [], "", 0])
def test_no_detail_is_nothing(detail: Any) -> None:
    assert lines_of(detail) == []


@pytest.mark.once
def test_long_values_are_cut() -> None:
    assert len(str(lines_of({"a": "x" * 5000})[0])) < 320
    assert lines_of("text")[0].name == "text"


@pytest.mark.once
def test_a_link_stands_where_its_page_would_open() -> None:
    kinds = [kind for kind in KINDS.values() if kind.page]
    asked = {
        kind.page: vars(resolve(reverse(kind.page, args=[uuid4()])).func)["capability"]
        for kind in kinds
    }
    assert asked == {kind.page: kind.needs for kind in kinds}
    assert all(kind.model for kind in kinds)


def test_an_export_holds_what_the_filters_leave_and_is_written_down(
    staff: Browser, three: None, people: People
) -> None:
    record("=HYPERLINK(1)", subject="job:2", role=["a", "b"])
    answer = staff.get(f"{EXPORT}?who=staff:9")
    assert answer.streaming
    assert "attachment" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[arg-type]
    assert rows[0] == ["When", "Who", "Id", "On behalf of", "Subject", "What", "Detail"]
    assert [row[5] for row in rows[1:]] == ["'=HYPERLINK(1)", "opened the door"]
    assert rows[1][6] == "Role: a → b"
    mark = Activity.objects.latest("pk")
    assert (mark.what, mark.detail) == ("exported the activity log", {"who": "staff:9"})
    assert mark.actor == people.sam.as_actor().name


def test_support_reads_no_log(people: People) -> None:
    browser = Browser()
    browser.force_login(make_user("robin", None, is_staff=True, role=Role.SUPPORT))
    assert browser.get(LOG).status_code == 403
    assert browser.get(EXPORT).status_code == 403
    assert not Activity.objects.exists()
