"""What we know about a login: taken out as a file, and erased with the account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from ringup.accounts.access import people_only
from ringup.accounts.models import User
from ringup.core.sentences import Refusal
from ringup.flows.personal_data import closing, exporting
from ringup.portal.person_forms import AgainForm
from ringup.portal.profile import password_is_right


def _page(
    request: HttpRequest,
    *,
    export: BaseForm | None = None,
    close: BaseForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    context = {
        "nav": "data",
        "export": export or AgainForm(prefix="export"),
        "close": close or AgainForm(prefix="close"),
        "refusal": refusal,
    }
    status = 422 if export or close else 200
    return render(request, "portal/data.html", context, status=status)


@require_safe
@people_only
def data(request: HttpRequest, user: User) -> HttpResponse:
    """What can be taken out and what closing erases."""
    return _page(request)


@sensitive_post_parameters()
@never_cache
@require_POST
@people_only
def export(request: HttpRequest, user: User) -> HttpResponse:
    """The file, for who types the password."""
    form = AgainForm(request.POST, prefix="export")
    if not form.is_valid() or not password_is_right(request, user, form):
        return _page(request, export=form)
    try:
        content = exporting.export(user)
    except Refusal as refusal:
        return _page(request, export=form, refusal=str(refusal))
    disposition = f'attachment; filename="{exporting.file_name()}"'
    return HttpResponse(
        content, content_type="application/zip", headers={"Content-Disposition": disposition}
    )


@sensitive_post_parameters()
@require_POST
@people_only
def close(request: HttpRequest, user: User) -> HttpResponse:
    """Close the account, for who types the password. It cannot come back."""
    form = AgainForm(request.POST, prefix="close")
    if not form.is_valid() or not password_is_right(request, user, form):
        return _page(request, close=form)
    try:
        closing.close(user)
    except Refusal as refusal:
        return _page(request, close=form, refusal=str(refusal))
    logout(request)
    messages.success(request, "Your account is closed. A last mail confirms it.")
    return redirect("shop:home")
