"""Saving the price table of a product or a bundle."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from ringup.accounts.access import actor_of
from ringup.accounts.brands import default_brand
from ringup.backoffice.catalogue import tables
from ringup.backoffice.views.catalogue.pages import Tried
from ringup.backoffice.views.catalogue.saving import save
from ringup.catalog import price_editing
from ringup.catalog.models import Bundle, Product
from ringup.catalog.price_editing import PriceRow
from ringup.catalog.snapshots import Snapshot


def tried_prices(request: HttpRequest, sold: Product | Bundle) -> Tried | None:
    """None when the prices are saved; else what the page shows again."""
    options = {"form_kwargs": {"currency": default_brand().currency}}
    included = None
    if isinstance(sold, Bundle):
        included = tables.IncludedForm(request.POST, prefix="included")
    if "more" in request.POST:
        table = tables.with_more_rows(
            request.POST, "prices", tables.PriceForm, tables.PriceRows, **options
        )
        return Tried("prices", table, included=included, is_more=True)
    table = tables.PriceTable(request.POST, prefix="prices", **options)
    is_sound = table.is_valid()
    if included is not None and not included.is_valid():
        is_sound = False
    if not is_sound:
        return Tried("prices", table, included=included)
    outcome = save(
        request,
        lambda seen: price_editing.save_prices(
            sold,
            table.rows,
            seen=seen,
            actor=actor_of(request),
            included_number=included.money if included else None,
        ),
    )
    if outcome.is_saved:
        messages.success(request, f"Prices of {sold.name} saved.")
        return None
    if outcome.conflict:
        table, included = _merged(sold, table.rows, included, outcome.seen.values)
    return Tried("prices", table, outcome, included)


def _merged(
    sold: Product | Bundle, rows: list[PriceRow], included: Any, seen: Snapshot
) -> tuple[Any, Any]:
    """Both forms with what was typed, and what somebody else saved meanwhile."""
    now = type(sold)._default_manager.get(pk=sold.pk)
    held = tables.prices_held(now.prices.all())
    initial = tables.merged_rows(seen, tables.prices_held(rows), held)
    options = {"form_kwargs": {"currency": default_brand().currency}}
    table = tables.PriceTable(initial=initial, prefix="prices", **options)
    if isinstance(now, Bundle) and str(included.money) == seen.get("Included number"):
        included = tables.IncludedForm(initial=tables.included_initial(now), prefix="included")
    return table, included
