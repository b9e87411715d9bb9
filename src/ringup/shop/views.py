"""The shop's front: the number search and the bundles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from ringup.accounts.access import client_of
from ringup.accounts.storefronts import brand_of
from ringup.catalog import number_prices, selling
from ringup.catalog.models import Bundle, Product
from ringup.catalog.pricing import Quote, quote
from ringup.core.fragments import wants_fragment
from ringup.core.money import Money
from ringup.shop import refusals
from ringup.shop.asked import Asked
from ringup.shop.baskets import baskets_for
from ringup.shop.finding import search
from ringup.shop.fragments import render_fragment
from ringup.shop.sellers import (
    Front,
    chosen_sellers,
    front_of,
    on_sale,
    recent_currency,
    recent_front,
)


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
    return client.currency if client else brand_of(request).currency


@require_GET
@vary_on_headers("HX-Request", "HX-Current-URL")
@cache_control(private=True, no_cache=True)
def home(request: HttpRequest) -> HttpResponse:
    """Search, results, bundles. With htmx, the results and what belongs to them."""
    if wants_fragment(request):
        client = client_of(request)
        front = recent_front(client.currency if client else recent_currency(request))
        if not front.sellers:
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return render_fragment(request, _found(request, front))
    currency = currency_of(request)
    goods = on_sale(currency)
    context: dict[str, Any] = {"nav": "numbers", "currency": currency}
    if not goods:
        return render(request, "shop/closed.html", context)
    context |= _found(request, front_of(goods, currency))
    context["offered"] = [
        _offered(thing, currency) for thing in goods if selling.needs_tenant(thing)
    ]
    return render(request, "shop/home.html", context, status=context["search"].status)


def _found(request: HttpRequest, front: Front) -> dict[str, Any]:
    """The search of the address, and what the buyer has selected already."""
    asked, sellers = Asked.of(request), front.sellers
    if asked.sold not in {seller.slug for seller in sellers}:
        asked = replace(asked, sold="")
    if not any(seller.takes_several for seller in chosen_sellers(sellers, asked.sold)):
        asked = replace(asked, in_a_row=1)
    selling_here = chosen_sellers(sellers, asked.sold, several=asked.in_a_row > 1)
    baskets = baskets_for(request)
    found = search(
        request,
        asked,
        selling_here,
        front.currency,
        prices=front.prices,
        holders=[basket.draft.uid for basket in baskets],
        chosen={e164 for basket in baskets for e164 in basket.held},
    )
    return {
        "search": found,
        "sold": selling_here[0] if len(selling_here) == 1 else None,
        "baskets": baskets,
        "takes_blocks": any(seller.takes_several for seller in sellers),
        "refusal": refusals.take(request, refusals.HOME),
        "action": reverse("shop:home"),
        "select_action": reverse("shop:select"),
        "is_home": True,
        "swaps": True,
    }


def _offered(sold: Product | Bundle, currency: str) -> Offered:
    quotes = [
        quote(
            selling.items_of(sold, cycle=cycle, currency=currency), currency=currency, cycle=cycle
        )
        for cycle in selling.cycles_of(sold, currency)
    ]
    included = number_prices.included_number(sold, currency)
    return Offered(sold, selling.seats_of(sold), quotes, included)
