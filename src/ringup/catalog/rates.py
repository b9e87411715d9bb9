"""Exchange rates: one table of pairs, kept by staff, through which costs reach the selling currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from ringup.catalog.models import ExchangeRate
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.money import MILLION, Money
from ringup.core.sentences import Refusal

OLD = timedelta(days=30)
# Two directions of one pair may differ by a bank's margin, not by a slip of the finger.
SPREAD_PERCENT = 5


def exchanged(amount: Money, currency: str) -> Money | None:
    """The amount in another currency, rounded half up at a millionth; None without a rate. The
    inverse counts where only the other direction is known."""
    if amount.currency == currency:
        return amount
    rate = rate_between(amount.currency, currency)
    return None if rate is None else rate.apply(amount)


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of ``base`` is ``over / under`` units of ``quote``; exact in both directions."""

    base: str
    quote: str
    over: int
    under: int

    def apply(self, amount: Money) -> Money:
        """An amount in ``base``, in ``quote``."""
        sign = -1 if amount.micros < 0 else 1
        micros = (2 * abs(amount.micros) * self.over + self.under) // (2 * self.under)
        return Money(sign * micros, self.quote)


def rate_between(base: str, quote: str) -> Rate | None:
    """The rate of the table, in this direction or turned round."""
    rows = ExchangeRate.objects.filter(Q(base=base, quote=quote) | Q(base=quote, quote=base))
    found = {row.base: row.rate_micros for row in rows}
    if base in found:
        return Rate(base, quote, found[base], MILLION)
    if quote in found:
        return Rate(base, quote, MILLION, found[quote])
    return None


@dataclass(frozen=True, slots=True)
class KnownRate:
    """A row of the table for people: ``by`` may be empty."""

    row: ExchangeRate
    by: str

    @property
    def rate_text(self) -> str:
        """``1.0825``"""
        return _text(self.row.rate_micros)

    @property
    def inverse_text(self) -> str:
        """Six significant digits: to look at, not to calculate with."""
        return f"{Decimal(f'{MILLION / Decimal(self.row.rate_micros):.6g}').normalize():f}"

    @property
    def is_old(self) -> bool:
        """Nobody has looked at it for 30 days."""
        return is_old(self.row.changed)


def is_old(changed: datetime) -> bool:
    """Whether a rate of then is worth a look."""
    return timezone.now() - changed > OLD


def known_rates() -> list[KnownRate]:
    """Every pair by name, with who changed it last."""
    rows = list(ExchangeRate.objects.order_by("base", "quote"))
    subjects = {subject_of(row.base, row.quote) for row in rows}
    newest = Activity.objects.filter(subject__in=subjects).values("subject").annotate(Max("pk"))
    keys = [found["pk__max"] for found in newest]
    by = dict(Activity.objects.filter(pk__in=keys).values_list("subject", "actor_label"))
    return [KnownRate(row, by.get(subject_of(row.base, row.quote), "")) for row in rows]


def old_rates() -> list[ExchangeRate]:
    """Rates that nobody has looked at for 30 days."""
    rows = ExchangeRate.objects.order_by("base", "quote")
    return [row for row in rows if is_old(row.changed)]


def contradictions(rows: Iterable[ExchangeRate]) -> list[tuple[str, str]]:
    """Pairs that stand in both directions and do not fit together."""
    rates = {(row.base, row.quote): row.rate_micros for row in rows}
    return [
        (base, quote)
        for (base, quote), rate in sorted(rates.items())
        if base < quote and (quote, base) in rates and not fit(rate, rates[quote, base])
    ]


def fit(one: int, other: int) -> bool:
    """Whether there and back again, in millionths, ends within the allowed spread."""
    return abs(one * other - MILLION**2) * 100 <= SPREAD_PERCENT * MILLION**2


def set_rate(base: str, quote: str, rate_micros: int, *, actor: Actor) -> ExchangeRate:
    """Store a rate, or change it. Refuses one that contradicts the other direction."""
    if base == quote:
        raise Refusal("Choose two different currencies. Nothing was changed.", field="quote")
    with transaction.atomic():
        back = ExchangeRate.objects.filter(base=quote, quote=base).first()
        if back is not None and not fit(rate_micros, back.rate_micros):
            raise Refusal(
                f"1 {quote} = {_text(back.rate_micros)} {base} is stored as well, and the two differ "
                f"by more than {SPREAD_PERCENT} %. Nothing was changed. Change or delete that one "
                "first; the other direction is worked out from this one.",
                field="rate",
            )
        before = ExchangeRate.objects.filter(base=base, quote=quote).first()
        row, _ = ExchangeRate.objects.update_or_create(
            base=base, quote=quote, defaults={"rate_micros": rate_micros}
        )
        was = _text(before.rate_micros) if before else ""
        what = "changed an exchange rate" if before else "added an exchange rate"
        change = {"rate": [was, _text(rate_micros)]}
        Activity.record(actor, subject_of(base, quote), what, pair=f"{base} to {quote}", **change)
    return row


def delete_rate(row: ExchangeRate, *, actor: Actor) -> None:
    """Forget a rate. What was priced through it is not on sale until another one is there."""
    with transaction.atomic():
        change = {"rate": [_text(row.rate_micros), ""]}
        Activity.record(
            actor,
            subject_of(row.base, row.quote),
            "deleted an exchange rate",
            pair=str(row),
            **change,
        )
        row.delete()


def subject_of(base: str, quote: str) -> str:
    """How the activity log names a pair."""
    return f"exchange-rate:{base}-{quote}"


def _text(micros: int) -> str:
    return f"{(Decimal(micros) / MILLION).normalize():f}"
