"""``ringup bench_checkout``: how many orders a second are placed over HTTP, from the search to the
submit. One JSON line per database.

Buyers who are signed in order plain numbers, each as soon as his last order is placed; the carrier is the
VoIP.ms sandbox, in a process of its own. Apart: orders of PBXes, and sign-ins with the real hash.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from ringup.accounts.brands import default_brand
from ringup.accounts.models import Client, Membership, User
from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.catalog.models import Product
from ringup.cli.browsing import cpu_seconds, percentiles, serving
from ringup.cli.fresh_databases import add_database_arguments, on_each_database
from ringup.cli.seeding import PbxAddress, VoipmsAddress, seed
from ringup.cli.shopping import Shopper, seen_in
from ringup.numbers import publishing, syncing
from ringup.orders.models import Order
from ringup.pbx.models import PbxServer
from ringup.services.models import Service
from ringup.services.wanted import Goal, WantedNumber

PASSWORD = "Bench-Mark-1"  # noqa: S105 - of nobody
COMPANY = {"company": "Example", "contact": "Alex Example", "phone": "416 555 0142"}
# The checkout never calls it for plain numbers; a PBX's address is then looked up among ours alone.
NO_PBX = PbxAddress(
    dsn="postgresql://nobody@127.0.0.1:1/none",
    event_host="127.0.0.1",
    event_port=1,
    event_password="none",  # noqa: S106 - of nobody
    cache_dir="",
    recordings_dir="",
    voicemail_dir="",
    template_domain="template.local",
)
PLENTY = 1_000_000
# Of the carrier, what is put on sale.
AREAS = {"US/NY", "US/CA", "US/TX"}
PBX_SECONDS = 5.0
# Each process writes its queries and the parts of its pages once, and each connection plans its
# questions once: both live for long.
WARM_UP_SECONDS = 8.0


class Command(BaseCommand):
    help = "Measures orders a second over HTTP, by buyers who are signed in."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_database_arguments(parser)
        parser.add_argument("--buyers", type=int, default=20, help="at once (20)")
        parser.add_argument("--seconds", type=float, default=15.0, help="of ordering (15)")
        parser.add_argument("--numbers", type=int, default=100_000, help="of the carrier (100000)")
        parser.add_argument("--processes", type=int, default=2, help="that answer pages (2)")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("buyers", "seconds", "numbers", "processes")
        wanted = {name: options[name] for name in names}
        if options["here"]:
            print(json.dumps(_measure(**wanted)), flush=True)
            return
        command = ["bench_checkout"]
        for name, value in wanted.items():
            command += [f"--{name}", str(value)]
        on_each_database(command, only=options["database"], postgres_url=options["postgres_url"])


def _measure(*, buyers: int, seconds: float, numbers: int, processes: int) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    default_brand()
    emails = [_member(place) for place in range(buyers)]
    with _carrier(numbers) as address:
        account, _ = seed(address, NO_PBX)
        PbxServer.objects.update(max_tenants=PLENTY, max_extensions=PLENTY)
        CarrierAccount.objects.update(calls_per_second=float(PLENTY))
        account.refresh_from_db()
        _give_services(account)
        shelf = Shelf(_put_on_sale(account))
        with serving(processes=processes, behind_proxy=True) as served:
            shoppers = [Shopper(served.url) for _ in emails]
            signed_in = _sign_in(shoppers, emails)
            _crowd(shoppers, shelf, _order_number, seconds=WARM_UP_SECONDS)
            before = cpu_seconds(served.pid), time.process_time()
            plain = _crowd(shoppers, shelf, _order_number, seconds=seconds)
            spent = cpu_seconds(served.pid) - before[0], time.process_time() - before[1]
            pbx = _crowd(shoppers, shelf, _order_pbx, seconds=min(PBX_SECONDS, seconds))
    return {
        "bench": "checkout",
        "database": connection.vendor,
        "buyers": buyers,
        "processes": processes,
        **plain,
        "cpu_ms_per_order": {
            name: round(1000 * one / plain["orders"], 1)
            for name, one in zip(("server", "buyers"), spent, strict=True)
        },
        "pbx": pbx,
        "sign_ins_per_second": signed_in,
        "orders_in_all": Order.objects.count(),
    }


# -- before ----------------------------------------------------------------------------------------


def _member(place: int) -> str:
    """A client of one person; his e-mail address."""
    email = f"buyer{place}@bench.example"
    user = User.objects.create_user(username=email, email=email, password=PASSWORD)
    client = Client.objects.create(
        brand=default_brand(),
        name=f"Buyer {place}",
        contact_name="Alex Example",
        email=email,
        phone="+14165550142",
    )
    Membership.objects.create(user=user, client=client, role=Membership.Role.OWNER)
    return email


def _give_services(account: CarrierAccount) -> None:
    """Each client has a number that works: new ones may have only a few orders that wait."""
    for client in Client.objects.all():
        Service.objects.create(
            client=client,
            brand=client.brand,
            kind=Service.Kind.NUMBER,
            name="an earlier number",
            account=account,
            state=Service.State.ACTIVE,
            wanted=WantedNumber(Goal.SIP_ACCOUNT, "").as_data(),
        )


@contextmanager
def _carrier(numbers: int) -> Iterator[VoipmsAddress]:
    """A sandbox carrier in a process of its own, which ends with the block."""
    program = [sys.executable, "-m", "ringup.sandbox", "voipms", "--numbers", str(numbers)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise CommandError("The sandbox carrier did not start; its own words are above.")
            facts = json.loads(line)
            yield VoipmsAddress(facts["url"], facts["user"], facts["password"], facts["account"])
        finally:
            process.terminate()


def _put_on_sale(account: CarrierAccount) -> list[str]:
    """Some areas of the carrier, into the index; their numbers."""
    found: list[str] = []
    with carrier_for(account) as carrier:
        areas = [area for area in carrier.areas() if area.key in AREAS]
        for area in areas:
            stock = carrier.stock(area)
            syncing.store(account, area, stock, timezone.now())
            found += [offer.e164 for offer in stock.numbers]
    publishing.publish()
    return found


@dataclass
class Shelf:
    """Numbers that nobody has ordered yet, each given out once."""

    numbers: list[str]
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> str:
        with self.lock:
            if not self.numbers:
                raise CommandError("All numbers are sold: ask for more with --numbers.")
            return self.numbers.pop()


def _sign_in(shoppers: list[Shopper], emails: list[str]) -> float:
    """All at once; how many a second."""
    begun = time.perf_counter()
    threads = [
        threading.Thread(target=shopper.sign_in, args=(email, PASSWORD))
        for shopper, email in zip(shoppers, emails, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return round(len(threads) / (time.perf_counter() - begun), 1)


# -- one order -------------------------------------------------------------------------------------


def _order_number(shopper: Shopper, e164: str) -> float:
    """Search, select, contact, destination, submit. How long the submit took, in milliseconds."""
    draft = _begin(shopper, Product.Kind.NUMBER, e164)
    last = f"{draft}destination/"
    seen = seen_in(shopper.get(last))
    return _timed(lambda: shopper.post(last, goal="telephone", telephone="416 555 0177", seen=seen))


def _order_pbx(shopper: Shopper, e164: str) -> float:
    """The same for a PBX, with the hash of its administrator's password."""
    draft = _begin(shopper, Product.Kind.HOSTED_PBX, e164)
    shopper.post(f"{draft}tenant/", label=f"pbx-{e164[1:]}")
    last = f"{draft}administrator/"
    seen = seen_in(shopper.get(last))
    form = {"username": "admin", "email": "alex@bench.example", "group": "admin"}
    form |= {"password": PASSWORD, "repeated": PASSWORD, "emergency": "on"}
    form |= {"time_zone": "America/Toronto", "language": "en-us"}
    return _timed(lambda: shopper.post(last, seen=seen, **form))


def _begin(shopper: Shopper, kind: Product.Kind, e164: str) -> str:
    """A draft with this number and a contact; its address."""
    shopper.move()
    shopper.get(f"{reverse('shop:home')}?q={e164[-7:]}", fragment=True)
    draft = shopper.post(reverse("shop:start"), slug=_SLUGS[kind], e164=e164)
    shopper.get(f"{draft}company/")
    company = f"Company {e164[1:]}"
    email = f"alex{e164[1:]}@bench.example"
    shopper.post(f"{draft}company/", **COMPANY | {"company": company, "email": email})
    return draft


def _timed(act: Callable[[], str]) -> float:
    begun = time.perf_counter()
    where = act()
    if not where.startswith("/my/orders/"):
        raise CommandError(f"The submit led to {where}.")
    return (time.perf_counter() - begun) * 1000


_SLUGS = {Product.Kind.NUMBER: "number", Product.Kind.HOSTED_PBX: "hosted-pbx-10"}


# -- many ------------------------------------------------------------------------------------------


def _crowd(
    shoppers: list[Shopper],
    shelf: Shelf,
    order: Callable[[Shopper, str], float],
    *,
    seconds: float,
) -> dict[str, Any]:
    """Each orders again as soon as his order is placed, until the time is over."""
    took: list[float] = []
    errors: list[str] = []
    end = time.perf_counter() + seconds

    def buy(shopper: Shopper) -> None:
        while time.perf_counter() < end:
            try:
                took.append(order(shopper, shelf.take()))
            except (OSError, http.client.HTTPException, CommandError) as error:
                errors.append(str(error))
                if len(errors) > len(shoppers):
                    return

    threads = [threading.Thread(target=buy, args=[shopper]) for shopper in shoppers]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - begun
    if not took:
        raise CommandError(f"Nothing was ordered: {errors[:3]}")
    found = {
        "orders": len(took),
        "orders_per_second": round(len(took) / elapsed, 1),
        "errors": len(errors),
        "p95_ms": percentiles(took)["p95_ms"] if len(took) > 1 else round(took[0], 1),
    }
    return found | ({"first_errors": errors[:3]} if errors else {})
