"""Ending the sale of a product or a bundle: retire, bring back, delete what nobody used."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.views.catalogue.loading import bundle_for_staff, product_for_staff
from ringup.catalog.models import Bundle, Product
from ringup.core.sentences import Refusal
from ringup.flows import retiring


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_CATALOGUE)
def retire_product(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _retire(request, product_for_staff(request, uid))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_CATALOGUE)
def retire_bundle(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _retire(request, bundle_for_staff(request, uid))


@require_POST
@allowed(Can.EDIT_CATALOGUE)
def bring_back_product(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _bring_back(request, product_for_staff(request, uid))


@require_POST
@allowed(Can.EDIT_CATALOGUE)
def bring_back_bundle(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _bring_back(request, bundle_for_staff(request, uid))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_CATALOGUE)
def delete_product(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _delete(request, product_for_staff(request, uid))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_CATALOGUE)
def delete_bundle(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _delete(request, bundle_for_staff(request, uid))


def _retire(request: HttpRequest, sold: Product | Bundle) -> HttpResponse:
    uses = retiring.uses_of(sold)
    if request.method != "POST":
        return _question(request, "retire", sold, uses)
    retiring.retire(sold, actor=actor_of(request))
    still = [row.name for row in uses.bundles_on_sale]
    if still:
        messages.warning(request, f"{sold.name} retired. It is still sold in {', '.join(still)}.")
    else:
        messages.success(request, f"{sold.name} retired. It is not sold any more.")
    return _to(sold)


def _bring_back(request: HttpRequest, sold: Product | Bundle) -> HttpResponse:
    retiring.bring_back(sold, actor=actor_of(request))
    messages.success(request, f"{sold.name} is back.")
    return _to(sold)


def _delete(request: HttpRequest, sold: Product | Bundle) -> HttpResponse:
    uses = retiring.uses_of(sold)
    if request.method != "POST":
        return _question(request, "delete", sold, uses)
    try:
        retiring.delete(sold, actor=actor_of(request))
    except Refusal as refusal:
        return _question(request, "delete", sold, uses, refusal=str(refusal))
    messages.success(request, f"{sold.name} deleted.")
    return redirect("office:bundles" if isinstance(sold, Bundle) else "office:products")


def _to(sold: Product | Bundle) -> HttpResponse:
    return redirect("office:bundle" if isinstance(sold, Bundle) else "office:product", sold.uid)


def _question(
    request: HttpRequest,
    name: str,
    sold: Product | Bundle,
    uses: retiring.Uses,
    *,
    refusal: str = "",
) -> HttpResponse:
    context = {
        "nav": "products",
        "sold": sold,
        "is_bundle": isinstance(sold, Bundle),
        "uses": uses,
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return render(request, f"office/catalogue/{name}.html", context, status=status)
