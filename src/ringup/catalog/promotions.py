"""Promotion codes: whether one counts, what it takes off, and how often it was used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from ringup.accounts.models import Brand, Client
from ringup.catalog.models import Bundle, Product
from ringup.catalog.pricing import Cycle
from ringup.catalog.rule_models import PromoCode, PromoUse
from ringup.catalog.terms import WHOLE, Discount, percent_words
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.sentences import Refusal

Kind, On = PromoCode.Kind, PromoCode.On
UNKNOWN = "We do not know the code {code}. Nothing was changed. Check it, or go on without it."


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a code is to count for. ``amount`` is set-up and first period of all that is ordered at
    once, before discounts, fees and tax."""

    sold: Bundle | Product
    cycle: Cycle
    brand: Brand
    client: Client | None
    is_new_client: bool
    amount: Money


class NotCounting(Refusal):
    """The code does not count. ``reason`` is a sentence without what to do."""

    def __init__(self, code: str, reason: str, *, todo: str = "Go on without it.") -> None:
        super().__init__(f"{reason} Nothing was charged. {todo}", field="promo_code")
        self.code, self.reason = code, reason


def plain_code(text: str) -> str:
    """A code as it is kept: capital letters, no spaces."""
    return "".join(text.split()).upper()[:40]


def find(code: str, occasion: Occasion) -> PromoCode:
    """The code, if it counts for this; raises ``NotCounting`` with the reason."""
    promo = PromoCode.objects.filter(code=plain_code(code)).first()
    if promo is None or promo.brand_id not in (None, occasion.brand.pk):
        raise NotCounting(code, UNKNOWN.format(code=code).partition(" Nothing")[0])
    reason = next(_reasons(promo, occasion), "")
    if reason:
        raise NotCounting(promo.code, reason)
    return promo


def _reasons(promo: PromoCode, occasion: Occasion) -> Iterator[str]:
    """Why it does not count, the gravest first."""
    code, today = promo.code, today_of(promo.brand or occasion.brand)
    if promo.is_retired or (promo.ends and today > promo.ends):
        yield f"The code {code} has ended."
    if promo.begins and today < promo.begins:
        yield f"The code {code} begins on {promo.begins:%-d %B %Y}."
    if uses_left(promo, occasion.client) == 0:
        if promo.most_uses is not None and promo.uses >= promo.most_uses:
            yield f"The code {code} was used up."
        yield f"You have used the code {code} already."
    if promo.new_clients_only and not occasion.is_new_client:
        yield f"The code {code} is for the first order of a new client."
    if promo.cycles and occasion.cycle.value not in promo.cycles:
        cycles = " or ".join(Cycle(cycle).label.lower() for cycle in promo.cycles)
        yield f"The code {code} is for {cycles} payment."
    if not _is_named(promo, occasion.sold):
        yield f"The code {code} is not for {occasion.sold.name}."
    yield from _amount_reasons(promo, occasion.amount)


def _amount_reasons(promo: PromoCode, amount: Money) -> Iterator[str]:
    for money in (promo.amount, promo.minimum):
        if money is not None and money.currency != amount.currency:
            yield f"The code {promo.code} is for orders in {money.currency}."
            return
    if promo.minimum is not None and amount < promo.minimum:
        yield f"The code {promo.code} is for orders of at least {promo.minimum}."


def _is_named(promo: PromoCode, sold: Bundle | Product) -> bool:
    products = set(promo.products.values_list("pk", flat=True))
    bundles = set(promo.bundles.values_list("pk", flat=True))
    if not products and not bundles:
        return True
    return sold.pk in (products if isinstance(sold, Product) else bundles)


def today_of(brand: Brand) -> date:
    """Which day it is for a brand."""
    return timezone.localdate(timezone=ZoneInfo(brand.time_zone))


def uses_left(promo: PromoCode, client: Client | None) -> int | None:
    """How many orders of this client may still have it; None: as many as he likes."""
    left = [] if promo.most_uses is None else [promo.most_uses - promo.uses]
    if promo.most_per_client is not None:
        used = 0 if client is None else _uses_of(promo, client)
        left.append(promo.most_per_client - used)
    return max(min(left), 0) if left else None


def _uses_of(promo: PromoCode, client: Client) -> int:
    return PromoUse.objects.filter(code=promo, client=client, given_back=None).count()


# -- what it takes off ----------------------------------------------------------------------------


def discount_of(promo: PromoCode) -> Discount:
    """As a term of a quote."""
    text = f"{promo.code}: {words_of(promo)}"
    if promo.kind == Kind.FREE_MONTHS:
        return Discount(text, rate=WHOLE, months=promo.free_months)
    return Discount(
        text,
        rate=promo.rate if promo.kind == Kind.PERCENT else 0,
        amount=promo.amount if promo.kind == Kind.AMOUNT else None,
        on_setup=promo.on != On.RECURRING,
        on_recurring=promo.on != On.SETUP,
        months=promo.months,
    )


def words_of(promo: PromoCode) -> str:
    """``1 month free``, ``10 % off for 3 months``, ``$5.00 a month off``."""
    if promo.kind == Kind.FREE_MONTHS:
        return f"{_months(promo.free_months)} free"
    is_amount = promo.kind == Kind.AMOUNT
    what = str(promo.amount) if is_amount else percent_words(promo.rate)
    if promo.on == On.SETUP:
        return f"{what} off the set-up"
    each = f"{what} a month off" if is_amount else f"{what} off"
    if promo.on == On.BOTH and is_amount:
        each = f"{what} off the set-up and each month"
    return f"{each} for {_months(promo.months)}" if promo.months else each


def _months(count: int) -> str:
    return "1 month" if count == 1 else f"{count} months"


# -- using it -------------------------------------------------------------------------------------


def take(code: str, *, client: Client, order: UUID) -> PromoCode:
    """Count one use, in the caller's transaction; of two who take the last one, one gets it. Raises
    ``NotCounting``."""
    rows = PromoCode.objects.filter(code=code, is_retired=False)
    left = Q(most_uses=None) | Q(uses__lt=F("most_uses"))
    if rows.filter(left).update(uses=F("uses") + 1) != 1:
        raise NotCounting(code, f"The code {code} was used up a moment ago.")
    # The row is ours until the transaction ends: nobody else counts this client's uses meanwhile.
    promo = PromoCode.objects.get(code=code)
    if promo.most_per_client is not None and _uses_of(promo, client) >= promo.most_per_client:
        raise NotCounting(code, f"You have used the code {code} already.")
    PromoUse.objects.create(code=promo, client=client, order=order)
    return promo


def give_back(order: UUID) -> None:
    """The order ended without being carried out: another one may have its use. Once, however often
    it is called."""
    rows = PromoUse.objects.filter(order=order, given_back=None)
    use = rows.first()
    if use is not None and rows.update(given_back=timezone.now()) == 1:
        PromoCode.objects.filter(pk=use.code_id, uses__gt=0).update(uses=F("uses") - 1)


# -- keeping them ---------------------------------------------------------------------------------


def save_code(
    promo: PromoCode,
    *,
    products: Iterable[Product],
    bundles: Iterable[Bundle],
    changes: dict[str, Any],
    actor: Actor,
) -> None:
    """Store a new or changed code. What orders have already is frozen with them."""
    what = "changed a promotion code" if promo.pk else "added a promotion code"
    fields = [
        field.name
        for field in PromoCode._meta.concrete_fields
        # Counted meanwhile by orders.
        if field.name not in ("id", "uses", "is_retired", "created")
    ]
    try:
        with transaction.atomic():
            promo.save(update_fields=fields if promo.pk else None)
            promo.products.set([product.pk for product in products])
            promo.bundles.set([bundle.pk for bundle in bundles])
            Activity.record(actor, subject_of(promo), what, **({"code": promo.code} | changes))
    except IntegrityError as error:
        raise Refusal(*_broken(promo)) from error


def _broken(promo: PromoCode) -> tuple[str]:
    twins = PromoCode.objects.filter(code=promo.code).exclude(pk=promo.pk)
    if twins.exists():
        return (f"There is a code {promo.code} already. Nothing was changed. Choose another.",)
    return (
        "More orders have this code than you allow now. Nothing was changed. Allow more, or retire "
        "the code.",
    )


def retire(promo: PromoCode, *, actor: Actor) -> None:
    """Orders with it stay as they are; no new one gets it."""
    _set_retired(promo, True, "retired a promotion code", actor)


def bring_back(promo: PromoCode, *, actor: Actor) -> None:
    """Let a retired code count again."""
    _set_retired(promo, False, "brought a promotion code back", actor)


def _set_retired(promo: PromoCode, is_retired: bool, what: str, actor: Actor) -> None:
    with transaction.atomic():
        rows = PromoCode.objects.filter(pk=promo.pk, is_retired=not is_retired)
        if rows.update(is_retired=is_retired):
            Activity.record(actor, subject_of(promo), what, code=promo.code)


def subject_of(promo: PromoCode) -> str:
    """Whose history it is."""
    return f"promo-code:{promo.uid}"
