"""Blocked buyers in the back office: seen, added, removed."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ringup.accounts.models import BlockRule
from ringup.core.models import Activity
from tests.world import People

pytestmark = pytest.mark.django_db
PAGE = "/office/blocked/"
RULE = {"kind": "domain", "value": "Example.com", "reason": "<b>unpaid</b>"}


def test_a_rule_is_added_seen_and_taken_away(staff: Browser, people: People) -> None:
    assert "Nobody is blocked" in staff.get(PAGE).content.decode()
    assert staff.post(PAGE, RULE)["Location"] == PAGE
    page = staff.get(PAGE).content.decode()
    assert "example.com" in page
    assert "&lt;b&gt;unpaid&lt;/b&gt;" in page
    rule = BlockRule.objects.get()
    remove = reverse("office:blocked-remove", args=[rule.uid])
    assert staff.get(remove).status_code == 405
    for _ in range(2):
        assert staff.post(remove)["Location"] == PAGE
    assert not BlockRule.objects.exists()
    rows = Activity.objects.filter(subject=f"block:{rule.uid}").order_by("pk")
    assert [row.what for row in rows] == ["blocked buyers", "unblocked buyers"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"value": ""}, "required"),
        ({"kind": "planet"}, "Select a valid choice"),
        ({"kind": "network", "value": "0.0.0.0/0"}, "block whole countries"),
        ({"kind": "phone", "value": "416 555 0142"}, "with its country code"),
        ({"value": "a\x00b"}, "Null characters"),
    ],
)
def test_what_is_no_rule_stands_at_its_field(
    staff: Browser, wrong: dict[str, str], says: str
) -> None:
    answer = staff.post(PAGE, RULE | wrong)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not BlockRule.objects.exists()


def test_an_unknown_rule_is_no_error(staff: Browser) -> None:
    assert staff.post(reverse("office:blocked-remove", args=[uuid.uuid4()])).status_code == 302
