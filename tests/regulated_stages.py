"""Worlds with an order whose papers are complete: each is built once in a process, and brought back.

As in ``stages``, and with the carrier that wants papers beside the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace

from django.db.models import F
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.numbers.models import Hold
from ringup.orders.models import Order
from ringup.sandbox.didww import running_didww
from ringup.sandbox.didww.state import State
from tests.regulated import Regulated, let_time_pass, regulated_world, run_until_waiting
from tests.stages import Stages
from tests.world import Peers, World, approve, make_world, run_jobs


def make_ordered(regulated: Regulated) -> None:
    """An order of a plain number of Cape Town: it waits for a review, its plan is made."""
    regulated.number_order()
    run_jobs()


def make_waiting(regulated: Regulated) -> None:
    """The same order, approved: all is at the carrier, whose look at the papers it waits for. It is
    time to ask again."""
    make_ordered(regulated)
    order = Order.objects.get()
    approve(order)
    run_until_waiting(order)
    let_time_pass()


class RegulatedStages:
    """What ``build`` makes of an empty world, by that function. The carrier does not call back."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        self._kept: dict[Callable[[Regulated], None], _Kept] = {}

    @contextmanager
    def at(self, build: Callable[[Regulated], None]) -> Iterator[Regulated]:
        kept = self._kept.setdefault(build, _Kept(build))
        with self._stages.at(kept.make) as world, kept.again(world) as regulated:
            yield regulated


class _Kept:
    def __init__(self, build: Callable[[Regulated], None]) -> None:
        self._build = build

    def make(self, peers: Peers) -> World:
        world = make_world(peers)
        with regulated_world(world) as regulated:
            regulated.callbacks(on=False)
            self._build(regulated)
            self._account = regulated.account.pk
            self._state = regulated.didww.state
            self._made = timezone.now()
        return world

    @contextmanager
    def again(self, world: World) -> Iterator[Regulated]:
        with running_didww(setup=self._state.setup) as didww:
            self._tell(didww.state)
            # A hold ends behind a quarter of an hour; a test begins in its first second.
            since = timezone.now() - self._made
            Hold.objects.update(expires=F("expires") + since)
            CarrierAccount.objects.filter(pk=self._account).update(url=didww.url)
            account = CarrierAccount.objects.get(pk=self._account)
            yield Regulated(replace(world, account=account), didww, account)

    def _tell(self, state: State) -> None:
        """All that the carrier knew; not the lock on it, and not its way to call back."""
        own = {"lock", "send", "setup"}
        facts = {name: value for name, value in vars(self._state).items() if name not in own}
        # What refers to the carrier's state refers to that of the new one.
        vars(state).update(deepcopy(facts, {id(self._state): state}))
