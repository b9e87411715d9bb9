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
from ringup.catalog import selling
from ringup.catalog.models import Bundle, Product
from ringup.catalog.pricing import Quote, quote
from ringup.core.fragments import wants_fragment
from ringup.core.limiting import Limit, address_of, count
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
    """A bundle's card: what it is, what it brings, what it costs before tax."""

    bundle: Bundle
    seats: int
    quote: Quote


def on_sale() -> list[Product | Bundle]:
    """All that can be started from the shop's front; plain numbers first."""
    return [*selling.visible_numbers(), *selling.visible_bundles()]


@require_GET
@vary_on_headers("HX-Request", "HX-Current-URL")
def home(request: HttpRequest) -> HttpResponse:
    """Search, results, bundles. With htmx, the results alone."""
    goods = on_sale()
    held = held_for(request)
    context: dict[str, Any] = {
        "nav": "numbers",
        "held": held,
        "hold_minutes": holding.HOLD_MINUTES,
        "query": request.GET.urlencode(),
        "action": reverse("shop:home"),
        "select_action": reverse("shop:start"),
    }
    if not goods:
        return render(request, "shop/closed.html", context)
    sold = next((thing for thing in goods if thing.slug == request.GET.get("for")), goods[0])
    account = selling.mapping_of(sold).account
    holder = held[0].uid if held else None
    context["sold"] = sold
    context["search"], status = limited_search(request, account, holder=holder)
    context["own"] = held[1].e164 if held else ""
    if wants_fragment(request):
        return render_fragment(request, context, status=status)
    context["offered"] = [_offered(thing) for thing in goods if isinstance(thing, Bundle)]
    context["refusal"] = refusals.take(request, refusals.HOME)
    return render(request, "shop/home.html", context, status=status)


def _offered(bundle: Bundle) -> Offered:
    items = selling.items_of(bundle)
    price = quote(items, currency=bundle.setup.currency)
    return Offered(bundle, selling.seats_of(bundle), price)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin an order of a product or a bundle, with a number where one was selected."""
    slug = request.POST.get("slug", "")
    sold = next((thing for thing in on_sale() if thing.slug == slug), None)
    try:
        if sold is None:
            raise Refusal(NOT_ON_SALE)
        if not count(STARTS, address_of(request)):
            raise Refusal(START_TOO_OFTEN)
        draft = _draft_of(request, sold)
        if "e164" in request.POST:
            _choose(draft, request.POST)
    except Refusal as refusal:
        refusals.keep(request, refusals.HOME, refusal)
        query = QueryDict(request.POST.get("query", "")).urlencode()
        return redirect(f"{reverse('shop:home')}?{query}#results")
    return redirect("shop:resume", uid=draft.uid)


def _draft_of(request: HttpRequest, sold: Product | Bundle) -> Draft:
    """The draft of this thing that the browser has open, else a new one: choosing another number
    releases the first."""
    draft = open_draft(request, slug=sold.slug)
    if draft is None:
        draft = drafting.start(sold, client=client_of(request))
    remember_draft(request, draft)
    return draft


def _choose(draft: Draft, data: QueryDict) -> None:
    form = NumberForm(data)
    if not form.is_valid():
        raise Refusal("Choose a number from the list.", field="number")
    drafting.choose_number(draft, form.cleaned_data["e164"])
