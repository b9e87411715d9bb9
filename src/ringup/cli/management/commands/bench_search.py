"""``ringup bench_search``: how fast numbers are found, through HTTP, and how fast they are loaded while
buyers write their orders. One JSON line per database.

Each case asks for other digits every time, so that nothing is answered from memory. The load runs from
the carriers' lists to the published index; beside it a second process writes drafts, as a checkout does.
"""

from __future__ import annotations

import html
import json
import re
import resource
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from ringup.accounts.brands import default_brand
from ringup.carriers.port import NumberOffer
from ringup.catalog.models import Product
from ringup.cli.browsing import Browser, crowd, percentiles, serving
from ringup.cli.fresh_databases import add_database_arguments, on_each_database
from ringup.cli.large_stock import areas, make_sellers
from ringup.cli.search_questions import Questions
from ringup.flows.checkout import drafting
from ringup.numbers import publishing, syncing
from ringup.numbers.current import current

WARM_UP = 10
SEARCHERS = 50
CROWD_SECONDS = 10.0
# A buyer saves a step so often.
DRAFT_SECONDS = 0.02
# One offer in so many is remembered, to ask for.
_REMEMBERED = 500
_NEXT = re.compile(r'href="\?([^"]*after=[^"]*)" rel="next"')

Window = tuple[float, float]


class Command(BaseCommand):
    help = "Measures the number search over HTTP, and loading its stock beside a checkout."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_database_arguments(parser)
        parser.add_argument(
            "--numbers", type=int, default=1_000_000, help="about so many (1000000)"
        )
        parser.add_argument("--samples", type=int, default=60, help="searches of each case (60)")
        parser.add_argument("--only", default="", help="cases whose name has this in it")
        parser.add_argument("--part", choices=("publish", "drafts"), help="internal: a process")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["part"]:
            print(json.dumps({"publish": _publish, "drafts": _drafts}[options["part"]]()))
            return
        numbers, samples, only = options["numbers"], options["samples"], options["only"]
        if options["here"]:
            print(json.dumps(_measure(numbers, samples, only)), flush=True)
            return
        command = ["bench_search", "--numbers", str(numbers), "--samples", str(samples)]
        command += ["--only", only]
        on_each_database(command, only=options["database"], postgres_url=options["postgres_url"])


def _measure(numbers: int, samples: int, only: str) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    default_brand()
    offers, loaded = _load(numbers)
    questions = Questions(offers)
    with serving(processes=1) as served:
        cases = _cases(Browser(served.url), questions, samples, only)
    with serving(processes=2) as served:
        for _ in range(WARM_UP):
            Browser(served.url).timed(_path(questions.one()))
        together = crowd(
            served.url, lambda: _path(questions.one()), browsers=SEARCHERS, seconds=CROWD_SECONDS
        )
    return {
        "bench": "search",
        "database": connection.vendor,
        **loaded,
        "slowest_p95_ms": max((case["p95_ms"] for case in cases), default=0.0),
        "concurrent": together,
        "cases": cases,
    }


# -- searching --------------------------------------------------------------------------------------


def _cases(browser: Browser, questions: Questions, samples: int, only: str) -> list[dict[str, Any]]:
    cases: dict[str, Callable[[], float]] = {
        name: lambda ask=ask: browser.timed(_path(ask()))  # type: ignore[misc]
        for name, ask in questions.cases()
    }
    cases["second page, anywhere"] = lambda: browser.timed(_second_page(browser, questions))
    cases["whole page, anywhere"] = lambda: browser.timed(_path(questions.one()), fragment=False)
    found = []
    for name, ask in cases.items():
        if only in name:
            times = [ask() for _ in range(WARM_UP + samples)][WARM_UP:]
            found.append({"name": name, **percentiles(times)})
    return found


def _path(query: str) -> str:
    return f"{reverse('shop:home')}?{query}"


def _second_page(browser: Browser, questions: Questions) -> str:
    """The address behind the first page of two digits, which many numbers have."""
    _, page = browser.get(_path(questions.some_digits(2)))
    link = _NEXT.search(page.decode())
    if link is None:
        raise CommandError("A page of many numbers leads to no other.")
    return _path(html.unescape(link[1]))


# -- loading ----------------------------------------------------------------------------------------


def _load(numbers: int) -> tuple[list[NumberOffer], dict[str, Any]]:
    """Some of the offers, and how the load went."""
    sellers = make_sellers()
    offers: list[NumberOffer] = []
    busy: list[Window] = []
    stored = 0
    with _buying() as drafts:
        for seller, area, stock in areas(numbers, sellers=len(sellers)):
            begun = time.time()
            syncing.store(sellers[seller], area, stock, timezone.now())
            busy.append((begun, time.time()))
            offers += stock.numbers[::_REMEMBERED]
            stored += len(stock.numbers)
        begun = time.time()
        published = _part("publish")
        busy.append((begun, begun + published["seconds"] + published["began"] - begun))
    return offers, {
        "numbers": stored,
        "groups": published["groups"],
        "load_seconds": round(sum(end - begin for begin, end in busy), 1),
        "build_seconds": published["seconds"],
        "build_peak_mb": published["peak_mb"],
        "index_bytes": publishing.index_file().stat().st_size,
        **_checkout(drafts, busy),
    }


def _part(name: str) -> dict[str, Any]:
    answer = subprocess.run(_command(name), stdout=subprocess.PIPE, check=True)  # noqa: S603
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def _command(part: str) -> list[str]:
    return [sys.executable, "-m", "ringup", "bench_search", "--part", part]


def _publish() -> dict[str, Any]:
    """In a process of its own, as the product does it: what it needs at most is its own."""
    began = time.time()
    publishing.publish()
    seconds = time.time() - began
    index = current()
    return {
        "began": began,
        "seconds": round(seconds, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "groups": len(index.columns.groups) if index else 0,
    }


# -- buying meanwhile -------------------------------------------------------------------------------


@contextmanager
def _buying() -> Iterator[list[Window]]:
    """A process that writes drafts until the end; then the list has when each write began and ended."""
    written: list[Window] = []
    with subprocess.Popen(  # noqa: S603 - our own program
        _command("drafts"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as buyer:
        assert buyer.stdout is not None
        try:
            buyer.stdout.readline()  # it has begun
            yield written
            answer, _ = buyer.communicate()
            written += [(begin, end) for begin, end in json.loads(answer)]
        finally:
            buyer.kill()


def _drafts() -> list[Window]:
    """Until nobody listens any more."""
    sold = Product.objects.all()[0]
    ended = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    print("writing", flush=True)
    written: list[Window] = []
    while not ended.wait(DRAFT_SECONDS):
        begun = time.time()
        draft = drafting.start(sold, client=None)
        written.append((begun, time.time()))
        begun = time.time()
        drafting.save_answers(draft, "company", {"name": "Example Company"})
        written.append((begun, time.time()))
    return written


def _checkout(drafts: list[Window], busy: list[Window]) -> dict[str, Any]:
    """Of the writes that fell into the load."""
    took = [
        (end - begin) * 1000
        for begin, end in drafts
        if any(begin < until and end > since for since, until in busy)
    ]
    return {"checkout_writes": len(took), "checkout_p95_ms": percentiles(took)["p95_ms"]}
