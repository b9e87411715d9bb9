"""Behind the link of an invitation: with a new login, or with the one that has the address."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ringup.accounts import joining
from ringup.accounts.access import choose_client, user_of
from ringup.accounts.brands import serves
from ringup.accounts.models import Invitation, User
from ringup.accounts.signing_in import enter
from ringup.core.limiting import Limit, address_of, count
from ringup.core.sentences import Refusal
from ringup.portal.person_forms import JoinForm
from ringup.portal.private import keep_private

BY_ADDRESS = Limit("joining", times=30, seconds=300)
TOO_OFTEN = "Too many attempts from your network. Wait five minutes. Nothing was changed."


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Looking spends nothing: mail scanners look. A button or a form accepts."""
    invitation = joining.invitation_of(token)
    if invitation is None or not serves(request, invitation.client.brand):
        return _gone(request, joining.GONE)
    if request.method == "POST" and not count(BY_ADDRESS, address_of(request)):
        return _gone(request, TOO_OFTEN, status=429)
    known = joining.login_of(invitation)
    if known is None:
        return _sign_up(request, invitation, token)
    return _with_login(request, invitation, token, known)


def _gone(request: HttpRequest, refusal: str, *, status: int = 410) -> HttpResponse:
    context = {"refusal": refusal}
    return keep_private(render(request, "portal/join.html", context, status=status))


def _show(
    request: HttpRequest, invitation: Invitation, *, status: int = 200, **more: object
) -> HttpResponse:
    context = {"invitation": invitation, "client": invitation.client, **more}
    return keep_private(render(request, "portal/join.html", context, status=status))


def _sign_up(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """A new login. Whoever is signed in as somebody else must not lose that by accident."""
    if user_of(request) is not None:
        return _show(request, invitation, step="other", status=403 if request.POST else 200)
    blank = User(email=invitation.email, username=invitation.email)
    form = JoinForm(blank, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return _show(request, invitation, step="sign-up", form=form, status=status)
    try:
        user, client = joining.sign_up(
            token, name=form.cleaned_data["name"], password=form.cleaned_data["new_password1"]
        )
    except Refusal as refusal:
        return _gone(request, str(refusal))
    enter(request, user, how="invitation", where="")
    choose_client(request, client)
    messages.success(request, f"Welcome. You belong to {client.name} now.")
    return redirect("portal:home")


def _with_login(
    request: HttpRequest, invitation: Invitation, token: str, known: User
) -> HttpResponse:
    user = user_of(request)
    if user is not None and user.pk != known.pk:
        return _show(request, invitation, step="other", status=403 if request.POST else 200)
    if known.is_staff or not known.is_active:
        return _gone(request, joining.NOT_FOR_STAFF.format(email=invitation.email))
    if user is None:
        if request.method == "POST":
            return redirect_to_login(request.path)
        return _show(request, invitation, step="sign-in", here=request.path)
    if request.method != "POST":
        return _show(request, invitation, step="join")
    try:
        client = joining.join(token, user)
    except Refusal as refusal:
        return _gone(request, str(refusal))
    choose_client(request, client)
    messages.success(request, f"You belong to {client.name} now.")
    return redirect("portal:home")
