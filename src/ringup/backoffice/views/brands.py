"""Brands: the list, a new one, one brand."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.branding import delete_brand, save_brand
from ringup.accounts.brands import default_brand, url_of
from ringup.accounts.models import Brand
from ringup.accounts.roles import Can
from ringup.backoffice.brands.forms import SECTIONS, BrandForm
from ringup.backoffice.sections import sections_of
from ringup.core.sentences import Refusal


@require_safe
@allowed(Can.EDIT_SETTINGS)
def brands(request: HttpRequest) -> HttpResponse:
    """All brands, the default one first."""
    return _list(request)


def _list(request: HttpRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    default_brand()
    rows = Brand.objects.annotate(client_count=Count("clients")).defer("terms")
    context = {
        "nav": "settings",
        "tab": "brand",
        "rows": [(row, url_of(row)) for row in rows.order_by("-is_default", "name")],
        "refusal": refusal,
    }
    return render(request, "office/settings/brands.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_SETTINGS)
def default(request: HttpRequest) -> HttpResponse:
    """The brand that speaks where no other is meant."""
    return _edit(request, default_brand(), "Settings")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_SETTINGS)
def brand(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One brand."""
    row = get_object_or_404(Brand, uid=uid)
    return _edit(request, row, row.name)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_SETTINGS)
def new(request: HttpRequest) -> HttpResponse:
    """Another brand: what it sells, and at which prices, is the same."""
    house = default_brand()
    row = Brand(time_zone=house.time_zone, currency=house.currency, language=house.language)
    return _edit(request, row, "New brand")


def _edit(request: HttpRequest, row: Brand, title: str) -> HttpResponse:
    is_post = request.method == "POST"
    form = BrandForm(
        request.POST if is_post else None, request.FILES if is_post else None, instance=row
    )
    if form.is_valid():
        try:
            save_brand(row, changes=form.changes(), actor=actor_of(request), logo=form.picture)
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, "Saved.")
            return redirect("office:brands" if title == "New brand" else request.path)
    context = {
        "nav": "settings",
        "tab": "brand",
        "title": title,
        "form": form,
        "row": row,
        "versions": row.terms_versions.defer("text") if row.pk else [],
        "address": url_of(row) if row.pk else "",
        "sections": sections_of(form, SECTIONS),
        "back": reverse("office:brands"),
    }
    status = 422 if form.errors else 200
    return render(request, "office/settings/brand.html", context, status=status)


@require_POST
@allowed(Can.EDIT_SETTINGS)
def delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Delete a brand that nobody has met yet."""
    row = get_object_or_404(Brand, uid=uid)
    try:
        delete_brand(row, actor=actor_of(request))
    except Refusal as refusal:
        return _list(request, refusal=str(refusal), status=422)
    messages.success(request, f"{row.name} is deleted.")
    return redirect("office:brands")


@require_safe
@allowed(Can.EDIT_SETTINGS)
def terms(request: HttpRequest, uid: uuid.UUID, version: int) -> HttpResponse:
    """One version of a brand's terms, as buyers accepted it."""
    row = get_object_or_404(Brand, uid=uid)
    found = get_object_or_404(row.terms_versions, version=version)
    context = {"nav": "settings", "row": row, "terms": found}
    return render(request, "office/settings/terms.html", context)
