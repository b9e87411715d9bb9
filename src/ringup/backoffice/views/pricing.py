"""Number price rules: the list with its calculator, one rule, and the export."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.brands import default_brand
from ringup.accounts.roles import Can
from ringup.backoffice.catalogue.pricing_forms import CalculatorForm, CostForm, RuleForm, providers
from ringup.backoffice.paging import asked, paged
from ringup.backoffice.recording import changes_of, record_export
from ringup.backoffice.spreadsheet import csv_file
from ringup.catalog.amounts import plain
from ringup.catalog.models import NumberPriceRule
from ringup.catalog.number_prices import (
    Working,
    by_precedence,
    delete_rule,
    gaps,
    priced_by,
    rule_for,
    save_rule,
    work_out,
)
from ringup.catalog.rates import old_rates
from ringup.catalog.rule_words import covers, words_of
from ringup.core.fragments import wants_fragment
from ringup.core.money import Money
from ringup.core.sentences import Refusal

COLUMNS = (
    "provider", "country", "number_type", "currency", "fixed", "percent", "addition", "rounding",
    "floor", "fixed_setup", "setup_percent",
)  # fmt: skip


def _rules(request: HttpRequest) -> QuerySet[NumberPriceRule]:
    """The rules that the filters leave, by provider, the one that wins first."""
    rules = NumberPriceRule.objects.select_related("account")
    provider, country = asked(request, "provider"), asked(request, "country", length=2).upper()
    if provider:
        rules = rules.filter(account__name=provider)
    if country:
        rules = rules.filter(country__in=["", country])
    return by_precedence(rules)


@require_safe
@allowed(Can.SEE_CATALOGUE)
def price_rules(request: HttpRequest) -> HttpResponse:
    """The rules by provider. As a fragment: what the calculator says to the cost in the address."""
    currency = default_brand().currency
    calculator, working = _calculated(request, currency)
    context: dict[str, Any] = {"calculator": calculator, "working": _shown(working)}
    if wants_fragment(request):
        response = render(request, "office/pricing/_calculated.html", context)
    else:
        page = paged(request, _rules(request))
        context |= {
            "nav": "number-prices",
            "tab": "rules",
            "paged": page,
            "rules": [words_of(rule) for rule in page.page],
            "providers": providers(),
            "chosen": asked(request, "provider"),
            "country": asked(request, "country", length=2).upper(),
            "gaps": gaps(currency),
            "old_rates": old_rates(),
            "currency": currency,
        }
        response = render(request, "office/pricing/rules.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _calculated(request: HttpRequest, currency: str) -> tuple[CalculatorForm, Working | None]:
    """The calculator of the address, and its answer; None before somebody has asked."""
    if not asked(request, "try-cost"):
        first = providers().first()
        initial = {"currency": currency, "cost_currency": first.currency if first else currency}
        return CalculatorForm(initial=initial), None
    form = CalculatorForm(request.GET)
    if not form.is_valid():
        return form, None
    given = form.cleaned_data
    working = work_out(
        given["provider"],
        form.cost_of(otherwise=given["provider"].currency),
        country=given["country"],
        number_type=given["number_type"],
        currency=given["currency"] or currency,
    )
    return form, working


def _shown(working: Working | None) -> dict[str, Any] | None:
    """A working for ``_calculated.html``."""
    if working is None:
        return None
    return {
        "working": working,
        "rule": words_of(working.rule) if working.rule else None,
        "loses": working.margin is not None
        and (working.margin.monthly.micros < 0 or working.margin.setup.micros < 0),
    }


@require_safe
@allowed(Can.SEE_CATALOGUE)
def export(request: HttpRequest) -> HttpResponse:
    """Every rule that the filters leave, as CSV."""
    record_export(request, "exported number prices")
    rows = (_cells(rule) for rule in _rules(request))
    return csv_file("number-prices", COLUMNS, rows)


def _cells(rule: NumberPriceRule) -> list[str]:
    fixed, fixed_setup = rule.fixed, rule.fixed_setup
    return [
        rule.account.name, rule.country, rule.number_type, rule.currency,
        "" if fixed is None else plain(fixed), str(rule.percent), plain(rule.addition),
        plain(rule.rounding), plain(rule.floor), "" if fixed_setup is None else plain(fixed_setup),
        str(rule.setup_percent),
    ]  # fmt: skip


# -- one rule -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def new_rule(request: HttpRequest) -> HttpResponse:
    """Write a rule."""
    currency = default_brand().currency
    rule = NumberPriceRule(currency=currency)
    rule.addition = rule.floor = rule.rounding = Money.zero(currency)
    account = providers().filter(name=asked(request, "provider")).first()
    if account is not None:
        rule.account = account
    return _rule_page(request, rule)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def edit_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule."""
    return _rule_page(request, _rule(pk))


def _rule(pk: int) -> NumberPriceRule:
    return get_object_or_404(NumberPriceRule.objects.select_related("account"), pk=pk)


def _rule_page(request: HttpRequest, rule: NumberPriceRule) -> HttpResponse:
    """The form; "Try it" prices a cost by what stands in it, and saves nothing."""
    title = f"{covers(rule)}: {rule.account.name}" if rule.pk else "New number price rule"
    done = "Rule changed." if rule.pk else "Rule added."
    if request.method != "POST":
        cost = CostForm(initial={"cost_currency": rule.currency})
        return _rule_answer(request, title, RuleForm(None, rule=rule), cost)
    form = RuleForm(request.POST, rule=rule)
    if "try" in request.POST:
        return _tried(request, title, form)
    if form.is_valid():
        try:
            save_rule(form.filled(), changes=changes_of(form), actor=actor_of(request))
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, done)
            return redirect("office:price-rules")
    return _rule_answer(request, title, form, CostForm())


def _tried(request: HttpRequest, title: str, form: RuleForm) -> HttpResponse:
    cost, working = CostForm(request.POST), None
    if form.is_valid() and cost.is_valid():
        rule = form.filled()
        working = priced_by(rule, cost.cost_of(otherwise=rule.currency))
    return _rule_answer(request, title, form, cost, working)


def _rule_answer(
    request: HttpRequest,
    title: str,
    form: RuleForm,
    cost: CostForm,
    working: Working | None = None,
) -> HttpResponse:
    context = {
        "nav": "number-prices",
        "title": title,
        "form": form,
        "calculator": cost,
        "working": _shown(working),
        "rule": form.rule,
    }
    fragment = wants_fragment(request)
    template = "office/pricing/_calculated.html" if fragment else "office/pricing/rule.html"
    status = 422 if form.errors and not fragment else 200
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then delete a rule."""
    rule = _rule(pk)
    if request.method == "POST":
        delete_rule(rule, actor=actor_of(request))
        messages.success(request, "Rule deleted.")
        return redirect("office:price-rules")
    after = rule_for(
        rule.account,
        country=rule.country,
        number_type=rule.number_type,
        currency=rule.currency,
        but=rule,
    )
    words = words_of(rule)
    context = {
        "nav": "number-prices",
        "back": reverse("office:price-rules"),
        "back_words": "Number prices",
        "title": f"Delete the rule “{words.covers}” of {rule.account.name}",
        "effect": f"These numbers then cost what the rule “{words_of(after).covers}” says: "
        f"{words_of(after).monthly}."
        if after
        else f"No other rule in {rule.currency} covers these numbers: they are not on sale any more.",
        "is_loss": after is None,
        "do": "Delete the rule",
    }
    return render(request, "office/pricing/delete.html", context)
