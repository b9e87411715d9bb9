"""An account at a sandbox carrier that sells Canada: thirteen provinces, one call each."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db.models import F

from ringup.carriers.models import CarrierAccount
from ringup.carriers.pacing import bucket_for
from ringup.core.actors import RINGUP
from ringup.jobs.clock import FromNow
from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.numbers import syncing
from ringup.numbers.models import Stock, Sync
from ringup.numbers.packing import unpack
from ringup.sandbox.voipms import Setup, VoipmsSandbox, methods, places, running_voipms
from ringup.sandbox.voipms.parameters import Parameters
from ringup.sandbox.voipms.state import State

LIST = "getDIDsCAN"
REGIONS = sorted(places.PROVINCE_NAMES)
AREAS = len(REGIONS)


@dataclass
class StockWorld:
    sandbox: VoipmsSandbox
    account: CarrierAccount
    # The provinces that were asked for, in order, however the answer was.
    asked: list[str] = field(default_factory=list)

    def begin(self, scope: str = "") -> Sync:
        return syncing.begin(self.account, actor=RINGUP, scope=scope)

    def sync(self, scope: str = "") -> Sync:
        """A pass to its end, in this process."""
        begun = self.begin(scope)
        self.work()
        begun.refresh_from_db()
        return begun

    def work(self, *, rests: bool = True) -> None:
        """Every slice of the pass; with ``rests``, as if each pause had gone by."""
        while True:
            if rests:
                Job.objects.filter(name=syncing.JOB).update(due=FromNow(-1))
            if not run_one():
                return

    def newest(self) -> Sync:
        return syncing.passes(self.account.pk)[0]

    def numbers(self, area: str = "") -> set[str]:
        rows = Stock.objects.filter(account=self.account, area__startswith=area)
        return {
            f"+{digits}"
            for content in rows.values_list("content", flat=True)
            for _, found in unpack(content).kinds
            for digits in found
        }

    def areas(self) -> set[str]:
        return set(Stock.objects.values_list("area", flat=True))

    def on_sale(self) -> set[str]:
        """The truth, at the carrier."""
        with self.sandbox.state.lock:
            stock = self.sandbox.state.stock.numbers.values()
            return {f"+1{number.did}" for number in stock if number.country == "CA"}

    def one_of(self, area: str) -> str:
        return min(self.numbers(area))

    def sell(self, e164: str) -> None:
        assert self.sandbox.state.stock.sell(e164.removeprefix("+1"))

    def sell_all(self, region: str) -> None:
        for number in list(self.sandbox.state.stock.numbers.values()):
            if (number.country, number.region) == ("CA", region):
                self.sandbox.state.stock.sell(number.did)

    def fault(self, kind: str, *, times: int = 1, **more: Any) -> None:
        self.sandbox.faults.add(kind, method=more.pop("method", LIST), times=times, **more)

    def fail_area(self, area: str, kind: str, **more: Any) -> None:
        """The area fails whenever the next pass asks for it, three times, and no other does."""
        place = REGIONS.index(area.removeprefix("CA/"))
        self.fault(kind, skip=place, **more)
        self.fault(kind, skip=AREAS - 1, times=2, **more)

    def calm(self) -> None:
        """No faults, and no rest after too many calls."""
        self.sandbox.faults.clear()
        bucket_for(self.sandbox.url, self.sandbox.user, 1000.0).rest(0)

    def grow_old(self, **columns: Any) -> None:
        """As if the passes so far had been longer ago."""
        old = {name: F(name) - ago for name, ago in columns.items()}
        Sync.objects.filter(account=self.account).update(**old)


def due_in(seconds: float) -> list[int]:
    """Jobs of passes that wait no longer than that."""
    rows = Job.objects.filter(name=syncing.JOB, due__lte=FromNow(seconds))
    return list(rows.values_list("pk", flat=True))


@contextmanager
def stock_world(monkeypatch: pytest.MonkeyPatch, name: str = "Northern") -> Iterator[StockWorld]:
    # A user of its own: what the process remembers of an account must not pass between tests.
    user = f"{uuid.uuid4().hex}@example.com"
    with running_voipms(setup=Setup(numbers=2400, user=user)) as sandbox:
        account = CarrierAccount(
            name=name,
            kind="voipms",
            url=sandbox.url,
            identity={"user": sandbox.user, "account": sandbox.account},
            calls_per_second=1000.0,
            read_timeout_seconds=5.0,
            countries=["CA"],
        )
        account.set_secrets({"password": sandbox.password})
        account.save()
        world = StockWorld(sandbox, account)
        genuine = methods.METHODS[LIST]

        def spied(state: State, params: Parameters) -> Any:
            if state is sandbox.state:
                world.asked.append(params.text("province"))
            return genuine(state, params)

        monkeypatch.setitem(methods.METHODS, LIST, spied)
        yield world
