"""The table of exchange rates."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.brands import default_brand
from ringup.accounts.roles import Can
from ringup.backoffice.catalogue.pricing_forms import RateForm
from ringup.backoffice.paging import asked
from ringup.catalog.models import ExchangeRate
from ringup.catalog.number_prices import gaps
from ringup.catalog.rates import contradictions, delete_rate, known_rates, set_rate
from ringup.core.sentences import Refusal


@require_safe
@allowed(Can.SEE_CATALOGUE)
def rates(request: HttpRequest) -> HttpResponse:
    """Every pair, with its age."""
    return _page(request, RateForm(initial={"quote": default_brand().currency}))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def put(request: HttpRequest) -> HttpResponse:
    """Add a rate, or change the one of this pair."""
    if request.method != "POST":
        base, quote = asked(request, "base", length=3), asked(request, "quote", length=3)
        row = ExchangeRate.objects.filter(base=base, quote=quote).first()
        return _page(request, RateForm.of(row) if row else RateForm(initial={"quote": quote}))
    form = RateForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            row = set_rate(given["base"], given["quote"], form.rate_micros, actor=actor_of(request))
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"Rate from {row.base} to {row.quote} saved.")
            return redirect("office:exchange-rates")
    return _page(request, form)


def _page(request: HttpRequest, form: RateForm) -> HttpResponse:
    known = known_rates()
    currency = default_brand().currency
    context = {
        "nav": "number-prices",
        "tab": "rates",
        "known": known,
        "contradictions": contradictions(rate.row for rate in known),
        "gaps": [gap for gap in gaps(currency) if gap.needs_rate],
        "form": form,
        "currency": currency,
    }
    status = 422 if form.errors else 200
    return render(request, "office/pricing/rates.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then delete a rate."""
    row = get_object_or_404(ExchangeRate, pk=pk)
    if request.method == "POST":
        delete_rate(row, actor=actor_of(request))
        messages.success(request, f"Rate from {row.base} to {row.quote} deleted.")
        return redirect("office:exchange-rates")
    back = ExchangeRate.objects.filter(base=row.quote, quote=row.base).exists()
    context = {
        "nav": "number-prices",
        "back": reverse("office:exchange-rates"),
        "back_words": "Exchange rates",
        "title": f"Delete the rate from {row.base} to {row.quote}",
        "effect": f"The rate from {row.quote} to {row.base} stays, and is used in both directions."
        if back
        else f"Nothing else leads from {row.base} to {row.quote}: numbers whose cost is in the one "
        "and whose price is in the other are not on sale any more.",
        "is_loss": not back,
        "do": "Delete the rate",
    }
    return render(request, "office/pricing/delete.html", context)
