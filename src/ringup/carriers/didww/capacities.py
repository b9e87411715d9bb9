"""The ways to buy a number: one stock keeping unit each, and capacity pools beside them.

The keys say what is meant and not which row of DIDWW's it is, so that they fit every group:
``per-minute``, ``channels-2`` (calls at once, paid by the month), ``pool-<id>``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.paging import every
from ringup.carriers.didww.reading import Resource
from ringup.carriers.didww.settings import Settings
from ringup.carriers.port import POOL_KEY, Billing, Capacity
from ringup.carriers.remembering import CATALOGUES
from ringup.core.money import Money
from ringup.core.sentences import counted

PER_MINUTE, CHANNELS, POOL = "per-minute", "channels-", POOL_KEY


@dataclass(frozen=True, slots=True)
class Unit:
    """A stock keeping unit: DIDWW's id, its prices, and how many calls at once it includes."""

    key: str
    setup: Money
    monthly: Money
    channels: int

    @property
    def capacity(self) -> str:
        return f"{CHANNELS}{self.channels}" if self.channels else PER_MINUTE


@dataclass(frozen=True, slots=True)
class Pool:
    """Channels that many numbers share. ``rate`` is its price of a minute beyond them."""

    key: str
    name: str
    rate: Money | None
    countries: frozenset[str]

    @property
    def capacity(self) -> str:
        return f"{POOL}{self.key}"


def units_of(group: Resource, currency: str) -> list[Unit]:
    """A group's units, those without channels first. One whose price cannot be read is not offered:
    a price guessed too low would be sold. Of two for the same the cheaper one counts."""
    found: dict[int, Unit] = {}
    for row in group.many("stock_keeping_units"):
        setup, monthly = row.money("setup_price", currency), row.money("monthly_price", currency)
        if setup is None or monthly is None or setup.micros < 0 or monthly.micros < 0:
            continue
        unit = Unit(row.id, setup, monthly, row.whole("channels_included_count"))
        known = found.get(unit.channels)
        if known is None or unit.monthly < known.monthly:
            found[unit.channels] = unit
    return [found[channels] for channels in sorted(found)]


class Capacities:
    """Reading only. Pools are kept for a day."""

    def __init__(self, client: DidwwClient, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    def of(self, units: Iterable[Unit], country: str) -> tuple[Capacity, ...]:
        """The ways to buy a number of these units, the usual one first. ``country`` is DIDWW's id."""
        pools = [pool for pool in self.pools() if country in pool.countries]
        rate = self._rate(pools)
        found: list[Capacity] = []
        for unit in units:
            found.append(_capacity(unit, rate))
            if not unit.channels:
                found += [_pooled(unit, pool) for pool in pools]
        return tuple(sorted(found, key=lambda way: way.billing is Billing.POOL))

    def pools(self) -> list[Pool]:
        return CATALOGUES.get(("didww", self._client.account, "pools"), self._load)

    def _load(self) -> list[Pool]:
        rows = every(self._client, "capacity_pools", {"include": "countries"})
        return [
            Pool(
                key=row.id,
                name=row.text("name"),
                rate=row.money("metered_rate", self._settings.currency),
                countries=frozenset(uid for _, uid in row.keys("countries")),
            )
            for row in rows
        ]

    def _rate(self, pools: list[Pool]) -> Money | None:
        """What a minute costs: the account's setting, else what a pool of the country tells."""
        if rate := self._settings.minute_rate:
            return Money.of(rate, self._settings.currency)
        return next((pool.rate for pool in pools if pool.rate is not None), None)


def _capacity(unit: Unit, rate: Money | None) -> Capacity:
    if not unit.channels:
        return Capacity(
            key=unit.capacity,
            billing=Billing.PER_MINUTE,
            text="Pay per minute",
            monthly=unit.monthly,
            setup=unit.setup,
            per_minute=rate,
        )
    return Capacity(
        key=unit.capacity,
        billing=Billing.UNLIMITED,
        text=f"Unlimited, {counted(unit.channels, 'call')} at once",
        monthly=unit.monthly,
        setup=unit.setup,
        channels=unit.channels,
    )


def _pooled(unit: Unit, pool: Pool) -> Capacity:
    return Capacity(
        key=pool.capacity,
        billing=Billing.POOL,
        text=f"From the capacity pool {pool.name}",
        monthly=unit.monthly,
        setup=unit.setup,
        per_minute=pool.rate,
    )
