"""The wizard's pages: one view for all steps, and the verbs beside them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from ringup.accounts.access import acted_as
from ringup.catalog import selling
from ringup.catalog.pricing import Quote
from ringup.core.fragments import wants_fragment
from ringup.core.limiting import Limit, address_of, count
from ringup.core.sentences import Refusal
from ringup.flows.checkout import (
    drafting,
    holding_numbers,
    keeping_passwords,
    naming_tenants,
    quoting,
    rechecking,
)
from ringup.flows.checkout.splitting import together
from ringup.numbers import holding
from ringup.orders.models import Draft, Order
from ringup.services.domains import check_label, propose_label
from ringup.shop import number_step, placing, refusals, wizard
from ringup.shop.baskets import Basket, basket_of, buyer_of
from ringup.shop.cart_items import drafts_of
from ringup.shop.drafts import draft_for, remember_order
from ringup.shop.fragments import render_fragment
from ringup.shop.starting import may_choose, require_patience
from ringup.shop.steps.company import DOMAIN_WORDS
from ringup.shop.steps.number import NumberStep
from ringup.shop.steps.papers import STAY
from ringup.shop.steps.step import Step
from ringup.shop.summary import summary_of

DOMAINS = Limit("domains", times=60, seconds=600)


@require_GET
def resume(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Go on where the buyer is: the first step that is not complete."""
    draft = draft_for(request, uid)
    if draft.state != Draft.State.OPEN:
        return _over(request, draft)
    return redirect("shop:step", uid=uid, slug=wizard.first_open(draft).slug)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, uid: uuid.UUID, slug: str) -> HttpResponse:
    """One step: its form, and saving it. The last one places the order."""
    draft = draft_for(request, uid)
    if draft.state != Draft.State.OPEN:
        return _over(request, draft)
    current = wizard.step_of(draft, slug)
    if current is None:
        raise Http404
    try:
        steps = wizard.steps_of(draft)
        if steps.index(current) > steps.index(wizard.first_open(draft)):
            return redirect("shop:resume", uid=uid)
        if request.method == "POST":
            return _save(request, draft, current)
        return _open(request, draft, current)
    except Refusal as refusal:
        # Taken off the shelf while the buyer was writing: there is no page to go back to.
        context = {"draft": draft, "refusal": refusal}
        return render(request, "checkout/stopped.html", context, status=409)


def _open(request: HttpRequest, draft: Draft, current: Step) -> HttpResponse:
    """The page of a step, unless something before it has to be looked at first."""
    basket = basket_of(draft)
    if wants_fragment(request):
        return show(request, draft, current, basket=basket)
    if back := _lead_back(request, draft, current, ran_out=basket.gone):
        return back
    if basket.gone:
        basket = basket_of(draft)
    quote = quoting.quote_draft(draft)
    if words := rechecking.price_words(draft, quote):
        refusals.keep(request, f"{draft.uid}/{current.slug}", Refusal(words))
    return show(request, draft, current, basket=basket, quote=quote)


def _lead_back(
    request: HttpRequest, draft: Draft, current: Step, *, ran_out: Sequence[str]
) -> HttpResponse | None:
    """To the step before this one whose answer is true no more, with a sentence; None where all still
    are. Numbers whose hold ran out are held again."""
    steps = wizard.steps_of(draft)
    before = {one.slug for one in steps[: steps.index(current)] if one.complete(draft)}
    if ran_out and not may_choose(request):
        before.discard(NumberStep.slug)
    try:
        buyer = buyer_of(request, draft)
        rechecking.recheck(draft, before=before, ran_out=ran_out, buyer=buyer)
    except Refusal as refusal:
        place = wizard.step_for(draft, refusal.field, current=current)
        if place.slug not in before:
            raise
        refusals.keep(request, f"{draft.uid}/{place.slug}", refusal)
        return redirect("shop:step", uid=draft.uid, slug=place.slug)
    return None


def _over(request: HttpRequest, draft: Draft) -> HttpResponse:
    """A draft that is no longer written: its order, or a page that says it is closed."""
    order = Order.objects.filter(draft=draft).first()
    if order is None:
        context = {"draft": draft, "days": settings.RINGUP_DRAFT_DAYS}
        return render(request, "checkout/expired.html", context, status=410)
    if draft.placed_by_id is not None:
        return redirect("office:order", uid=order.uid)
    remember_order(request, order)
    return redirect("portal:order", uid=order.uid)


# -- saving ---------------------------------------------------------------------------------------


def _save(request: HttpRequest, draft: Draft, current: Step) -> HttpResponse:
    if isinstance(current, NumberStep) and request.POST.keys() & {"drop", "again"}:
        return _change_selection(request, draft, current)
    form = current.form(draft, request.POST)
    if not form.is_valid():
        return show(request, draft, current, form=form, status=422)
    if current.only_looks(request.POST):
        return show(request, draft, current, form=form)
    try:
        if isinstance(current, NumberStep):
            require_patience(request)
        current.save(draft, form, buyer=buyer_of(request, draft))
        if "password" in form.cleaned_data:
            keeping_passwords.keep(draft, form.cleaned_data["password"])
        if elsewhere := _leads_on(request, draft, current):
            rechecking.remember_price(draft)
            return elsewhere
        orders = _place(request, draft)
    except Refusal as refusal:
        return _refused(request, draft, current, form, refusal)
    return placing.to_orders(request, orders)


def _leads_on(request: HttpRequest, draft: Draft, current: Step) -> HttpResponse | None:
    """Where the buyer goes from a step that was saved; None from the last one, which places the
    order."""
    if current.stays(draft):
        return number_step.back(request, draft)
    if STAY in request.POST:
        place = reverse("shop:step", args=[draft.uid, current.slug])
        return redirect(f"{place}#documents")
    if _goes_to_cart(request, draft, current):
        return redirect("shop:cart")
    if wizard.step_after(draft, current) is not None:
        return redirect("shop:step", uid=draft.uid, slug=wizard.first_open(draft).slug)
    return None


def _place(request: HttpRequest, draft: Draft) -> list[Order]:
    """Place this one order. What it costs is remembered only where it was not placed."""
    try:
        quotes = quoting.quotes_of(draft)
        seen = quoting.mark_of(together(quotes), draft.sold)
        return placing.place(request, [draft], seen=seen, quoted=[quotes])
    except Refusal:
        rechecking.remember_price(draft)
        raise


def _goes_to_cart(request: HttpRequest, draft: Draft, current: Step) -> bool:
    """Whether what is now complete waits for the others of its cart. So it was on the page, or so it
    is since: what a button places is what its page showed."""
    if "to_cart" in request.POST and draft.placed_by_id is None:
        return True
    return wizard.is_complete(draft) and not _is_alone(draft, drafts_of(request))


def _is_alone(draft: Draft, in_cart: Sequence[Draft]) -> bool:
    """What staff orders for a client is in no cart."""
    return draft.placed_by_id is not None or {one.pk for one in in_cart} <= {draft.pk}


def _change_selection(request: HttpRequest, draft: Draft, current: Step) -> HttpResponse:
    """Let one of the draft's numbers go, or hold those again whose time ran out."""
    if "drop" in request.POST:
        holding_numbers.drop(draft, request.POST["drop"])
    elif gone := basket_of(draft).gone:
        try:
            require_patience(request)
            holding_numbers.choose(draft, gone, buyer=buyer_of(request, draft))
        except Refusal as refusal:
            refusals.keep(request, f"{draft.uid}/{current.slug}", refusal)
    return number_step.back(request, draft)


def _refused(
    request: HttpRequest, draft: Draft, current: Step, form: Any, refusal: Refusal
) -> HttpResponse:
    """Show the refusal where its input is: on this page, or on the step that asks for it."""
    draft.refresh_from_db(fields=["state"])
    if draft.state != Draft.State.OPEN:  # the same order, sent twice at once
        return _over(request, draft)
    place = wizard.step_for(draft, refusal.field, current=current)
    if place is current and not wants_fragment(request):
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return show(request, draft, current, form=form, status=422)
    refusals.keep(request, f"{draft.uid}/{place.slug}", refusal)
    if isinstance(place, NumberStep):
        return number_step.back(request, draft)
    return redirect("shop:step", uid=draft.uid, slug=place.slug)


# -- showing --------------------------------------------------------------------------------------


def show(
    request: HttpRequest,
    draft: Draft,
    current: Step,
    *,
    form: Any = None,
    status: int = 200,
    basket: Basket | None = None,
    quote: Quote | None = None,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """The step's page. What it holds and costs may have been read already; ``more`` is shown instead of
    what the step itself says."""
    basket = basket or basket_of(draft)
    kept = refusals.take(request, f"{draft.uid}/{current.slug}")
    context: dict[str, Any] = {
        "draft": draft,
        "step": current,
        "basket": basket,
        "refusal": kept,
        "following": _following(draft, current),
    }
    quote = quote or quoting.quote_draft(draft)
    context |= {"quote": quote, "summary": summary_of(quote, basket)}
    if isinstance(current, NumberStep):
        context |= number_step.context_of(request, draft, basket)
        if wants_fragment(request):
            return render_fragment(request, context)
        status = max(status, context["search"].status)
    form = form if form is not None else current.form(draft)
    in_cart = drafts_of(request)
    context |= {
        "form": form,
        "stepper": _stepper(draft, current),
        "before": wizard.step_before(draft, current),
        "numbers": len(basket.picked),
        "hold_minutes": holding.HOLD_MINUTES,
        "in_cart": in_cart,
        **_ending(draft, current, quote, in_cart),
        "has_tenant": selling.needs_tenant(draft.sold),
        **current.context(draft, form),
        **(more or {}),
    }
    if acted_as(request) is not None:
        context |= current.unread(draft, form)
    return render(request, current.template, context, status=status)


def _ending(draft: Draft, current: Step, quote: Quote, in_cart: Sequence[Draft]) -> dict[str, Any]:
    """What the last step's button does: places the order, or saves the item for the cart."""
    if wizard.step_after(draft, current) is not None:
        return {}
    alone = _is_alone(draft, in_cart)
    terms = draft.brand.terms_version if alone else 0
    return {"alone": alone, "terms": terms, "seen": quoting.mark_of(quote, draft.sold)}


def _following(draft: Draft, current: Step) -> str:
    """What the button leads to, as it stands in a sentence; empty on the last step."""
    if wizard.step_after(draft, current) is None:
        return ""
    steps = wizard.steps_of(draft)
    missing = (step for step in steps if step is not current and not step.complete(draft))
    name = next(missing, steps[-1]).name(draft)
    return name if name[1:2].isupper() else name.lower()


def _stepper(draft: Draft, current: Step) -> list[dict[str, Any]]:
    """The steps with their state. What is complete can be opened again."""
    rows: list[dict[str, Any]] = []
    for place, one in enumerate(wizard.steps_of(draft), start=1):
        is_done = one.complete(draft) and place <= len(rows) + 1
        state = "now" if one is current else "done" if is_done else "todo"
        url = reverse("shop:step", kwargs={"uid": draft.uid, "slug": one.slug})
        rows.append({"place": place, "name": one.name(draft), "state": state, "url": url})
    return rows


# -- beside the steps -----------------------------------------------------------------------------


@require_GET
def preview_domain(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The message below the company's name, or below the PBX's name, while it is typed."""
    draft = draft_for(request, uid)
    is_company = "company" in request.GET
    typed = request.GET.get("company" if is_company else "label", "")[:120]
    label = propose_label(typed) if is_company else typed
    context = {"described": f"id_{'company' if is_company else 'label'}-help"}
    words = DOMAIN_WORDS if is_company else "Free. You will sign in at https://{domain}"
    try:
        if label or not is_company:
            # The PBX itself is asked too, but not by whoever types all day.
            look = naming_tenants.check if count(DOMAINS, address_of(request)) else check_label
            domain = look(label, drafting.server_of(draft), field="label")
            context["words"] = words.format(domain=domain)
    except Refusal as refusal:
        context["problem"] = str(refusal)
    return render(request, "checkout/_domain.html", context)
