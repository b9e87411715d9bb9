"""Starting a draft, and selecting numbers from the front page into it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from ringup.accounts.access import client_of, counted_as, unless_refused
from ringup.accounts.member_roles import May
from ringup.accounts.storefronts import brand_of
from ringup.catalog import selling
from ringup.catalog.models import Bundle, Product
from ringup.catalog.pricing import Cycle
from ringup.core.fragments import wants_fragment
from ringup.core.limiting import Limit, count
from ringup.core.sentences import Refusal
from ringup.flows.checkout import chosen_numbers, drafting, holding_numbers
from ringup.orders.models import Draft
from ringup.shop import refusals, wizard
from ringup.shop.asked import Asked
from ringup.shop.baskets import baskets_for, buyer_of
from ringup.shop.drafts import open_draft, remember_draft
from ringup.shop.steps.number import NumberForm
from ringup.shop.views import currency_of

STARTS = Limit("starts", times=40, seconds=600)
START_TOO_OFTEN = (
    "Many orders were started from your network in a short time. Nothing was ordered or charged. "
    "Wait ten minutes, then try again."
)
CHOICES = Limit("choices", times=60, seconds=600)
CHOOSE_TOO_OFTEN = (
    "You chose many numbers in a short time. Nothing was charged. Wait ten minutes, then choose."
)
NOT_ON_SALE = "This is not on sale right now. Nothing was ordered or charged. Choose another."
NOT_A_NUMBER = "Choose a number from the list. Nothing was ordered or charged."


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin an order of a product or a bundle, with a number where one was selected."""
    try:
        draft = _draft_of(request, request.POST.get("slug", ""), _cycle(request.POST))
        if "e164" in request.POST:
            _choose(request, draft, _form(request.POST))
    except Refusal as refusal:
        return _back(request, refusal)
    return redirect("shop:resume", uid=draft.uid)


@require_POST
def select(request: HttpRequest) -> HttpResponse:
    """Take a number of the front page's list, or several in a row, or let one go. Where several can
    be ordered at once the buyer stays on the page; else he goes on to the wizard."""
    try:
        if "drop" in request.POST:
            _drop(request, request.POST["drop"])
            return _back(request)
        if "again" in request.POST:
            _hold_again(request, request.POST["again"])
            return _back(request)
        form = _form(request.POST)
        draft = _draft_of(request, form.cleaned_data["slug"] or request.POST.get("slug", ""), None)
        _choose(request, draft, form)
    except Refusal as refusal:
        return _back(request, refusal)
    if chosen_numbers.takes_several(draft):
        return _back(request)
    onward = reverse("shop:resume", kwargs={"uid": draft.uid})
    if wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": onward})
    return redirect(onward)


def may_choose(request: HttpRequest) -> bool:
    """Count one question to the carrier; False for who asks too often."""
    return count(CHOICES, counted_as(request))


def require_patience(request: HttpRequest) -> None:
    """The carrier is asked at every choice: refuses who chooses too often."""
    if not count(CHOICES, counted_as(request)):
        raise Refusal(CHOOSE_TOO_OFTEN, field="number")


def _back(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    """To the list as it was, with the refusal above it."""
    if refusal is not None:
        refusals.keep(request, refusals.HOME, refusal)
    return redirect(f"{Asked.of(request).under(reverse('shop:home'))}#results")


def _form(data: QueryDict) -> NumberForm:
    form = NumberForm(data)
    if not form.is_valid():
        raise Refusal(NOT_A_NUMBER, field="number")
    return form


def _cycle(data: QueryDict) -> Cycle | None:
    """The chosen billing period; None where the form had no choice."""
    known = {cycle.value: cycle for cycle in Cycle}
    return known.get(data.get("cycle", ""))


def _draft_of(request: HttpRequest, slug: str, cycle: Cycle | None) -> Draft:
    """The draft of this thing that the browser has open, else a new one. One in another currency or
    billing period than the page showed stays behind, and what is complete stays in the cart as it is.
    """
    currency = currency_of(request)
    sold = selling.visible(slug, currency)
    if sold is None:
        raise Refusal(NOT_ON_SALE)
    draft = open_draft(request, slug=sold.slug)
    if draft is not None and (draft.currency != currency or wizard.is_complete(draft)):
        draft = None
    if draft is None or (cycle is not None and draft.cycle != cycle.value):
        draft = _new_draft(request, sold, cycle)
    remember_draft(request, draft)
    return draft


def _new_draft(request: HttpRequest, sold: Product | Bundle, cycle: Cycle | None) -> Draft:
    unless_refused(request, May.WORK_ORDERS)
    if not count(STARTS, counted_as(request)):
        raise Refusal(START_TOO_OFTEN)
    return drafting.begin(sold, client=client_of(request), cycle=cycle, brand=brand_of(request))


def start_again(request: HttpRequest, closed: Draft) -> Draft:
    """A draft with the answers of one that was closed, remembered for this browser. Refuses."""
    unless_refused(request, May.WORK_ORDERS)
    if not count(STARTS, counted_as(request)):
        raise Refusal(START_TOO_OFTEN)
    draft = drafting.start_again(closed)
    remember_draft(request, draft)
    return draft


def _choose(request: HttpRequest, draft: Draft, form: NumberForm) -> None:
    require_patience(request)
    form.choose(draft, buyer=buyer_of(request, draft))


def _hold_again(request: HttpRequest, uid: str) -> None:
    for basket in baskets_for(request):
        if str(basket.draft.uid) == uid and basket.gone:
            require_patience(request)
            buyer = buyer_of(request, basket.draft)
            holding_numbers.choose(basket.draft, basket.gone, buyer=buyer)


def _drop(request: HttpRequest, key: str) -> None:
    for basket in baskets_for(request):
        if key in basket.keys:
            holding_numbers.drop(basket.draft, key)
