"""What a buyer does with the numbers that are held for him: keep them longer, or let all of them go."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from ringup.core.sentences import Refusal
from ringup.flows.checkout import holding_numbers
from ringup.orders.models import Draft
from ringup.shop import number_step, refusals, starting, wizard
from ringup.shop.asked import Asked
from ringup.shop.baskets import basket_of
from ringup.shop.cart import CART
from ringup.shop.drafts import draft_for, leads_back
from ringup.shop.steps.number import NumberStep


@require_POST
def extend(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Keep what the draft holds for longer, once. Back to where the button was: a step, the cart, or
    the front page."""
    draft = draft_for(request, uid)
    at_cart = request.POST.get("at") == CART
    current = wizard.step_of(draft, request.POST.get("at", ""))
    try:
        holding_numbers.extend(draft)
    except Refusal as refusal:
        elsewhere = CART if at_cart else refusals.HOME
        place = f"{draft.uid}/{current.slug}" if current else elsewhere
        refusals.keep(request, place, refusal)
    if at_cart:
        return redirect("shop:cart")
    if isinstance(current, NumberStep):
        return number_step.back(request, draft)
    if current is not None:
        return redirect("shop:step", uid=uid, slug=current.slug)
    return redirect(Asked.of(request).under(reverse("shop:home")))


@require_POST
def again(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Begin an order anew that was closed: the answers are kept, the number is searched again."""
    closed = draft_for(request, uid)
    if closed.state != Draft.State.EXPIRED:
        return redirect("shop:resume", uid=uid)
    try:
        draft = starting.start_again(request, closed)
    except Refusal as refusal:
        refusals.keep(request, refusals.HOME, refusal)
        return redirect("shop:home")
    return redirect("shop:resume", uid=draft.uid)


@require_POST
def leave(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The buyer goes away: his numbers are free for others, his answers stay."""
    draft = draft_for(request, uid)
    held = [one for one in basket_of(draft).picked if one.is_held and not one.is_by_place]
    holding_numbers.leave(draft)
    if held and draft.state == Draft.State.OPEN:
        what = f"{held[0].spoken} is" if len(held) == 1 else f"{len(held)} numbers are"
        messages.success(request, f"{what} no longer held. Nothing was ordered or charged.")
    return redirect(leads_back(draft))
