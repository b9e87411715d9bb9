"""The wizard's pages: one view for all steps, and the verbs beside them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ringup.accounts.access import user_of
from ringup.catalog import selling
from ringup.core.actors import GUEST
from ringup.core.fragments import wants_fragment
from ringup.core.limiting import Limit, address_of, count
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.flows import checking_out, drafting
from ringup.numbers import holding
from ringup.orders.models import Draft, Order
from ringup.services.domains import check_label, propose_label
from ringup.shop import refusals, wizard
from ringup.shop.drafts import draft_for, remember_order
from ringup.shop.finding import limited_search, render_fragment
from ringup.shop.wizard import NumberStep, Step

# Every order sends mails to an address that nobody has proved yet.
SUBMITS = Limit("submits", times=20, seconds=3600)
SUBMIT_TOO_OFTEN = (
    "Many orders came from your network in the last hour. Nothing was ordered or charged, and "
    "your answers are kept. Try again in an hour, or write to us."
)
PRICE_CHANGED = (
    "The price has changed since this page was made, or how many seats it is for. Nothing was "
    "ordered or charged. Look at the new price and at the seats, then order again."
)
CHOICES = Limit("choices", times=60, seconds=600)
CHOOSE_TOO_OFTEN = (
    "You chose many numbers in a short time. Nothing was charged. Wait ten minutes, then choose."
)


@require_GET
def resume(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Go on where the buyer is: the first step that is not complete."""
    draft = draft_for(request, uid)
    if draft.state != Draft.State.OPEN:
        return _over(request, draft)
    return redirect("shop:step", uid=uid, slug=wizard.first_open(draft).slug)


@never_cache
@sensitive_post_parameters("password", "repeated")
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
        return _show(request, draft, current)
    except Refusal as refusal:
        # Taken off the shelf while the buyer was writing: there is no page to go back to.
        context = {"draft": draft, "refusal": refusal}
        return render(request, "checkout/stopped.html", context, status=409)


def _over(request: HttpRequest, draft: Draft) -> HttpResponse:
    """A draft that is no longer written: its order, or a page that says it is closed."""
    order = Order.objects.filter(draft=draft).first()
    if order is None:
        return render(request, "checkout/expired.html", {"draft": draft}, status=410)
    remember_order(request, order)
    return redirect("portal:order", uid=order.uid)


# -- saving ---------------------------------------------------------------------------------------


def _save(request: HttpRequest, draft: Draft, current: Step) -> HttpResponse:
    form = current.form(draft, request.POST)
    if not form.is_valid():
        return _show(request, draft, current, form=form, status=422)
    try:
        _require_patience(request, current)
        current.save(draft, form)
        if wizard.step_after(draft, current) is not None:
            return redirect("shop:step", uid=draft.uid, slug=wizard.first_open(draft).slug)
        order = _submit(request, draft, form)
    except Refusal as refusal:
        return _refused(request, draft, current, form, refusal)
    remember_order(request, order)
    return redirect("portal:order", uid=order.uid)


def _require_patience(request: HttpRequest, current: Step) -> None:
    if isinstance(current, NumberStep) and not count(CHOICES, address_of(request)):
        raise Refusal(CHOOSE_TOO_OFTEN, field=current.slug)


def _submit(request: HttpRequest, draft: Draft, form: Any) -> Order:
    if not count(SUBMITS, address_of(request)):
        raise Refusal(SUBMIT_TOO_OFTEN)
    if request.POST.get("seen", seen := drafting.seen_mark(draft)) != seen:
        raise Refusal(PRICE_CHANGED)
    user = user_of(request)
    return checking_out.submit(
        draft,
        actor=user.as_actor() if user else GUEST,
        administrator_password=form.cleaned_data.get("password", ""),
    )


def _refused(
    request: HttpRequest, draft: Draft, current: Step, form: Any, refusal: Refusal
) -> HttpResponse:
    """Show the refusal where its input is: on this page, or on the step that asks for it."""
    draft.refresh_from_db(fields=["state"])
    if draft.state != Draft.State.OPEN:  # the same order, sent twice at once
        return _over(request, draft)
    place = wizard.step_for(draft, refusal.field, current=current)
    if place is current:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _show(request, draft, current, form=form, status=422)
    refusals.keep(request, f"{draft.uid}/{place.slug}", refusal)
    return redirect("shop:step", uid=draft.uid, slug=place.slug)


# -- showing --------------------------------------------------------------------------------------


def _show(
    request: HttpRequest, draft: Draft, current: Step, *, form: Any = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "draft": draft,
        "step": current,
        "hold": next(iter(holding.held_by(draft.uid)), None),
        "hold_minutes": holding.HOLD_MINUTES,
        "chosen": draft.answers.get(NumberStep.slug),
    }
    if isinstance(current, NumberStep):
        context |= (found := _find_numbers(request, draft))
        if wants_fragment(request):
            return render_fragment(request, context, status=found["search_status"])
    form = form if form is not None else current.form(draft)
    kept = refusals.take(request, f"{draft.uid}/{current.slug}")
    context |= {
        "form": form,
        "refusal": kept.text if kept else "",
        "is_known_email": kept is not None and kept.text == checking_out.KNOWN_EMAIL,
        "stepper": _stepper(draft, current),
        "before": wizard.step_before(draft, current),
        "following": _following(draft, current),
        "quote": drafting.quote_draft(draft),
        "seen": drafting.seen_mark(draft),
        "has_tenant": selling.needs_tenant(draft.sold),
        **current.context(draft, form),
    }
    return render(request, current.template, context, status=status)


def _find_numbers(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    account = selling.account_of(selling.mapping_of(draft.sold))
    found, status = limited_search(request, account, draft.currency, holder=draft.uid)
    action = reverse("shop:step", kwargs={"uid": draft.uid, "slug": NumberStep.slug})
    return {
        "search": found,
        "search_status": status,
        "action": action,
        "select_action": action,
        "own": draft.answers.get(NumberStep.slug, {}).get("e164", ""),
        "pair": True,
    }


def _following(draft: Draft, current: Step) -> str:
    """What the button leads to, as it stands in a sentence; empty on the last step."""
    after = wizard.step_after(draft, current)
    name = after.name(draft) if after else ""
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
    words = wizard.DOMAIN_WORDS if is_company else "Free. You will sign in at https://{domain}"
    try:
        if label or not is_company:
            domain = check_label(label, drafting.server_of(draft), field="label")
            context["words"] = words.format(domain=domain)
    except Refusal as refusal:
        context["problem"] = str(refusal)
    return render(request, "checkout/_domain.html", context)


@require_POST
def leave(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The buyer goes away: the number is free for others, his answers stay."""
    draft = draft_for(request, uid)
    held = holding.held_by(draft.uid)
    drafting.leave(draft)
    if held and draft.state == Draft.State.OPEN:
        messages.success(
            request, f"{shown(held[0].e164)} is no longer held. Nothing was ordered or charged."
        )
    return redirect("shop:home")
