"""Products: the list, a new one, its settings and its prices."""

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
from ringup.backoffice.catalogue import product_list
from ringup.backoffice.catalogue.forms import ProductForm, merged
from ringup.backoffice.paging import paged
from ringup.backoffice.sections import Section, sections_of
from ringup.backoffice.views.catalogue.loading import product_for_staff
from ringup.backoffice.views.catalogue.pages import Tried, product_page
from ringup.backoffice.views.catalogue.pricing import tried_prices
from ringup.backoffice.views.catalogue.saving import save
from ringup.catalog import editing
from ringup.catalog.models import Product, ProductGroup
from ringup.core.sentences import Refusal
from ringup.flows.retiring import is_ordered

SECTIONS = (
    Section(
        "What it is",
        ("name", "kind", "group", "description", "seats", "first_free"),
        "Prices, custom fields and options come next, on the product's page.",
    ),
    Section(
        "In the shop", ("slug", "position", "stock", "most_per_client", "tax_class", "is_hidden")
    ),
)


@require_safe
@allowed(Can.SEE_CATALOGUE)
def products(request: HttpRequest) -> HttpResponse:
    """The list, filtered."""
    filters = product_list.Filters.of(request)
    page = paged(request, product_list.products(filters))
    context = {
        "nav": "products",
        "tab": "products",
        "filters": filters,
        "paged": page,
        "rows": list(product_list.rows_of(page.page, default_brand().currency)),
        "groups": ProductGroup.objects.order_by("position", "name"),
        "kinds": Product.Kind.choices,
        "states": product_list.STATES,
    }
    return render(request, "office/catalogue/products.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_CATALOGUE)
def new(request: HttpRequest) -> HttpResponse:
    """Add a product; its prices come on its page."""
    form = ProductForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            editing.add(form.instance, actor=actor_of(request))
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"{form.instance.name} added. Now give it prices.")
            return redirect(f"{reverse('office:product', args=[form.instance.uid])}#prices")
    context = {
        "nav": "products",
        "title": "New product",
        "back": reverse("office:products"),
        "back_words": "Products",
        "form": form,
        "sections": sections_of(form, SECTIONS),
        "save_words": "Add product",
    }
    status = 422 if form.is_bound else 200
    return render(request, "office/catalogue/form.html", context, status=status)


@require_safe
@allowed(Can.SEE_CATALOGUE)
def product(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Everything about one product."""
    return product_page(request, product_for_staff(request, uid))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_CATALOGUE)
def edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Save the settings."""
    row = product_for_staff(request, uid)
    if request.method != "POST":
        return redirect("office:product", row.uid)
    is_fixed = is_ordered(row)
    form = ProductForm(
        request.POST, instance=copy(row), kind_is_fixed=is_fixed, auto_id="id_settings_%s"
    )
    outcome = None
    if form.is_valid():
        outcome = save(
            request,
            lambda seen: editing.save_settings(
                form.instance, seen=seen, actor=actor_of(request), kind_is_fixed=is_fixed
            ),
            form=form,
        )
        if outcome.is_saved:
            messages.success(request, f"{form.instance.name} saved.")
            return redirect("office:product", row.uid)
        if outcome.conflict:
            row = product_for_staff(request, uid)
            initial = merged(form, outcome.seen)
            form = ProductForm(
                instance=copy(row),
                initial=initial,
                kind_is_fixed=is_fixed,
                auto_id="id_settings_%s",
            )
    return product_page(request, row, Tried("settings", form, outcome))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def prices(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Save the price table."""
    row = product_for_staff(request, uid)
    tried = tried_prices(request, row) if request.method == "POST" else None
    if tried is None:
        return redirect(f"{reverse('office:product', args=[row.uid])}#prices")
    return product_page(request, product_for_staff(request, uid), tried)
