"""Bundles: the list, a new one, its settings, its products and its prices."""

from __future__ import annotations

import uuid
from copy import copy

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.brands import default_brand
from ringup.accounts.roles import Can
from ringup.backoffice.catalogue import product_list, tables
from ringup.backoffice.catalogue.forms import BundleForm, merged
from ringup.backoffice.paging import paged
from ringup.backoffice.sections import Section, sections_of
from ringup.backoffice.views.catalogue.loading import bundle_for_staff
from ringup.backoffice.views.catalogue.pages import Tried, bundle_page
from ringup.backoffice.views.catalogue.pricing import tried_prices
from ringup.backoffice.views.catalogue.saving import save
from ringup.catalog import editing
from ringup.catalog.models import Bundle, ProductGroup
from ringup.core.money import Money
from ringup.core.sentences import Refusal

SECTIONS = (
    Section(
        "What it is",
        ("name", "group", "description"),
        "Its products and prices come next, on the bundle's page.",
    ),
    Section(
        "In the shop",
        ("slug", "position", "stock", "most_per_client", "tax_class", "is_hidden"),
    ),
)


@require_safe
@allowed(Can.SEE_CATALOGUE)
def bundles(request: HttpRequest) -> HttpResponse:
    """The list, filtered."""
    filters = product_list.Filters.of(request)
    page = paged(request, product_list.bundles(filters))
    context = {
        "nav": "products",
        "tab": "bundles",
        "filters": filters,
        "paged": page,
        "rows": list(product_list.rows_of(page.page, default_brand().currency)),
        "groups": ProductGroup.objects.order_by("position", "name"),
        "states": product_list.STATES,
    }
    return render(request, "office/catalogue/bundles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_CATALOGUE)
def new(request: HttpRequest) -> HttpResponse:
    """Add a bundle; its products and prices come on its page."""
    form = BundleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.instance.included_number = Money.zero(default_brand().currency)
        try:
            editing.add(form.instance, actor=actor_of(request))
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"{form.instance.name} added. Now put products into it.")
            return redirect(f"{reverse('office:bundle', args=[form.instance.uid])}#contents")
    context = {
        "nav": "products",
        "title": "New bundle",
        "back": reverse("office:bundles"),
        "back_words": "Bundles",
        "form": form,
        "sections": sections_of(form, SECTIONS),
        "save_words": "Add bundle",
    }
    status = 422 if form.is_bound else 200
    return render(request, "office/catalogue/form.html", context, status=status)


@require_safe
@allowed(Can.SEE_CATALOGUE)
def bundle(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Everything about one bundle."""
    return bundle_page(request, bundle_for_staff(request, uid))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_CATALOGUE)
def edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Save the settings."""
    row = bundle_for_staff(request, uid)
    if request.method != "POST":
        return redirect("office:bundle", row.uid)
    form = BundleForm(request.POST, instance=copy(row), auto_id="id_settings_%s")
    outcome = None
    if form.is_valid():
        outcome = save(
            request,
            lambda seen: editing.save_settings(form.instance, seen=seen, actor=actor_of(request)),
            form=form,
        )
        if outcome.is_saved:
            messages.success(request, f"{form.instance.name} saved.")
            return redirect("office:bundle", row.uid)
        if outcome.conflict:
            row = bundle_for_staff(request, uid)
            initial = merged(form, outcome.seen)
            form = BundleForm(instance=copy(row), initial=initial, auto_id="id_settings_%s")
    return bundle_page(request, row, Tried("settings", form, outcome))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_CATALOGUE)
def contents(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Save which products are in it."""
    row = bundle_for_staff(request, uid)
    tried = _tried_contents(request, row) if request.method == "POST" else None
    if tried is None:
        return redirect(f"{reverse('office:bundle', args=[row.uid])}#contents")
    return bundle_page(request, bundle_for_staff(request, uid), tried)


def _tried_contents(request: HttpRequest, row: Bundle) -> Tried | None:
    if "more" in request.POST:
        table = tables.with_more_rows(request.POST, "parts", tables.PartForm, tables.PartRows)
        return Tried("contents", table, is_more=True)
    table = tables.PartTable(request.POST, prefix="parts")
    if not table.is_valid():
        return Tried("contents", table)
    outcome = save(
        request,
        lambda seen: editing.save_contents(row, table.parts, seen=seen, actor=actor_of(request)),
    )
    if outcome.is_saved:
        messages.success(request, f"Products of {row.name} saved.")
        return None
    if outcome.conflict:
        now = bundle_for_staff(request, row.uid)
        initial = tables.merged_rows(
            outcome.seen.values,
            tables.parts_held(table.parts),
            tables.parts_held(now.items.all()),
        )
        table = tables.PartTable(initial=initial, prefix="parts")
    return Tried("contents", table, outcome)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def prices(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Save the price table, and the number that the bundle includes."""
    row = bundle_for_staff(request, uid)
    tried = tried_prices(request, row) if request.method == "POST" else None
    if tried is None:
        return redirect(f"{reverse('office:bundle', args=[row.uid])}#prices")
    return bundle_page(request, bundle_for_staff(request, uid), tried)
