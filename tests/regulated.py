"""The world with a carrier that wants papers: the sandbox of DIDWW beside the sandbox PBX, and orders
whose client has uploaded all that is asked for, by the product's own verbs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.papers import PersonKind
from ringup.catalog import number_prices
from ringup.catalog.models import Bundle, Product
from ringup.cli.seeding import DidwwAddress, seed_worldwide
from ringup.core.actors import Actor
from ringup.flows.checkout import (
    checking_out,
    chosen_numbers,
    drafted_papers,
    drafting,
    needing_papers,
)
from ringup.flows.orders import approving
from ringup.flows.papers.of_orders import require_papers
from ringup.jobs.clock import FromNow
from ringup.jobs.models import Job
from ringup.orders.models import Draft, Order
from ringup.provisioning.models import Run
from ringup.regulatory.documents import wanted_of
from ringup.regulatory.models import Document, RegulatoryFile
from ringup.regulatory.uploading import add_document
from ringup.sandbox.didww import DidwwSandbox, Setup, running_didww, verifying
from ringup.sandbox.didww.resources import Resource
from tests.regulatory.files import jpeg
from tests.world import ADMINISTRATOR, COMPANY, PASSWORD, World, run_jobs

# What the carrier holds when all has been done, and nothing twice.
ONCE = {
    "identities": 1,
    "addresses": 1,
    "proofs": 2,
    "orders": 1,
    "dids": 1,
    "address_verifications": 1,
}
THANDI = Actor("user:1", "Thandi Mokoena")
FACTS = {
    "kind": PersonKind.BUSINESS.value,
    "first_name": "Thandi",
    "last_name": "Mokoena",
    "phone": "+27210012200",
    "contact_email": "thandi@karoo.example",
    "company_name": "Karoo Freight (Pty) Ltd",
    "company_reg_number": "2019/123456/07",
    "vat_id": "4123456789",
    "birth_date": "1986-04-17",
    "id_number": "8604175009087",
    "service_description": "Our switchboard in Cape Town.",
}
# A client beside the one of ``world.COMPANY``.
SECOND = {"company": "Second Company", "email": "second@example.com"}
ADDRESSES = {
    "ZA": {
        "country": "ZA",
        "city": "Cape Town",
        "postal_code": "8001",
        "street": "14 Harrington St",
    },
    "DE": {"country": "DE", "city": "Berlin", "postal_code": "10115", "street": "Torstraße 10"},
    "FR": {"country": "FR", "city": "Paris", "postal_code": "75001", "street": "1 rue de Rivoli"},
}


@dataclass(frozen=True)
class Regulated:
    """``didww`` is the carrier's own side; ``account`` is ours there."""

    world: World
    didww: DidwwSandbox
    account: CarrierAccount

    # -- orders -----------------------------------------------------------------------------------

    def pbx_draft(
        self, country: str = "ZA", *, kind: str = "Local", uploaded: bool = True, **company: str
    ) -> Draft:
        """A complete draft of a PBX whose number needs papers; its documents are uploaded."""
        draft = drafting.start(Bundle.objects.get(slug="hosted-pbx-10-worldwide"), client=None)
        drafting.save_company(draft, COMPANY | {"phone": "+27210012200"} | company)
        self._choose(draft, country, kind)
        drafting.save_tenant(draft, label=draft.answers["tenant"]["label"])
        drafting.save_answers(draft, "administrator", ADMINISTRATOR)
        self._tell(draft, country, uploaded)
        return draft

    def number_draft(
        self, country: str = "ZA", *, kind: str = "Local", uploaded: bool = True, **company: str
    ) -> Draft:
        """The same of a plain number that is forwarded to a telephone: no PBX takes part."""
        draft = drafting.start(Product.objects.get(slug="number-worldwide"), client=None)
        drafting.save_company(draft, COMPANY | {"phone": "+27210012200"} | company)
        self._choose(draft, country, kind)
        goal = {"goal": "telephone", "value": "+27210012299"}
        drafting.save_answers(draft, "destination", goal)
        self._tell(draft, country, uploaded)
        return draft

    def pbx_order(self, country: str = "ZA", **more: Any) -> Order:
        draft = self.pbx_draft(country, **more)
        return checking_out.submit(draft, administrator_password=PASSWORD)

    def number_order(self, country: str = "ZA", **more: Any) -> Order:
        return checking_out.submit(self.number_draft(country, **more))

    def _choose(self, draft: Draft, country: str, kind: str) -> None:
        group = self.group(country, kind)
        if self._by_place(group):
            self._choose_place(draft, group.id)
            return
        drafting.choose_number(draft, self.number_of(group))

    def _choose_place(self, draft: Draft, key: str) -> None:
        """As the list's button does, without an index of numbers."""
        with carrier_for(self.account) as carrier:
            offer = carrier.place(key)
        assert offer is not None
        price = number_prices.price_offer(self.account, offer, draft.currency)
        assert price is not None
        chosen = chosen_numbers.place_answers(offer, price)
        needing_papers.settle(self.account, [chosen])
        drafting.put_numbers(draft, [chosen])

    def _tell(self, draft: Draft, country: str, uploaded: bool) -> None:
        rules = drafted_papers.rules_of(draft)
        areas = {area.name: area.key for area in drafted_papers.areas_of(draft, rules)}
        address = ADDRESSES[country]
        told = (
            FACTS | address | {"identity_country": country, "area": areas.get(address["city"], "")}
        )
        drafted_papers.save(draft, rules, told)
        draft.refresh_from_db()
        assert draft.papers is not None
        if uploaded:
            upload_all(draft.papers)

    # -- the carrier's own side -------------------------------------------------------------------

    def group(self, country: str, kind: str = "Local") -> Resource:
        for row in self.rows("did_groups"):
            of, its_kind = row.one("country"), row.one("did_group_type")
            assert of is not None
            assert its_kind is not None
            if (of.attributes["iso"], its_kind.attributes["name"]) == (country, kind):
                return row
        raise LookupError(f"{country} {kind}")

    def _by_place(self, group: Resource) -> bool:
        return bool(group.hidden["is_demo"]) or not group.meta["available_dids_enabled"]

    def number_of(self, group: Resource) -> str:
        listed = [row for row in self.rows("available_dids") if row.one("did_group") is group]
        return f"+{min(row.attributes['number'] for row in listed)}"

    def rows(self, kind: str) -> list[Resource]:
        return self.didww.state.store.all(kind)

    def count(self) -> dict[str, int]:
        """What stands at the carrier because of us."""
        kinds = ("identities", "addresses", "proofs", "orders", "dids", "address_verifications")
        return {kind: len(self.rows(kind)) for kind in kinds}

    def did(self) -> Resource:
        (row,) = self.rows("dids")
        return row

    def decide(self, *, approved: bool, reasons: list[str] | None = None) -> None:
        """Somebody there has read the newest papers."""
        state = self.didww.state
        with state.lock:
            row = self.rows("address_verifications")[-1]
            verifying.decide(state, row, is_approved=approved, reasons=reasons)

    def callbacks(self, *, on: bool) -> None:
        self.didww.state.callbacks_enabled = on


def upload_all(file: RegulatoryFile, *, only: str = "", actor: Actor = THANDI) -> list[Document]:
    """One document for each that is wanted, or for one slot."""
    return [
        add_document(
            file,
            slot=wanted.slot,
            type_key=wanted.types[0].key,
            name="scan.jpg",
            content=jpeg(),
            dated=timezone.localdate() if wanted.needs_date else None,
            actor=actor,
        )
        for wanted in wanted_of(file)
        if only in ("", wanted.slot)
    ]


@contextmanager
def regulated_world(world: World, **setup: Any) -> Iterator[Regulated]:
    """A fresh sandbox of DIDWW, with its account and what is sold on it."""
    with running_didww(setup=Setup(**setup)) as didww:
        address = DidwwAddress(didww.url, didww.key, didww.callback_secret)
        account = seed_worldwide(address, world.server)
        CarrierAccount.objects.filter(pk=account.pk).update(calls_per_second=100_000.0)
        account.refresh_from_db()
        yield Regulated(replace(world, account=account), didww, account)


# -- working ------------------------------------------------------------------------------------------


def run_until(done: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Work on jobs that are due until something is so."""
    deadline = time.monotonic() + seconds
    while True:
        run_jobs()
        if done():
            return
        assert time.monotonic() < deadline, [
            (run.state, run.problem, [(s.key, s.state, s.detail) for s in run.steps.all()])
            for run in Run.objects.all()
        ]
        time.sleep(0.02)


def run_until_papers_are(order: Order, state: str) -> RegulatoryFile:
    """Work on jobs until the order's papers stand so."""
    run_until(lambda: require_papers(order).state == state)
    return require_papers(order)


def run_until_waiting(order: Order) -> Run:
    """Work on jobs until the run waits for the carrier's look at the papers."""

    def waits() -> bool:
        run = approving.latest_run(order)
        steps = run.steps.filter(key__startswith="number-registration/") if run else None
        return bool(run and run.state == "waiting" and steps and steps.get().state == "waiting")

    run_until(waits)
    run = approving.latest_run(order)
    assert run is not None
    return run


def let_time_pass() -> None:
    """What waits for a later time is due now."""
    Job.objects.filter(name="provisioning.advance").update(due=FromNow(-1))
