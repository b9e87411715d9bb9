"""Carrier accounts: cards, settings, connection test, taking out of use."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.providers.cards import Kind, cards, kinds
from ringup.backoffice.providers.forms import ProviderForm
from ringup.backoffice.sections import sections_of
from ringup.carriers.configuring import set_enabled, set_retired
from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import adapter_class
from ringup.carriers.port import Carrier
from ringup.carriers.trying import try_connection
from ringup.core.failures import OurFault
from ringup.core.fragments import wants_fragment
from ringup.core.limiting import Limit, count
from ringup.core.sentences import Refusal
from ringup.flows import going_live, removing

TESTS = Limit("provider-tests", times=20, seconds=60)
TOO_OFTEN = "Twenty tests in a minute are enough. Nothing was sent. Wait a little."


@require_safe
@allowed(Can.SEE_PROVIDERS)
def index(request: HttpRequest) -> HttpResponse:
    """One card for each account."""
    context = {"nav": "providers", "cards": cards(), "kinds": kinds()}
    return render(request, "office/providers/index.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PROVIDERS)
def add(request: HttpRequest, kind: str) -> HttpResponse:
    """A new account of one kind."""
    adapter = _adapter(kind)
    account = CarrierAccount(
        kind=kind, url=adapter.sandbox_url, calls_per_second=adapter.calls_per_second
    )
    return _form_page(request, account, adapter)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PROVIDERS)
def edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The settings of an account."""
    account = get_object_or_404(CarrierAccount, uid=uid)
    return _form_page(request, account, _adapter(account.kind))


@require_POST
@allowed(Can.EDIT_PROVIDERS)
def test(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Try the connection now. htmx gets the result alone, others the page with it."""
    account = get_object_or_404(CarrierAccount, uid=uid)
    fine = count(TESTS, "all")
    if fine:
        try_connection(account, actor=actor_of(request))
    if not wants_fragment(request):
        if not fine:
            messages.error(request, TOO_OFTEN)
        return redirect("office:provider", account.uid)
    context = {
        "account": account,
        "report": account.last_report,
        "refusal": "" if fine else TOO_OFTEN,
        "short": "short" in request.GET,
    }
    return render(request, "office/providers/_report.html", context, status=200 if fine else 429)


@require_POST
@allowed(Can.EDIT_PROVIDERS)
def change_use(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Enable, disable, retire, or take back into use: ``do`` says which."""
    account, actor = get_object_or_404(CarrierAccount, uid=uid), actor_of(request)
    match request.POST.get("do"):
        case "enable":
            set_enabled(account, is_enabled=True, actor=actor)
        case "disable":
            set_enabled(account, is_enabled=False, actor=actor)
        case "retire":
            set_retired(account, is_retired=True, actor=actor)
        case "take-back":
            set_retired(account, is_retired=False, actor=actor)
        case _:
            raise Http404
    messages.success(request, "Saved.")
    return redirect("office:provider", account.uid)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PROVIDERS)
def delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Delete an account that nothing stands on; else a list of what does."""
    account = get_object_or_404(CarrierAccount, uid=uid)
    context: dict[str, Any] = {"nav": "providers", "account": account}
    status = 200
    if request.method == "POST":
        try:
            removing.delete_account(account, actor=actor_of(request))
        except Refusal as refusal:
            context["refusal"], status = str(refusal), 422
        else:
            messages.success(request, f"{account.name} is deleted.")
            return redirect("office:providers")
    context["users"] = removing.users_of(account)
    return render(request, "office/providers/delete.html", context, status=status)


@require_POST
@allowed(Can.RELEASE_PROVIDERS)
def release(request: HttpRequest, kind: str) -> HttpResponse:
    """Let accounts of a kind be set to production."""
    adapter = _adapter(kind)
    try:
        going_live.release(kind, actor=actor_of(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{adapter.label} may be set to production now.")
    return redirect("office:providers")


def _adapter(kind: str) -> type[Carrier]:
    try:
        return adapter_class(kind)
    except OurFault as error:
        raise Http404(str(error)) from error


def _form_page(
    request: HttpRequest, account: CarrierAccount, adapter: type[Carrier]
) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = ProviderForm(data, account=account, adapter=adapter)
    if form.is_valid():
        try:
            row = _save(request, account, form)
        except Refusal as refusal:
            form.refuse(str(refusal), refusal.field)
        else:
            words = "Saved." if row.tested else "Saved. Now test the connection."
            messages.success(request, words)
            return redirect("office:provider", row.uid)
    context = {
        "nav": "providers",
        "title": account.name or f"Add {adapter.label}",
        "back": reverse("office:providers"),
        "back_words": "Providers",
        "account": account,
        "kind": Kind.of(account.kind, adapter),
        "form": form,
        "sections": sections_of(form, form.sections()),
        "save_words": "Save" if account.pk else "Add provider",
        "conditions": going_live.conditions(account.kind)
        if adapter.is_sandbox_only_until_tested
        else [],
    }
    status = 422 if form.errors else 200
    return render(request, "office/providers/edit.html", context, status=status)


def _save(request: HttpRequest, account: CarrierAccount, form: ProviderForm) -> CarrierAccount:
    return going_live.save_provider(
        account,
        form.values(),
        secrets=form.secrets(),
        defaults=form.defaults(),
        actor=actor_of(request),
        changes=form.changes(),
    )
