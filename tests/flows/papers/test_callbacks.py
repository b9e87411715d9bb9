"""What a carrier calls back: signed or not, known or not, once or again, it is only a hint."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from ringup.carriers import hearing
from ringup.carriers.models import CarrierAccount
from ringup.core.limiting import Limit
from ringup.flows.papers.of_orders import require_papers
from ringup.jobs.models import Job
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.models import Run
from ringup.sandbox.didww import ordering
from ringup.sandbox.didww.callbacks import HEADER, signature
from tests.regulated import Regulated, run_until, run_until_papers_are
from tests.world import approve, run_jobs, run_to_the_end

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
FORM = "application/x-www-form-urlencoded"
MADE_UP = "1dd7a68b-e235-402b-8912-fe73ee14243a"


def told(regulated: Regulated, fields: dict[str, str], *, sign: str = "") -> Any:
    """The answer to a callback with these fields."""
    url = regulated.account.callback_url
    sign = sign or signature(regulated.didww.callback_secret, url, fields)
    path = f"/hooks/carriers/{regulated.account.uid}/"
    headers = {HEADER: sign}
    return Client().post(path, urlencode(fields), content_type=FORM, headers=headers)


def decided(key: str) -> dict[str, str]:
    return {"id": key, "type": "address_verifications", "status": "approved"}


def test_its_address_is_what_carriers_are_told(regulated: Regulated) -> None:
    path = reverse("carrier-hook", args=[regulated.account.uid])
    assert regulated.account.callback_url == f"http://localhost:8000{path}"
    assert regulated.account.connection().callback_url == regulated.account.callback_url


def test_without_an_address_of_ours_nobody_is_asked_to_call(
    regulated: Regulated, settings: Settings
) -> None:
    settings.RINGUP_URL = ""
    assert regulated.account.connection().callback_url == ""


def test_a_hint_wakes_the_run_that_waits_and_believes_nothing(waiting: Regulated) -> None:
    order = Order.objects.get()
    run = Run.objects.get()
    file = require_papers(order)
    job = Job.objects.get(name="provisioning.advance")
    Job.objects.filter(pk=job.pk).update(due="2030-01-01T00:00:00Z")
    assert told(waiting, decided(file.verification_key)).status_code == 200
    run_jobs()
    run.refresh_from_db()
    assert run.state == Run.State.WAITING, "it was looked at, and is not approved"
    assert require_papers(order).state == "order_placed"
    waiting.decide(approved=True)
    Job.objects.filter(name="provisioning.advance").update(due="2030-01-01T00:00:00Z")
    assert told(waiting, decided(file.verification_key)).status_code == 200
    assert run_to_the_end(order).state == Run.State.DONE


def test_played_again_it_does_nothing_twice(waiting: Regulated) -> None:
    order = Order.objects.get()
    fields = decided(require_papers(order).verification_key)
    for _ in range(3):
        assert told(waiting, fields).status_code == 200
    assert Job.objects.filter(name="papers.hinted").count() == 1
    waiting.decide(approved=True)
    assert run_to_the_end(order).state == Run.State.DONE
    events, count = order.events.count(), waiting.count()
    assert told(waiting, fields).status_code == 200
    run_jobs()
    assert (order.events.count(), waiting.count()) == (events, count)


def test_an_order_is_known_by_its_key(regulated: Regulated, order: Order) -> None:
    regulated.didww.state.orders_wait = True
    approve(order)
    run_until(lambda: bool(regulated.rows("orders")))
    (bought,) = regulated.rows("orders")
    OwnedNumber.objects.update(order_key=bought.id)
    ordering.complete(regulated.didww.state, bought)
    Job.objects.filter(name="provisioning.advance").update(due="2030-01-01T00:00:00Z")
    fields = {"id": bought.id, "type": "orders", "status": "completed"}
    assert told(regulated, fields).status_code == 200
    run_until_papers_are(order, "order_placed")
    assert regulated.count()["orders"] == 1


@pytest.mark.parametrize("sign", ["0" * 40, "", "nonsense"])
def test_what_is_not_signed_is_refused(waiting: Regulated, sign: str) -> None:
    order = Order.objects.get()
    fields = decided(require_papers(order).verification_key)
    assert told(waiting, fields, sign=sign or "0").status_code == 403
    assert not Job.objects.filter(name="papers.hinted").exists()


def test_without_a_secret_nothing_is_believed(regulated: Regulated) -> None:
    regulated.account.set_secrets({"api_key": regulated.didww.key})
    regulated.account.save()
    assert told(regulated, decided(MADE_UP)).status_code == 403


def test_what_nobody_waits_for_is_counted_and_forgotten(
    regulated: Regulated, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    assert told(regulated, decided(MADE_UP)).status_code == 200
    run_jobs()
    assert not Job.objects.filter(name="papers.hinted").exists()
    assert "1 things that nobody waits for" in caplog.text
    assert MADE_UP not in caplog.text


def test_accounts_that_hear_of_nothing_have_no_such_page(regulated: Regulated) -> None:
    client = Client()
    assert client.post(f"/hooks/carriers/{MADE_UP}/").status_code == 404
    voipms = CarrierAccount.objects.exclude(pk=regulated.account.pk).get()
    other = reverse("carrier-hook", args=[voipms.uid])
    assert client.post(other).status_code == 404
    assert client.put(reverse("carrier-hook", args=[regulated.account.uid])).status_code == 405


def test_it_takes_neither_books_nor_floods(
    regulated: Regulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = reverse("carrier-hook", args=[regulated.account.uid])
    assert Client().post(path, "x" * 70_000, content_type=FORM).status_code == 413
    monkeypatch.setattr(hearing, "FREQUENT", Limit("carrier-hook-of-a-test", times=3, seconds=60))
    answers = [told(regulated, decided(MADE_UP)).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]


def test_a_callback_by_get_is_checked_with_its_query(regulated: Regulated) -> None:
    fields = decided(MADE_UP)
    url = f"{regulated.account.callback_url}?{urlencode(fields)}"
    sign = signature(regulated.didww.callback_secret, url, fields)
    path = f"/hooks/carriers/{regulated.account.uid}/?{urlencode(fields)}"
    assert Client().get(path, headers={HEADER: sign}).status_code == 200
    assert Client().get(path + "&more=1", headers={HEADER: sign}).status_code == 403
