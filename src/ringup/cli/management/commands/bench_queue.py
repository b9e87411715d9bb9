"""``ringup bench_queue``: the pages around the queue with many orders behind them, over HTTP as staff
asks for them. One JSON line for each database and size: milliseconds (median and 95th percentile) and
queries of each page. ``baseline_ms`` is a page that reads nothing: it tells a slow page from a busy
machine.
"""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.test import Client as Asker
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ringup.accounts.models import Client, User
from ringup.accounts.roles import Role
from ringup.cli.browsing import Browser, percentiles, serving
from ringup.cli.fresh_databases import add_database_arguments, on_each_database
from ringup.cli.large_orders import make_large_orders
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order, OrderLine

WARM_UP = 3
SIZES = (20_000, 200_000)


class Command(BaseCommand):
    help = "Measures the queue, the home page, clients and the search with many orders."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_database_arguments(parser)
        parser.add_argument("--orders", type=int, help="only this many (20000, then 200000)")
        parser.add_argument("--samples", type=int, default=40, help="of each page (40)")

    def handle(self, *args: Any, **options: Any) -> None:
        samples = options["samples"]
        if options["here"]:
            print(json.dumps(_measure(options["orders"] or SIZES[0], samples)), flush=True)
            return
        for orders in [options["orders"]] if options["orders"] else SIZES:
            command = ["bench_queue", "--orders", str(orders), "--samples", str(samples)]
            only, url = options["database"], options["postgres_url"]
            on_each_database(command, only=only, postgres_url=url)


def _measure(orders: int, samples: int) -> dict[str, Any]:
    """A database that has orders already is measured as it is."""
    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    if not Order.objects.exists():
        make_large_orders(orders)
        _settle()
    filled = round(time.perf_counter() - begun, 1)
    asker, cookie = _signed_in()
    addresses = dict(_pages())
    queries = {name: _queries(asker, address) for name, address in addresses.items()}
    with serving(processes=1) as served:
        browser = Browser(served.url, cookie=cookie)
        baseline = _times(Browser(served.url), reverse("accounts:sign-in"), samples)
        pages = {
            name: {**_times(browser, address, samples), "queries": queries[name]}
            for name, address in addresses.items()
        }
    return {
        "bench": "queue",
        "database": connection.vendor,
        "orders": Order.objects.count(),
        "filled_seconds": filled,
        "baseline_ms": baseline["p50_ms"],
        "slowest_p95_ms": max(page["p95_ms"] for page in pages.values()),
        "most_queries": max(queries.values()),
        "pages": pages,
    }


def _settle() -> None:
    """As a database is that has lived for a while: it knows what its tables hold."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _signed_in() -> tuple[Asker, str]:
    """An owner, in this process and as a cookie."""
    user, _ = User.objects.get_or_create(
        username="bench",
        defaults={"email": "bench@ringup.example", "is_staff": True, "role": Role.OWNER},
    )
    asker = Asker(SERVER_NAME="127.0.0.1")
    asker.force_login(user)
    session: SessionBase = asker.session
    return asker, f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _pages() -> Iterator[tuple[str, str]]:
    """What staff opens, by a name for the report."""
    count, queue = Order.objects.count(), reverse("office:queue")
    oldest_third = Order.objects.order_by("pk")[count // 3]
    number = OwnedNumber.objects.order_by("pk")[count // 2]
    domain = OrderLine.objects.exclude(domain="").order_by("pk")[count // 4].domain
    client = Client.objects.order_by("pk")[Client.objects.count() // 2]
    found = reverse("office:search")
    yield "queue", queue
    yield "queue, failed", f"{queue}?status=failed"
    yield "queue, pending", f"{queue}?status=pending"
    yield "queue, papers to review", f"{queue}?status=review-papers"
    yield "queue, awaiting provider", f"{queue}?status=awaiting-provider"
    yield "queue, completed", f"{queue}?status=completed"
    yield "queue, provider", f"{queue}?provider={number.account_id}"
    yield "queue, country", f"{queue}?country=CA"
    yield "queue, client and dates", f"{queue}?client={client.uid}&since=2020-01-01"
    yield "queue, deep page", f"{queue}?before={oldest_third.pk}"
    yield "queue, by number", f"{queue}?q={number.e164[-8:]}"
    yield "queue, by client", f"{queue}?q={client.email}"
    yield "queue, by domain", f"{queue}?q={domain}"
    yield "queue, by common digits", f"{queue}?q=416"
    yield "home", reverse("office:home")
    yield "clients", reverse("office:clients")
    yield "clients, with a service, by name", f"{reverse('office:clients')}?has=service&sort=name"
    yield "client", reverse("office:client", args=[client.uid])
    yield "search, number", f"{found}?q={number.e164[-8:]}"
    yield "search, name", f"{found}?q=harbour"
    yield "search, domain", f"{found}?q={domain[:9]}"


def _queries(asker: Asker, address: str) -> int:
    headers = {"HX-Request": "true"} if _is_fragment(address) else {}
    asker.get(address, headers=headers)
    with CaptureQueriesContext(connection) as asked:
        asker.get(address, headers=headers)
    return len(asked)


def _is_fragment(address: str) -> bool:
    """What is found while somebody types; as a page it would lead on to a single hit."""
    return address.startswith(reverse("office:search"))


def _times(browser: Browser, address: str, samples: int) -> dict[str, float]:
    is_fragment = _is_fragment(address)
    times = [browser.timed(address, fragment=is_fragment) for _ in range(WARM_UP + samples)]
    found = percentiles(times[WARM_UP:])
    return {"p50_ms": found["p50_ms"], "p95_ms": found["p95_ms"]}
