"""The page of the cart, and the verbs on it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from ringup.accounts.access import counted_as
from ringup.core.limiting import Limit, count
from ringup.core.sentences import Refusal
from ringup.flows.checkout import checking_out, holding_numbers, redeeming
from ringup.flows.checkout.checking_out import ItemRefusal
from ringup.orders.models import Draft
from ringup.shop import placing, refusals, wizard
from ringup.shop.cart_items import Cart, cart_of, drafts_of
from ringup.shop.drafts import draft_for, leads_back

CART = "cart"
# Who guesses codes must not find them.
CODES = Limit("codes", times=20, seconds=3600)
CODES_TOO_OFTEN = (
    "Many codes were entered from your network in the last hour. Nothing was ordered or charged. Go on "
    "without one, or try again in an hour."
)
CHANGED = (
    "Your cart has changed since this page was made. Nothing was ordered or charged. Look at its "
    "items and at the price, then order again."
)


@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """All items, what each lacks, and what they cost together."""
    cart = cart_of(request)
    refusal = refusals.take(request, CART)
    troubled, _, slug = refusal.field.partition("/") if refusal else ("", "", "")
    context = {
        "nav": "cart",
        "cart": cart,
        "refusal": refusal,
        "troubled": troubled if slug else "",
        "troubled_step": slug,
        "terms": cart.items[0].draft.brand.terms_version if cart.items else 0,
    }
    return render(request, "checkout/cart.html", context)


@require_POST
def place(request: HttpRequest) -> HttpResponse:
    """Place the orders of the items that the page showed as complete. Sent again, it leads to the
    orders of the first time."""
    drafts = [draft_for(request, uid) for uid in _uids(request.POST.getlist("item"))]
    if drafts and all(draft.state == Draft.State.SUBMITTED for draft in drafts):
        return placing.to_orders(request, checking_out.orders_of(drafts))
    try:
        cart = cart_of(request)
        _require_as_shown(drafts, cart)
        orders = placing.place(request, [one.draft for one in cart.complete], seen=cart.mark)
    except Refusal as refusal:
        return _refused(request, drafts, refusal)
    return placing.to_orders(request, orders)


@require_POST
def remove(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Take an item out, or end what staff writes for a client: its numbers are free for others."""
    draft = draft_for(request, uid)
    holding_numbers.remove(draft)
    if draft.state == Draft.State.EXPIRED:
        messages.success(request, f"{draft.sold.name} was removed. Nothing was ordered or charged.")
    elif draft.placed_by_id is None:
        refusals.keep(request, CART, Refusal(checking_out.PLACED_ALREADY))
    return redirect("shop:cart" if draft.placed_by_id is None else leads_back(draft))


@require_POST
def promote(request: HttpRequest) -> HttpResponse:
    """A promotion code for every item for which it counts, or none any more."""
    drafts = drafts_of(request)
    try:
        if "off" in request.POST:
            for draft in drafts:
                redeeming.take_off(draft)
        elif not count(CODES, counted_as(request)):
            raise Refusal(CODES_TOO_OFTEN, field="promo_code")
        else:
            _enter(drafts, request.POST.get("promo_code", ""))
    except Refusal as refusal:
        refusals.keep(request, CART, refusal)
    return redirect("shop:cart")


def _enter(drafts: list[Draft], code: str) -> None:
    """It counts for the cart when it counts for one item; else the last refusal says why not."""
    refused: Refusal | None = None
    counts = False
    for draft in drafts:
        try:
            redeeming.enter(draft, code)
            counts = True
        except Refusal as refusal:
            refused = refusal
    if refused is not None and not counts:
        raise refused


def _uids(texts: list[str]) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(text) for text in dict.fromkeys(texts)]
    except ValueError as error:
        raise Http404 from error


def _require_as_shown(drafts: list[Draft], cart: Cart) -> None:
    """What was added, removed, completed or ordered in another window is seen before it is ordered."""
    shown = {draft.pk for draft in drafts}
    if not shown or shown != {item.draft.pk for item in cart.complete}:
        raise Refusal(CHANGED)


def _refused(request: HttpRequest, drafts: list[Draft], refusal: Refusal) -> HttpResponse:
    """Back to the cart, with the sentence at the item that it is about."""
    fresh = Draft.objects.filter(pk__in=[draft.pk for draft in drafts])
    if drafts and not fresh.exclude(state=Draft.State.SUBMITTED).exists():
        # The same cart, sent twice at once.
        return placing.to_orders(request, checking_out.orders_of(list(fresh.order_by("pk"))))
    if isinstance(refusal, ItemRefusal):
        refusal = Refusal(str(refusal), field=_place_of(refusal))
    refusals.keep(request, CART, refusal)
    return redirect("shop:cart")


def _place_of(refusal: ItemRefusal) -> str:
    """The item that it is about, and the step at which that is mended: ``uid/slug``."""
    steps = wizard.steps_of(refusal.draft)
    step = wizard.step_for(refusal.draft, refusal.field, current=steps[-1])
    return f"{refusal.draft.uid}/{step.slug}"
