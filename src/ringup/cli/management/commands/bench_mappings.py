"""``ringup bench_mappings``: the pages of product mappings on a large catalogue, one JSON line per
database: milliseconds (median) and queries of each page, from the request to the last byte.
"""

from __future__ import annotations

import json
import re
import statistics
import time
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ringup.accounts.brands import default_brand
from ringup.accounts.models import User
from ringup.accounts.roles import Role
from ringup.catalog.models import Bundle, MappingSave, Product, ProductGroup
from ringup.cli.fresh_databases import add_database_arguments, on_each_database
from ringup.cli.large_catalogue import make_large_catalogue

TIMES = 9


class Command(BaseCommand):
    help = "Measures the pages of product mappings with many products and bundles."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_database_arguments(parser)
        parser.add_argument("--products", type=int, default=5000, help="products (5000)")
        parser.add_argument("--bundles", type=int, default=500, help="bundles (500)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["here"]:
            print(json.dumps(_measure(options["products"], options["bundles"])), flush=True)
            return
        command = ["bench_mappings", "--products", str(options["products"])]
        command += ["--bundles", str(options["bundles"])]
        on_each_database(command, only=options["database"], postgres_url=options["postgres_url"])


def _measure(products: int, bundles: int) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    default_brand()
    account, _ = make_large_catalogue(products=products, bundles=bundles)
    browser = _browser()
    pages = {name: _timed(ask) for name, ask in _pages(browser, str(account.pk)).items()}
    product = Product.objects.filter(mapping__account__isnull=False)[0]
    save = _timed(partial(_save_one, browser, product.code, str(account.pk)))
    return {
        "bench": "mappings",
        "database": connection.vendor,
        "products": products,
        "bundles": bundles,
        "slowest_ms": max(page["ms"] for page in pages.values()),
        "most_queries": max(page["queries"] for page in pages.values()),
        "pages": pages,
        "save_one": save,
    }


def _timed(ask: Callable[[], Any]) -> dict[str, Any]:
    """The median of some asks, and the queries of one; the first one warms up. ``cpu_ms`` is what
    this process worked: it tells a slow page from a busy machine."""
    ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    queries = len(captured)
    wall, cpu = [], []
    for _ in range(TIMES):
        begun, worked = time.perf_counter(), time.process_time()
        ask()
        wall.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
    return {
        "ms": round(statistics.median(wall), 1),
        "cpu_ms": round(statistics.median(cpu), 1),
        "queries": queries,
    }


def _pages(browser: Client, account: str) -> dict[str, Callable[[], Any]]:
    page, missing = reverse("office:mappings"), reverse("office:not-on-sale")
    group, bundle = ProductGroup.objects.all()[7], Bundle.objects.all()[0]
    groups = {"version": 0, f"account.group_{group.pk}": account}
    packs = {"version": 0, f"account.{bundle.code}": account}
    return {
        "page": partial(_get, browser, page),
        "page 90": partial(_get, browser, page, page="90"),
        "search": partial(_get, browser, page, q="did 049", bq="pack 04", gq="03"),
        "by status": partial(_get, browser, page, status="invalid", sort="-name"),
        "not on sale": partial(_get, browser, missing),
        "not on sale, searched": partial(_get, browser, missing, why="not-mapped", q="did"),
        "look at a group": partial(_post, browser, "map-groups", groups, wants=200),
        "look at a bundle": partial(_post, browser, "map-bundles", packs, wants=200),
        "undo": partial(_get, browser, reverse("office:undo-mappings")),
    }


def _browser() -> Client:
    user = User.objects.create_user(
        username="bench", email="bench@ringup.example", is_staff=True, role=Role.OWNER
    )
    browser = Client(SERVER_NAME=re.sub(r"^\.|\*", "localhost", settings.RINGUP_HOSTS[0]))
    browser.force_login(user)
    return browser


def _get(browser: Client, url: str, **query: str) -> None:
    _require(browser.get(url, query).status_code, 200)


def _post(browser: Client, name: str, data: dict[str, Any], *, wants: int) -> None:
    _require(browser.post(reverse(f"office:{name}"), data).status_code, wants)


def _save_one(browser: Client, code: str, account: str) -> None:
    """Saves one row, to and fro."""
    last = MappingSave.objects.first()
    version = last.number if last else 0
    data = {"version": version, f"account.{code}": account if version % 2 else "none"}
    _post(browser, "map-products", data, wants=302)


def _require(status: int, wanted: int) -> None:
    if status != wanted:
        raise CommandError(f"A page answered {status} instead of {wanted}.")
