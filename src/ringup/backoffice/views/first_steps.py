"""The first owner, the way to the first sale, and the starting catalogue."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from ringup.accounts import first_owner
from ringup.accounts.access import actor_of, allowed
from ringup.accounts.brands import default_brand
from ringup.accounts.roles import Can
from ringup.accounts.signing_in import sign_in
from ringup.backoffice.sections import Section, sections_of
from ringup.backoffice.settings_forms import FirstOwnerForm, StartingCatalogueForm
from ringup.core.limiting import Limit, address_of, count
from ringup.core.sentences import Refusal
from ringup.flows import starting_catalogue
from ringup.flows.first_steps import first_steps

CODES = Limit("set-up-codes", times=10, seconds=600)
CATALOGUE_SECTIONS = (
    Section("Where it comes from", ("account", "server")),
    Section("Hosted PBX", ("seats", "monthly", "included")),
    Section("Numbers", ("percent", "addition"), "Cost, plus percent, plus an amount."),
)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Make the first owner. There is no such page once there is one."""
    if not first_owner.is_needed():
        raise Http404
    form = FirstOwnerForm(request.POST if request.method == "POST" else None)
    code = request.POST.get("code", request.GET.get("code", ""))[:100]
    if form.is_valid():
        try:
            if not count(CODES, address_of(request)):
                raise Refusal("Too many attempts. Wait ten minutes. Nothing was changed.")
            user = first_owner.make(given=code, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            sign_in(request, user, how="first owner")
            return redirect("office:first-steps")
    context = {"form": form, "code": code}
    status = 422 if form.errors else 200
    return render(request, "office/settings/set_up.html", context, status=status)


@require_safe
@allowed(Can.EDIT_SETTINGS)
def steps(request: HttpRequest) -> HttpResponse:
    """What is done, and what comes next."""
    found = first_steps()
    current = next((step for step in found if not step.is_done), None)
    done = sum(step.is_done for step in found)
    context = {
        "nav": "first-steps",
        "steps": found,
        "current": current,
        "done": done,
        "percent": 100 * done // len(found),
    }
    return render(request, "office/settings/first_steps.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_SETTINGS)
def catalogue(request: HttpRequest) -> HttpResponse:
    """Make one hosted PBX and the plain number, mapped and priced."""
    currency = default_brand().currency
    form = StartingCatalogueForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        starting_catalogue.make(
            form.terms(currency),
            account=form.cleaned_data["account"],
            server=form.cleaned_data["server"],
            actor=actor_of(request),
        )
        messages.success(request, "Made. Look at it in the shop, and order something.")
        return redirect("office:first-steps")
    context = {
        "nav": "first-steps",
        "title": "Starting catalogue",
        "lede": f"A hosted PBX and plain numbers, in {currency}. Change everything later.",
        "back": reverse("office:first-steps"),
        "back_words": "First steps",
        "save_words": "Make the catalogue",
        "form": form,
        "sections": sections_of(form, CATALOGUE_SECTIONS),
    }
    status = 422 if form.errors else 200
    return render(request, "office/form_page.html", context, status=status)
