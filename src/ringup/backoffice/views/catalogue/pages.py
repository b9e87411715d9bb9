"""The page of one product, or of one bundle: its forms, and what surrounds them.

Each form of the page posts to an address of its own. What came back from one of them is ``Tried``;
the others are shown as the database has them.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ringup.accounts.access import user_of
from ringup.accounts.brands import default_brand
from ringup.accounts.roles import Can
from ringup.backoffice.catalogue import tables
from ringup.backoffice.catalogue.forms import BundleForm, ProductForm
from ringup.backoffice.catalogue.product_list import mapping_status, state_of
from ringup.backoffice.views.catalogue.saving import Outcome, seen_text
from ringup.catalog import snapshots
from ringup.catalog.bundling import sums_of, warnings_of
from ringup.catalog.mapped import Catalogue
from ringup.catalog.models import Bundle, Product
from ringup.catalog.selling import seats_of
from ringup.catalog.visibility import Prices, reasons
from ringup.core.models import Activity
from ringup.flows.retiring import is_ordered, uses_of
from ringup.pbx.models import PbxServer

MOST_LISTED = 1_000


@dataclass(frozen=True, slots=True)
class Tried:
    """One form of the page that was posted and not saved: refused, unless rows were only added."""

    part: str = ""
    form: Any = None
    outcome: Outcome | None = None
    included: Any = None
    is_more: bool = False


NOTHING = Tried()


def product_page(request: HttpRequest, product: Product, tried: Tried = NOTHING) -> HttpResponse:
    """A product with its settings, prices, custom fields and options."""
    context = _surroundings(request, product, tried)
    context |= {
        "fields": product.custom_fields.all(),
        "options": product.options.prefetch_related("values"),
    }
    if context["can_edit"] and "form" not in context:
        context["form"] = ProductForm(
            instance=copy(product), kind_is_fixed=is_ordered(product), auto_id="id_settings_%s"
        )
    return _rendered(request, "office/catalogue/product.html", context, tried)


def bundle_page(request: HttpRequest, bundle: Bundle, tried: Tried = NOTHING) -> HttpResponse:
    """A bundle with its settings, products and prices, and what is wrong with it."""
    context = _surroundings(request, bundle, tried)
    currency = context["currency"]
    context |= {
        "warnings": list(warnings_of(bundle, currency)),
        "sums": sums_of(bundle, currency),
        "seats": seats_of(bundle),
    }
    if context["can_edit"]:
        context["contents"] = _tried(tried, "contents") or tables.PartTable(
            initial=tables.fields_of(tables.parts_held(bundle.items.all())), prefix="parts"
        )
        context["listed"] = Product.objects.filter(is_retired=False).order_by("name")[:MOST_LISTED]
        values = snapshots.contents_of(bundle)
        context["contents_seen"] = _seen(request, "contents", bundle, values, tried)
        if "form" not in context:
            context["form"] = BundleForm(instance=copy(bundle), auto_id="id_settings_%s")
    if context["can_price"]:
        context["included"] = tried.included or tables.IncludedForm(
            initial=tables.included_initial(bundle), prefix="included"
        )
    return _rendered(request, "office/catalogue/bundle.html", context, tried)


def _surroundings(request: HttpRequest, sold: Product | Bundle, tried: Tried) -> dict[str, Any]:
    user, currency = user_of(request), default_brand().currency
    servers = list(PbxServer.objects.filter(is_enabled=True))
    mapping, provider = mapping_status(sold, servers)
    values = snapshots.settings_of(sold)
    context: dict[str, Any] = {
        "nav": "products",
        "sold": sold,
        "is_bundle": isinstance(sold, Bundle),
        "currency": currency,
        "can_edit": user is not None and user.can(Can.EDIT_CATALOGUE),
        "can_price": user is not None and user.can(Can.EDIT_PRICES),
        "state": state_of(sold),
        "mapping": mapping,
        "provider": provider,
        "obstacles": _reasons(sold, currency),
        "uses": uses_of(sold),
        "shown": values,
        "settings_seen": _seen(request, "settings", sold, values, tried),
        "last": Activity.objects.filter(subject=snapshots.subject_of(sold)).order_by("-pk").first(),
        "tried": tried,
    }
    if tried.part == "settings":
        context["form"] = tried.form
    if context["can_price"]:
        context["prices"] = _tried(tried, "prices") or tables.PriceTable(
            initial=tables.fields_of(tables.prices_held(sold.prices.all())),
            prefix="prices",
            form_kwargs={"currency": currency},
        )
        context["prices_seen"] = _seen(request, "prices", sold, snapshots.prices_of(sold), tried)
    else:
        context["price_rows"] = tables.fields_of(tables.prices_held(sold.prices.all()))
    return context


def _reasons(sold: Product | Bundle, currency: str) -> list[str]:
    """Why it is not on sale in the shop; nothing when it is."""
    catalogue = Catalogue.read(only=sold)
    thing = catalogue.things.get(sold.code)
    if thing is None:
        return []
    prices = Prices.read(catalogue, currency, [thing])
    return [reason.sentence for reason in reasons(catalogue, thing, prices)]


def _tried(tried: Tried, part: str) -> Any:
    return tried.form if tried.part == part else None


def _seen(
    request: HttpRequest,
    part: str,
    sold: Product | Bundle,
    values: snapshots.Snapshot,
    tried: Tried,
) -> str:
    outcome = tried.outcome if tried.part == part else None
    return seen_text(request, part, snapshots.subject_of(sold), values, outcome)


def _rendered(
    request: HttpRequest, template: str, context: dict[str, Any], tried: Tried
) -> HttpResponse:
    status = 422 if tried.part and not tried.is_more else 200
    return render(request, template, context, status=status)
