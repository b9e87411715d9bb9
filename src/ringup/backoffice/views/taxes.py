"""Taxes and fees: the rules, from where each brand sells, and who pays no tax."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.models import Brand, Client
from ringup.accounts.roles import Can
from ringup.backoffice.catalogue.rule_forms import ExemptionForm, FeeForm, SellerForm, TaxForm
from ringup.backoffice.recording import changes_of
from ringup.backoffice.sections import Section, sections_of
from ringup.catalog import fees, taxes
from ringup.catalog.rule_models import ClientTax, FeeRule, TaxRule
from ringup.core.sentences import Refusal

MOST_SHOWN = 200
TAX_SECTIONS = (
    Section("The tax", ("name", "rate", "tax_class", "is_compound")),
    Section(
        "Where and when",
        ("country", "region", "begins", "ends", "brand"),
        "The place is that of the client's address. All taxes of a place hold together: where a "
        "province has one tax instead of two, write the country's for the other provinces.",
    ),
)
FEE_SECTIONS = (
    Section("The fee", ("name", "due", "amount", "currency", "rate", "per", "tax_class")),
    Section("Where", ("place", "country", "region", "brand")),
)
SELLER_SECTIONS = (Section("From where it sells", ("country", "region", "vat_id")),)


@require_safe
@allowed(Can.SEE_CATALOGUE)
def rules(request: HttpRequest) -> HttpResponse:
    """All of it on one page."""
    brands = Brand.objects.select_related("tax_settings").order_by("name")
    context = {
        "nav": "taxes",
        "taxes": TaxRule.objects.select_related("brand")[:MOST_SHOWN],
        "fees": FeeRule.objects.select_related("brand")[:MOST_SHOWN],
        "sellers": [(brand, getattr(brand, "tax_settings", None)) for brand in brands],
        "exempt": ClientTax.objects.select_related("client").order_by("client__name")[:MOST_SHOWN],
    }
    return render(request, "office/rules/taxes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def tax(request: HttpRequest, uid: uuid.UUID | None = None) -> HttpResponse:
    """Write a tax, or change one."""
    rule = get_object_or_404(TaxRule, uid=uid) if uid else TaxRule()
    form = TaxForm(request.POST if request.method == "POST" else None, rule=rule)
    title = rule.name if uid else "New tax"
    return _saved(request, form, taxes.save_rule) or _form_page(request, form, TAX_SECTIONS, title)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def fee(request: HttpRequest, uid: uuid.UUID | None = None) -> HttpResponse:
    """Write a fee, or change one."""
    rule = get_object_or_404(FeeRule, uid=uid) if uid else FeeRule()
    form = FeeForm(request.POST if request.method == "POST" else None, rule=rule)
    title = rule.name if uid else "New fee"
    return _saved(request, form, fees.save_rule) or _form_page(request, form, FEE_SECTIONS, title)


def _saved(
    request: HttpRequest, form: TaxForm | FeeForm, save: Callable[..., object]
) -> HttpResponse | None:
    """Back to the rules when this one was saved; None while the form has something to say."""
    if not form.is_valid():
        return None
    try:
        save(form.filled(), changes=changes_of(form), actor=actor_of(request))
    except Refusal as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return None
    messages.success(request, f"{form.cleaned_data['name']} saved. New quotes have it.")
    return redirect("office:taxes")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def seller(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """From where a brand sells."""
    brand = get_object_or_404(Brand, uid=uid)
    form = SellerForm(request.POST if request.method == "POST" else None, brand=brand)
    if form.is_valid():
        try:
            taxes.save_settings(brand, actor=actor_of(request), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"{brand.name} saved.")
            return redirect("office:taxes")
    return _form_page(request, form, SELLER_SECTIONS, brand.name)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def exempt(request: HttpRequest) -> HttpResponse:
    """Let a client pay no tax."""
    form = ExemptionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        taxes.exempt(form.client, form.cleaned_data["reason"], actor=actor_of(request))
        messages.success(request, f"{form.client.name} pays no tax on new quotes.")
        return redirect("office:taxes")
    sections = (Section("Who, and why", ("email", "reason")),)
    return _form_page(request, form, sections, "A client who pays no tax")


@require_POST
@allowed(Can.EDIT_PRICES)
def tax_again(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """End a client's exemption."""
    client = get_object_or_404(Client, uid=uid)
    taxes.tax_again(client, actor=actor_of(request))
    messages.success(request, f"{client.name} pays taxes again on new quotes.")
    return redirect("office:taxes")


@require_POST
@allowed(Can.EDIT_PRICES)
def retire_tax(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Put a tax on no new quote, or bring it back."""
    rule = get_object_or_404(TaxRule, uid=uid)
    taxes.set_retired(rule, "back" not in request.POST, actor=actor_of(request))
    messages.success(request, f"{rule.name} saved. Orders that were placed keep theirs.")
    return redirect("office:taxes")


@require_POST
@allowed(Can.EDIT_PRICES)
def retire_fee(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Put a fee on no new quote, or bring it back."""
    rule = get_object_or_404(FeeRule, uid=uid)
    fees.set_retired(rule, "back" not in request.POST, actor=actor_of(request))
    messages.success(request, f"{rule.name} saved. Orders that were placed keep theirs.")
    return redirect("office:taxes")


def _form_page(
    request: HttpRequest,
    form: TaxForm | FeeForm | SellerForm | ExemptionForm,
    sections: tuple[Section, ...],
    title: str,
) -> HttpResponse:
    context = {
        "nav": "taxes",
        "title": title,
        "back": reverse("office:taxes"),
        "back_words": "Taxes and fees",
        "form": form,
        "sections": sections_of(form, sections),
    }
    return render(request, "office/form_page.html", context, status=422 if form.errors else 200)
