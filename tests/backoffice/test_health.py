"""The Health page: the last results at once, a new look on demand, and both exports."""

from __future__ import annotations

import csv
import io
import re
import time
from datetime import timedelta

import pytest
import typst
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from ringup.backoffice.health.printing import pdf_of
from ringup.backoffice.health.report import as_data, report
from ringup.flows.health.findings import Finding, Group, State
from ringup.flows.models import Checkup
from tests.factories import make_shop
from tests.world import make_user

HOSTILE = '#panic("x") $ \\ */ @label <b>bold</b> = heading ] } "); [ \u202e 電話 ' + "w" * 300


def keep(*findings: Finding, **columns: object) -> Checkup:
    known = {"under_way": None, "finished": timezone.now(), "by_label": "Sam"}
    return Checkup.objects.create(
        findings=[finding.as_data() for finding in findings], **(known | columns)
    )


def finding(state: State, sentence: str = "So it is.", *, group: str = Group.GROUND) -> Finding:
    return Finding(group, f"The {state} one", state, sentence, "Do this.", 1234)


def test_the_page_shows_the_last_results_at_once(
    staff: Browser, django_assert_max_num_queries: object
) -> None:
    page = staff.get(reverse("office:health")).content.decode()
    assert "Not checked yet" in page
    assert staff.get(reverse("office:health-pdf"))["Location"] == reverse("office:health")
    keep(
        finding(State.ERROR, "<script>alert(1)</script>"),
        finding(State.WARNING, group=Group.BACKUPS),
        finding(State.OK, group=Group.BACKUPS),
    )
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        page = staff.get(reverse("office:health")).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert re.findall(r'<h2 id="health-[\w-]+">([^<]+)</h2>', page) == ["Ground", "Backups"]
    assert "1 broken" in page
    assert "1.2 s" in page
    assert "every 1s" not in page
    assert "by Sam" in page


def test_it_follows_a_checkup_that_goes_on(staff: Browser) -> None:
    keep(finding(State.OK))
    under_way = Checkup.objects.create(by_label="Robin", expected=9, findings=[{}, {}])
    fragment = staff.get(reverse("office:health"), headers={"HX-Request": "true"})
    text = fragment.content.decode()
    assert "2 of 9 checks are made" in text
    assert "every 1s" in text
    assert "<html" not in text
    assert "check-now" not in text
    Checkup.objects.filter(pk=under_way.pk).update(started=timezone.now() - timedelta(minutes=2))
    assert "check-now" in staff.get(reverse("office:health")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_check_now_looks_at_everything() -> None:
    make_shop()
    browser = Browser()
    browser.force_login(make_user("robin", None, is_staff=True, role="read-only"))
    answer = browser.post(reverse("office:health-check"), headers={"HX-Request": "true"})
    assert 'id="report"' in answer.content.decode()
    deadline = time.monotonic() + 30
    while Checkup.objects.filter(under_way=True).exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    page = browser.get(reverse("office:health")).content.decode()
    assert "No worker runs" in page
    assert "by Robin" in page
    assert re.findall(r'<h2 id="health-[\w-]+">([^<]+)</h2>', page) == [str(g) for g in Group]


def test_exports_hold_what_the_page_shows_and_nothing_runs_in_them(staff: Browser) -> None:
    keep(finding(State.ERROR, HOSTILE, group=HOSTILE), finding(State.OK, "=1+1"))
    answer = staff.get(reverse("office:health-csv"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:3] == ["Group", "Check", "State"]
    assert rows[1][3] == HOSTILE
    assert rows[2][3] == "'=1+1"

    answer = staff.get(reverse("office:health-pdf"))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert re.search(r'filename="ringup-health-[\d-]+\.pdf"', answer["Content-Disposition"])
    assert pdf_of("health", as_data(report(), brand=HOSTILE, checked="", by="", version="")) != b""
    with pytest.raises(typst.TypstError):  # and a template that fails says so
        pdf_of("health", {})
