"""Promotion codes: the list, and one with who used it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.catalogue.rule_forms import PromoForm
from ringup.backoffice.paging import paged
from ringup.backoffice.recording import changes_of
from ringup.backoffice.sections import Section, sections_of
from ringup.catalog import promotions
from ringup.catalog.rule_models import PromoCode, PromoUse
from ringup.core.sentences import Refusal
from ringup.orders.models import Order

MOST_SHOWN = 50
SECTIONS = (
    Section(
        "What it gives",
        ("code", "kind", "rate", "amount", "currency", "free_months", "on", "months"),
        "Free months are taken off month by month: of a yearly payment two free months take two "
        "twelfths. Fees are never made cheaper.",
    ),
    Section(
        "When it counts",
        (
            "begins", "ends", "most_uses", "most_per_client", "minimum", "brand",
            "new_clients_only",
        ),
        "Days are days of the brand's time zone. An order that is rejected or cancelled gives its "
        "use back.",
    ),
    Section(
        "Only for", ("cycles", "products", "bundles"), "Nothing chosen: for all that is sold."
    ),
)  # fmt: skip


@require_safe
@allowed(Can.SEE_CATALOGUE)
def codes(request: HttpRequest) -> HttpResponse:
    """Every code, those that count first."""
    page = paged(request, PromoCode.objects.select_related("brand"))
    context = {
        "nav": "promotions",
        "paged": page,
        "rows": [(row, promotions.words_of(row)) for row in page.page],
    }
    return render(request, "office/rules/promotions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def new(request: HttpRequest) -> HttpResponse:
    """Write a code."""
    return _page(request, PromoCode())


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One code: change it, and see who used it."""
    return _page(request, get_object_or_404(PromoCode, uid=uid))


def _page(request: HttpRequest, promo: PromoCode) -> HttpResponse:
    is_new = promo.pk is None
    title = "New promotion code" if is_new else promo.code
    form = PromoForm(request.POST if request.method == "POST" else None, promo=promo)
    if form.is_valid():
        given = form.cleaned_data
        try:
            promotions.save_code(
                form.filled(),
                products=given["products"],
                bundles=given["bundles"],
                changes=changes_of(form),
                actor=actor_of(request),
            )
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"{promo.code} {'added' if is_new else 'changed'}.")
            return redirect("office:promotions")
    *sections, only_for = sections_of(form, SECTIONS)
    context = {
        "nav": "promotions",
        "title": title,
        "back": reverse("office:promotions"),
        "back_words": "Promotions",
        "form": form,
        "sections": sections,
        "only_for": only_for,
        "promo": promo,
        "uses": [] if is_new else _uses(promo),
    }
    return render(
        request, "office/rules/promotion.html", context, status=422 if form.errors else 200
    )


def _uses(promo: PromoCode) -> list[tuple[PromoUse, Order | None]]:
    """The newest uses with their orders."""
    uses = list(promo.used.select_related("client")[:MOST_SHOWN])
    orders = {order.uid: order for order in Order.objects.filter(uid__in=[u.order for u in uses])}
    return [(use, orders.get(use.order)) for use in uses]


@require_POST
@allowed(Can.EDIT_PRICES)
def retire(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Let a code count no more, or again."""
    promo = get_object_or_404(PromoCode, uid=uid)
    if "back" in request.POST:
        promotions.bring_back(promo, actor=actor_of(request))
        messages.success(request, f"{promo.code} counts again.")
    else:
        promotions.retire(promo, actor=actor_of(request))
        messages.success(request, f"{promo.code} retired. Orders that have it keep it.")
    return redirect("office:promotions")
