"""Queries whose SQL is written once: they find what Django's own would."""

from __future__ import annotations

import threading
import uuid
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from ringup.accounts.models import Client, Membership
from ringup.catalog.rule_models import TaxRule
from ringup.core.models import Activity
from ringup.core.prepared import prepared
from tests.racing import at_once
from tests.world import make_client, make_user

pytestmark = pytest.mark.django_db


@prepared
def _memberships(user: int) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user).select_related("client__brand").order_by("pk")


@prepared
def _client(uid: uuid.UUID, name: str) -> QuerySet[Client]:
    return Client.objects.filter(uid=uid, name=name, currency="USD")


@prepared
def _since(moment: datetime) -> QuerySet[Activity, tuple[str]]:
    return Activity.objects.filter(at__gte=moment).order_by("-pk").values_list("what")[:2]


def test_the_rows_are_those_of_the_values_that_are_given() -> None:
    acme, other = make_client("Acme"), make_client("Other")
    alice, bob = make_user("alice", acme), make_user("bob", other)
    for _ in range(2):
        assert [row.client for row in _memberships(alice.pk)] == [acme]
        assert [row.client for row in _memberships(bob.pk)] == [other]
        assert _memberships(bob.pk + 1000) == []
    assert _client(acme.uid, "Acme") == [acme]
    assert _client(other.uid, "Acme") == []


def test_joined_rows_come_along() -> None:
    user = make_user("alice", make_client("Acme"))
    with CaptureQueriesContext(connection) as asked:
        brands = [row.client.brand.name for row in _memberships(user.pk)]
    assert len(brands) == len(asked) == 1


def test_columns_moments_and_limits_are_kept() -> None:
    begun = timezone.now() - timedelta(minutes=1)
    Activity.objects.bulk_create(Activity(actor="x", subject="y", what=n) for n in "abc")
    assert _since(begun) == [("c",), ("b",)]
    assert _since(begun + timedelta(hours=1)) == []


def test_a_day_is_compared_as_a_day() -> None:
    TaxRule.objects.create(name="VAT", country="DE", rate=19_0000, begins=date(2026, 1, 1))

    @prepared
    def rules(day: date) -> QuerySet[TaxRule]:
        return TaxRule.objects.filter(begins__lte=day)

    assert [row.name for row in rules(date(2026, 1, 1))] == ["VAT"]
    assert rules(date(2025, 12, 31)) == []


@pytest.mark.django_db(transaction=True)
def test_threads_share_what_was_written_and_no_answer() -> None:
    clients = {name: make_client(name) for name in ("Acme", "Umbrella", "Initech", "Hooli")}
    written: list[str] = []

    @prepared
    def named(name: str) -> QuerySet[Client]:
        written.append(threading.current_thread().name)
        return Client.objects.filter(name=name).select_related("brand")

    def ask(name: str) -> list[Client]:
        return [row for _ in range(50) for row in named(name)]

    assert named("Nobody") == []
    found = at_once(*[partial(ask, name) for name in clients])
    assert found == [[client] * 50 for client in clients.values()]
    assert written == [threading.current_thread().name]


def test_what_is_shown_may_be_a_moment_old(settings: Settings) -> None:
    make_client("Acme")

    @prepared
    def names(currency: str) -> QuerySet[Client, tuple[str]]:
        return Client.objects.filter(currency=currency).values_list("name")

    assert names.lately("USD") == [("Acme",)]
    Client.objects.update(name="Umbrella")
    assert names.lately("USD") == [("Umbrella",)]
    settings.RINGUP_SHELF_SECONDS = 60
    Client.objects.update(name="Initech")
    assert names.lately("USD") == [("Umbrella",)]
    assert names("USD") == [("Initech",)]
    assert names.lately("EUR") == []


def test_each_way_of_looking_is_written_once() -> None:
    built: list[bool] = []

    @prepared
    def clients(currency: str, *, newest_first: bool) -> QuerySet[Client]:
        built.append(newest_first)
        order = "-pk" if newest_first else "pk"
        return Client.objects.filter(currency=currency).order_by(order)

    first, second = make_client("Acme"), make_client("Other")
    for _ in range(2):
        assert clients("USD", newest_first=True) == [second, first]
        assert clients("USD", newest_first=False) == [first, second]
        assert clients("EUR", newest_first=False) == []
    assert built == [True, False]
