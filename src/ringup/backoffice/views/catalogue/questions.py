"""Custom fields and configurable options of a product."""

from __future__ import annotations

import uuid
from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.brands import default_brand
from ringup.accounts.roles import Can
from ringup.backoffice.catalogue import tables
from ringup.backoffice.catalogue.forms import FieldForm, OptionForm, merged
from ringup.backoffice.sections import Section, sections_of
from ringup.backoffice.views.catalogue.loading import (
    field_for_staff,
    option_for_staff,
    product_for_staff,
)
from ringup.backoffice.views.catalogue.saving import Outcome, save, seen_text
from ringup.catalog import question_editing
from ringup.catalog.models import CustomField, Product, ProductOption
from ringup.catalog.snapshots import NOTHING_SEEN, field_of, option_of, subject_of

FIELD = (
    Section(
        "Custom field",
        ("name", "kind", "choices", "help_text", "is_required", "position"),
        "It is asked once with every order of the product.",
    ),
)
OPTION = (
    Section(
        "Option",
        ("name", "kind", "least", "most", "position"),
        "What the buyer configures: how many, which one of a list, or whether at all.",
    ),
)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_CATALOGUE)
def new_field(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Add a custom field."""
    product = product_for_staff(request, uid)
    return _field(request, product, CustomField(product=product))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_CATALOGUE)
def field(request: HttpRequest, uid: uuid.UUID, pk: int) -> HttpResponse:
    """Change a custom field."""
    row = field_for_staff(request, uid, pk)
    return _field(request, row.product, row)


def _field(request: HttpRequest, product: Product, row: CustomField) -> HttpResponse:
    is_new = row._state.adding
    values = {} if is_new else field_of(row)
    form = FieldForm(request.POST if request.method == "POST" else None, instance=copy(row))
    outcome = None
    if form.is_valid():
        outcome = save(
            request,
            lambda seen: question_editing.save_field(
                form.instance, seen=seen, actor=actor_of(request)
            ),
            form=form,
        )
        if outcome.is_saved:
            messages.success(request, f"{form.instance.name} saved.")
            return _back(product, "questions")
        if outcome.conflict:
            form = FieldForm(instance=row, initial=merged(form, outcome.seen))
    context = _context(request, product, "Custom field", outcome, values)
    context |= {"form": form, "sections": sections_of(form, FIELD)}
    if not is_new:
        context["remove"] = reverse("office:field-remove", args=[product.uid, row.pk])
    status = 422 if request.method == "POST" else 200
    return render(request, "office/catalogue/form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def new_option(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Add an option."""
    product = product_for_staff(request, uid)
    return _option(request, product, ProductOption(product=product))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def option(request: HttpRequest, uid: uuid.UUID, pk: int) -> HttpResponse:
    """Change an option and its values."""
    row = option_for_staff(request, uid, pk)
    return _option(request, row.product, row)


def _option(request: HttpRequest, product: Product, row: ProductOption) -> HttpResponse:
    is_new, values = row._state.adding, {} if row._state.adding else option_of(row)
    options = {"form_kwargs": {"currency": default_brand().currency}}
    outcome, is_more = None, "more" in request.POST
    if request.method == "POST":
        form = OptionForm(request.POST, instance=copy(row))
        table = tables.ValueTable(request.POST, prefix="values", **options)
    else:
        form = OptionForm(instance=row)
        initial = tables.fields_of(tables.values_held([] if is_new else row.values.all()))
        table = tables.ValueTable(initial=initial, prefix="values", **options)
    if is_more:
        form = OptionForm(initial=request.POST.dict(), instance=row)
        table = tables.with_more_rows(
            request.POST, "values", tables.ValueForm, tables.ValueRows, **options
        )
    elif form.is_bound and form.is_valid() and table.is_valid():
        outcome = save(request, lambda seen: _save_option(request, form, table, seen), form=form)
        if outcome.is_saved:
            messages.success(request, f"{form.instance.name} saved.")
            return _back(product, "questions")
        if outcome.conflict:
            held = tables.values_held(row.values.all())
            mine = tables.values_held(_values(form, table))
            initial = tables.merged_rows(outcome.seen.values, mine, held)
            table = tables.ValueTable(initial=initial, prefix="values", **options)
            form = OptionForm(instance=row, initial=merged(form, outcome.seen))
    context = _context(request, product, "Configurable option", outcome, values)
    context |= {"form": form, "sections": sections_of(form, OPTION), "table": table}
    if not is_new:
        context["remove"] = reverse("office:option-remove", args=[product.uid, row.pk])
    status = 422 if request.method == "POST" and not is_more else 200
    return render(request, "office/catalogue/option.html", context, status=status)


def _save_option(request: HttpRequest, form: OptionForm, table: Any, seen: Any) -> None:
    values = _values(form, table)
    question_editing.save_option(form.instance, values, seen=seen, actor=actor_of(request))


def _values(form: OptionForm, table: Any) -> list[question_editing.ValueRow]:
    """What was typed; a quantity and a yes or no are named like the option."""
    option = form.instance
    is_choice = option.kind == ProductOption.Kind.CHOICE
    found: list[question_editing.ValueRow] = table.values(name="" if is_choice else option.name)
    return found


@require_POST
@allowed(Can.EDIT_CATALOGUE)
def remove_field(request: HttpRequest, uid: uuid.UUID, pk: int) -> HttpResponse:
    """Take a custom field away."""
    return _remove(request, field_for_staff(request, uid, pk))


@require_POST
@allowed(Can.EDIT_PRICES)
def remove_option(request: HttpRequest, uid: uuid.UUID, pk: int) -> HttpResponse:
    """Take an option away."""
    return _remove(request, option_for_staff(request, uid, pk))


def _remove(request: HttpRequest, row: CustomField | ProductOption) -> HttpResponse:
    question_editing.remove_question(row, actor=actor_of(request))
    messages.success(request, f"{row.name} removed. Orders keep what was answered.")
    return _back(row.product, "questions")


def _back(product: Product, part: str) -> HttpResponse:
    return redirect(f"{reverse('office:product', args=[product.uid])}#{part}")


def _context(
    request: HttpRequest,
    product: Product,
    title: str,
    outcome: Outcome | None,
    values: dict[str, str],
) -> dict[str, Any]:
    seen = NOTHING_SEEN.as_text()
    if values:
        seen = seen_text(request, "settings", subject_of(product), values, outcome)
    return {
        "nav": "products",
        "title": title,
        "lede": f"Of {product.name}.",
        "back": reverse("office:product", args=[product.uid]),
        "back_words": product.name,
        "outcome": outcome,
        "part": "settings",
        "seen": seen,
    }
