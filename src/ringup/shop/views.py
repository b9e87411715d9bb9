"""The shop's front: the number search and the bundles, and starting a draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from ringup.accounts.access import client_of
from ringup.accounts.brands import default_brand
from ringup.catalog import number_prices, selling
from ringup.catalog.models import Bundle, Product
from ringup.catalog.pricing import Cycle, Quote, quote
from ringup.core.fragments import wants_fragment
from ringup.core.limiting import Limit, address_of, count
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.flows import drafting
from ringup.numbers import holding
from ringup.orders.models import Draft
from ringup.shop import refusals
from ringup.shop.drafts import held_for, open_draft, remember_draft
from ringup.shop.finding import limited_search, render_fragment
from ringup.shop.forms import NumberForm

STARTS = Limit("starts", times=40, seconds=600)
START_TOO_OFTEN = (
    "Many orders were started from your network in a short time. Nothing was ordered or charged. "
    "Wait ten minutes, then try again."
)
NOT_ON_SALE = "This is not on sale right now. Nothing was ordered or charged. Choose another."


@dataclass(frozen=True, slots=True)
class Offered:
    """A hosted PBX's card: what it is, what it brings, what it costs before tax in each billing
    period, and up to which monthly price it includes a number."""

    sold: Product | Bundle
    seats: int
    quotes: list[Quote]
    included: Money


def currency_of(request: HttpRequest) -> str:
    """What prices are shown in: the client's currency, else the brand's."""
    client = client_of(request)
    return client.currency if client else default_brand().currency


def on_sale(currency: str) -> list[Product | Bundle]:
    """All that can be started from the shop's front; plain numbers first."""
    return [*selling.visible_products(currency), *selling.visible_bundles(currency)]


@require_GET
@vary_on_headers("HX-Request", "HX-Current-URL")
def home(request: HttpRequest) -> HttpResponse:
    """Search, results, bundles. With htmx, the results alone."""
    currency = currency_of(request)
    goods = on_sale(currency)
    held = held_for(request)
    context: dict[str, Any] = {
        "nav": "numbers",
        "currency": currency,
        "held": held,
        "hold_minutes": holding.HOLD_MINUTES,
        "query": request.GET.urlencode(),
        "action": reverse("shop:home"),
        "select_action": reverse("shop:start"),
    }
    if not goods:
        return render(request, "shop/closed.html", context)
    sold = next((thing for thing in goods if thing.slug == request.GET.get("for")), goods[0])
    account = selling.account_of(selling.mapping_of(sold))
    holder = held[0].uid if held else None
    context["sold"] = sold
    context["search"], status = limited_search(request, account, currency, holder=holder)
    context["own"] = held[1].e164 if held else ""
    if wants_fragment(request):
        return render_fragment(request, context, status=status)
    context["offered"] = [
        _offered(thing, currency) for thing in goods if selling.needs_tenant(thing)
    ]
    context["refusal"] = refusals.take(request, refusals.HOME)
    return render(request, "shop/home.html", context, status=status)


def _offered(sold: Product | Bundle, currency: str) -> Offered:
    quotes = [
        quote(
            selling.items_of(sold, cycle=cycle, currency=currency), currency=currency, cycle=cycle
        )
        for cycle in selling.cycles_of(sold, currency)
    ]
    included = number_prices.included_number(sold, currency)
    return Offered(sold, selling.seats_of(sold), quotes, included)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin an order of a product or a bundle, with a number where one was selected."""
    slug = request.POST.get("slug", "")
    goods = on_sale(currency_of(request))
    sold = next((thing for thing in goods if thing.slug == slug), None)
    try:
        if sold is None:
            raise Refusal(NOT_ON_SALE)
        if not count(STARTS, address_of(request)):
            raise Refusal(START_TOO_OFTEN)
        draft = _draft_of(request, sold, _cycle(request.POST))
        if "e164" in request.POST:
            _choose(draft, request.POST)
    except Refusal as refusal:
        refusals.keep(request, refusals.HOME, refusal)
        query = QueryDict(request.POST.get("query", "")).urlencode()
        return redirect(f"{reverse('shop:home')}?{query}#results")
    return redirect("shop:resume", uid=draft.uid)


def _cycle(data: QueryDict) -> Cycle | None:
    """The chosen billing period; None where the form had no choice."""
    known = {cycle.value: cycle for cycle in Cycle}
    return known.get(data.get("cycle", ""))


def _draft_of(request: HttpRequest, sold: Product | Bundle, cycle: Cycle | None) -> Draft:
    """The draft of this thing that the browser has open, else a new one: choosing another number
    releases the first. One in another currency or billing period than the page showed stays behind."""
    draft = open_draft(request, slug=sold.slug)
    is_as_shown = draft is not None and draft.currency == currency_of(request)
    if draft is None or not is_as_shown or (cycle is not None and draft.cycle != cycle.value):
        draft = drafting.start(sold, client=client_of(request), cycle=cycle)
    remember_draft(request, draft)
    return draft


def _choose(draft: Draft, data: QueryDict) -> None:
    form = NumberForm(data)
    if not form.is_valid():
        raise Refusal("Choose a number from the list.", field="number")
    drafting.choose_number(draft, form.cleaned_data["e164"])
