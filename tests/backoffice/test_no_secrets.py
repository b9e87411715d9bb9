"""No secret leaves: not by a page or an export of the back office, not by log or activity log.

The pages are read from the table of addresses and tried with every row there is, so that a page of
tomorrow is looked at as well.
"""

from __future__ import annotations

import itertools
import json
import logging
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client as Browser
from django.urls import URLPattern, reverse

from ringup.accounts.models import User
from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import CustomField, Product, ProductOption
from ringup.core.models import Activity
from ringup.jobs.models import Job
from ringup.mail.models import MailServer
from ringup.pbx.models import PbxTemplate
from ringup.services.models import Service
from tests.backoffice.test_access import pages
from tests.factories import Shop, make_number_order, make_pbx_order, make_run
from tests.world import People

# What a page shows does not depend on the database under it.
pytestmark = pytest.mark.once
CARRIER, TYPED = "Carrier-Password-11", "Typed-Just-Now-22"
DSN, EVENTS, MAIL = "Dsn-Password-33", "Event-Password-44", "Mail-Password-55"
WORDS = ["voipms", "gateway", "inbound", "outbound", "access", "product", "bundle", "number", "USD"]
SHORTEST = 8  # shorter ones (PINs) are on many pages by chance


@pytest.fixture
def secrets(transactional_db: None, shop: Shop, people: People) -> set[str]:
    """Every sort of secret, in rows of every sort; the carrier's travels in addresses."""
    shop.account.options = {"sending": "query"}
    shop.account.set_secrets({"password": CARRIER})
    shop.account.save()
    shop.server.set_secrets(dsn=f"postgresql://pbx:{DSN}@127.0.0.1:1/pbx", event_password=EVENTS)
    shop.server.save()
    server = MailServer(host="127.0.0.1", port=1, user="ringup")
    server.password = MAIL
    server.save()
    PbxTemplate.objects.create(kind="gateway", name="Usual", values={"expire_seconds": "800"})
    ProductOption.objects.create(product=shop.number, name="Colour", kind="yes-no")
    CustomField.objects.create(product=shop.number, name="Reference")
    make_run(make_pbx_order(shop, people.acme), state="failed", step_state="failed")
    make_number_order(shop, people.acme)
    found = {CARRIER, TYPED, DSN, EVENTS, MAIL}
    for service in Service.objects.all():
        found |= {text for text in _leaves(service.open_secrets()) if len(text) >= SHORTEST}
    assert len(found) > 15
    return found


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _leaves(part)
    elif isinstance(value, str):
        yield value


def _candidates() -> dict[str, list[Any]]:
    """What may stand in an address, by the name of its converter."""
    first = (model._default_manager.order_by("pk").first() for model in apps.get_models())
    rows: list[Any] = [row for row in first if row is not None]
    rows += [User.objects.get(is_staff=True), Product.objects.get(slug="number")]
    return {
        "UUIDConverter": [row.uid for row in rows if hasattr(row, "uid")],
        "IntConverter": list(dict.fromkeys(row.pk for row in rows if isinstance(row.pk, int))),
        "SlugConverter": WORDS,
        "StringConverter": WORDS,
    }


class Reader:
    """Opens every page with the first row that it knows."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.candidates = _candidates()
        self.fitting: dict[str, set[Any]] = defaultdict(set)
        self.absent: dict[str, set[Any]] = defaultdict(set)

    def read(self, page: URLPattern) -> str | None:
        """What it says; empty when no row fits it, None when it only takes posts."""
        route = str(page.pattern)
        fitting = self.fitting[route.partition("/")[0]]
        for values in self._choices(page, fitting):
            where = reverse(f"office:{page.name}", kwargs=values)
            answer = self.browser.get(where)
            if answer.status_code == 404:
                if len(values) == 1:
                    self.absent[route].update(values.values())
                continue
            if answer.status_code == 405:
                return None
            assert answer.status_code in (200, 302, 422), (where, answer.status_code)
            fitting.update(answer.wsgi_request.resolver_match.kwargs.values())
            return b"".join(answer).decode(errors="replace")
        return ""

    def _choices(self, page: URLPattern, fitting: set[Any]) -> Iterator[dict[str, Any]]:
        """What its address may be made of, first of all what fitted another page of the same sort.

        What is not there at ``orders/<uid>/`` has no ``orders/<uid>/documents/<uid>/`` either: else
        every pair of rows would be tried.
        """
        converters = page.pattern.converters
        kinds = [self.candidates[type(converter).__name__] for converter in converters.values()]
        choices = [sorted(values, key=lambda value: value not in fitting) for values in kinds]
        if len(choices) > 1:
            route = str(page.pattern)
            absent = {v for at, gone in self.absent.items() if route.startswith(at) for v in gone}
            choices[0] = [value for value in choices[0] if value not in absent]
        for values in itertools.product(*choices):
            yield dict(zip(converters, values, strict=True))


def test_no_page_log_or_activity_shows_a_secret(
    secrets: set[str], shop: Shop, staff: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    # Tells of every variable that a template does not find, and costs more than all the rest.
    logging.getLogger("django.template").setLevel(logging.INFO)
    reader, read, unknown = Reader(staff), set(), set()
    for page in pages():
        content = reader.read(page)
        if content is None:
            continue
        (read if content else unknown).add(page.name)
        shown = {secret for secret in secrets if secret in content}
        assert not shown, f"{page.name} shows {len(shown)} secrets"
    assert {"providers", "provider", "delete-provider", "number-search", "queue", "order"} <= read
    # A test that looks at nothing finds nothing.
    assert len(read) > 3 * len(unknown), unknown
    _change_and_fail(staff, shop)
    told = caplog.text + " ".join(str(record.__dict__) for record in caplog.records)
    rows = [*Activity.objects.values(), *Job.objects.values()]
    told += json.dumps(rows, default=str)
    assert "Changed VoIP.ms sandbox" in told
    assert "getIP" in told
    assert not {secret for secret in secrets if secret in told}


def _change_and_fail(staff: Browser, shop: Shop) -> None:
    """Type a new secret, test with it where nobody listens, search with it."""
    form = {
        "name": shop.account.name,
        "environment": "sandbox",
        "url": shop.account.url,
        "currency": "USD",
        "calls_per_second": "50",
        "connect_timeout_seconds": "5",
        "read_timeout_seconds": "10",
        "its_user": "me",
        "its_password": TYPED,
        "its_billing_type": "1",
        "its_transport": "udp",
        "its_canada_routing": "1",
        "its_international_route": "1",
        "its_international": "no",
        "its_sending": "query",
    }
    assert staff.post(reverse("office:provider", args=[shop.account.uid]), form).status_code == 302
    assert CarrierAccount.objects.get(pk=shop.account.pk).open_secrets() == {"password": TYPED}
    tested = staff.post(reverse("office:test-provider", args=[shop.account.uid]), follow=True)
    searched = staff.get(reverse("office:number-search"), {"account": str(shop.account.uid)})
    for answer in (tested, searched):
        assert "cannot be reached" in answer.content.decode()
        assert TYPED not in answer.content.decode()
