"""The cart: all that one buyer is ordering at present, item by item, with what it costs together."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from ringup.accounts.access import client_of
from ringup.catalog import selling
from ringup.catalog.pricing import Cycle, Quote
from ringup.core.money import Money, total
from ringup.core.sentences import Refusal
from ringup.flows.checkout import quoting
from ringup.orders.models import Draft
from ringup.services.domains import tenant_domain
from ringup.shop import wizard
from ringup.shop.baskets import Basket, basket_of
from ringup.shop.drafts import open_drafts
from ringup.shop.steps.step import Step
from ringup.shop.summary import Summary, summary_of


@dataclass(frozen=True, slots=True)
class Item:
    """One draft of the cart. ``missing`` is the step that it lacks, ``problem`` why it cannot be
    ordered whatever is answered; ``orders`` is how many orders it becomes."""

    draft: Draft
    basket: Basket
    quote: Quote | None
    summary: Summary | None
    domain: str
    missing: Step | None
    problem: str

    @property
    def is_complete(self) -> bool:
        return self.missing is None and not self.problem

    @property
    def cycle(self) -> Cycle:
        return Cycle(self.draft.cycle)

    @property
    def orders(self) -> int:
        return len(self.basket.picked)

    @property
    def missing_name(self) -> str:
        return self.missing.name(self.draft) if self.missing else ""

    @property
    def url(self) -> str:
        """Where it is gone on with, or changed: the step that is missing, else its first one."""
        step = self.missing or wizard.steps_of(self.draft)[0]
        return reverse("shop:step", kwargs={"uid": self.draft.uid, "slug": step.slug})


@dataclass(frozen=True, slots=True)
class Each:
    """What comes again for all complete items that are paid equally often, with tax."""

    cycle: Cycle
    amount: Money


@dataclass(frozen=True, slots=True)
class Cart:
    """The items, oldest first. Sums are of those that are complete: only they can be ordered."""

    items: list[Item]

    @property
    def complete(self) -> list[Item]:
        return [item for item in self.items if item.is_complete]

    @property
    def quotes(self) -> list[Quote]:
        return [item.quote for item in self.complete if item.quote is not None]

    @property
    def orders(self) -> int:
        """How many orders are placed: each number of several has one of its own."""
        return sum(item.orders for item in self.complete)

    @property
    def currency(self) -> str:
        return self.items[0].draft.currency

    @property
    def first_payment(self) -> Money:
        return total((quote.first_payment for quote in self.quotes), self.currency)

    @property
    def first_words(self) -> str:
        """How the sum is called."""
        return self.quotes[0].first_words if self.quotes else ""

    @property
    def taxes(self) -> list[tuple[str, Money]]:
        """Each tax with its part of the first payment."""
        found: dict[str, Money] = {}
        for quote in self.quotes:
            for tax, amount in quote.first_taxes:
                name = f"{tax.name}, {tax.percent}"
                found[name] = found.get(name, Money.zero(self.currency)) + amount
        return list(found.items())

    @property
    def each(self) -> list[Each]:
        """What comes again, the most frequent first."""
        amounts: dict[Cycle, list[Money]] = defaultdict(list)
        for quote in self.quotes:
            amounts[quote.cycle].append(quote.lasting)
        cycles = sorted(amounts, key=lambda cycle: cycle.months)
        return [Each(cycle, total(amounts[cycle], self.currency)) for cycle in cycles]

    @property
    def codes(self) -> list[str]:
        """The promotion codes of its items."""
        return sorted({item.draft.promo_code for item in self.items} - {""})

    @property
    def mark(self) -> str:
        """Changes with anything that the buyer consents to: which items, and what each costs."""
        marks = [
            f"{item.draft.uid}-{item.quote.mark}-{selling.seats_of(item.draft.sold)}"
            for item in self.complete
            if item.quote is not None
        ]
        return hashlib.sha256("\n".join(marks).encode()).hexdigest()[:16]


def cart_of(request: HttpRequest) -> Cart:
    """The buyer's cart as it stands."""
    drafts = drafts_of(request)
    currency = _currency(request, drafts)
    quotes = _quotes([draft for draft in drafts if draft.currency == currency])
    return Cart([_item(draft, quotes.get(draft.pk), currency) for draft in drafts])


def drafts_of(request: HttpRequest) -> list[Draft]:
    """The drafts of the cart, oldest first. One in which nothing was answered yet is none of them."""
    begun = (draft for draft in open_drafts(request) if draft.answers)
    return sorted(begun, key=lambda draft: draft.pk)


def _currency(request: HttpRequest, drafts: list[Draft]) -> str:
    client = client_of(request)
    if client is not None:
        return client.currency
    return drafts[-1].currency if drafts else ""


def _quotes(drafts: list[Draft]) -> dict[int, Quote]:
    """By the draft's key; those that have no price any more are left out."""
    try:
        found = quoting.quote_drafts(drafts)
    except Refusal:
        drafts = [draft for draft in drafts if _is_priced(draft)]
        found = quoting.quote_drafts(drafts)
    return dict(zip([draft.pk for draft in drafts], found, strict=True))


def _is_priced(draft: Draft) -> bool:
    try:
        quoting.quote_draft(draft)
    except Refusal:
        return False
    return True


def _item(draft: Draft, quote: Quote | None, currency: str) -> Item:
    basket = basket_of(draft)
    steps = wizard.steps_of(draft)
    return Item(
        draft=draft,
        basket=basket,
        quote=quote,
        summary=summary_of(quote, basket) if quote else None,
        domain=_domain(draft),
        missing=next((step for step in steps if not step.complete(draft)), None),
        problem="" if quote else _problem(draft, currency),
    )


def _domain(draft: Draft) -> str:
    tenant: dict[str, Any] = draft.answers.get("tenant", {})
    if not tenant.get("label") or draft.server is None:
        return ""
    return tenant_domain(tenant["label"], draft.server)


def _problem(draft: Draft, currency: str) -> str:
    if draft.currency != currency:
        return (
            f"It is priced in {draft.currency}, and your orders are paid in {currency}. Remove it, and "
            "choose it again to see its price."
        )
    return "It is not on sale like this any more. Remove it, and choose another."
