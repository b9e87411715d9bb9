"""Setting up and giving up the second step: authenticator app, passkeys, recovery codes."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts import passkeys
from ringup.accounts.access import user_of
from ringup.accounts.forms import CodeForm, PasskeyForm
from ringup.accounts.models import User
from ringup.accounts.second_step_views import confirmed
from ringup.accounts.signing_in import lacks_second_step, only_this_session
from ringup.accounts.two_factor import (
    STEPS,
    add_app,
    app_of,
    app_picture,
    codes_left,
    codes_to_show,
    has_second_step,
    new_app_secret,
    passkeys_of,
    remove,
    renew_codes,
)
from ringup.accounts.views import home_of
from ringup.core.fields import keyring
from ringup.core.sentences import Refusal

# The secret of an app that is being set up, sealed, while its picture is on the screen.
APP_ON_SCREEN = "ringup.new_app"


@never_cache
@require_safe
@login_required
def two_step(request: HttpRequest) -> HttpResponse:
    """What the login has as second step, and what it can add and give up."""
    user = user_of(request)
    assert user is not None
    context = {
        "app": app_of(user),
        "passkeys": [(row, row.data["name"]) for row in passkeys_of(user)],
        "codes_left": codes_left(user),
        "must": lacks_second_step(request, user),
        "home": home_of(user),
    }
    return render(request, "accounts/two_step.html", context)


# -- the app -----------------------------------------------------------------------------------------


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def app(request: HttpRequest, user: User) -> HttpResponse:
    """Set up an authenticator app: a picture to read, and a code to prove that it was read."""
    secret = _secret_on_screen(request, user)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        is_first = not has_second_step(user)
        try:
            add_app(user, secret, form.cleaned_data["code"])
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            del request.session[APP_ON_SCREEN]
            return _is_added(request, user, is_first=is_first, said="The app is set up.")
    context = {
        "form": form,
        "picture": app_picture(user, secret),
        "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        "is_other": app_of(user) is not None,
    }
    return render(request, "accounts/app.html", context, status=422 if form.is_bound else 200)


def _secret_on_screen(request: HttpRequest, user: User) -> str:
    """The secret whose picture was shown, or a new one. Sessions are rows: it is sealed there."""
    place = f"new-app:{user.uid}"
    if sealed := request.session.get(APP_ON_SCREEN):
        return keyring().open(sealed, bound_to=place)
    secret = new_app_secret()
    request.session[APP_ON_SCREEN] = keyring().seal(secret, bound_to=place)
    return secret


def _is_added(request: HttpRequest, user: User, *, is_first: bool, said: str) -> HttpResponse:
    """On to the recovery codes the first time, back to the list afterwards."""
    messages.success(request, said)
    if is_first:
        only_this_session(request, user)
        return redirect("accounts:codes")
    return redirect("accounts:two-step")


# -- passkeys ------------------------------------------------------------------------------------------


@sensitive_post_parameters("answer")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def passkey_add(request: HttpRequest, user: User) -> HttpResponse:
    """Make a passkey: the browser asks for finger, face or PIN."""
    form = PasskeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        is_first, name = not has_second_step(user), form.cleaned_data["name"]
        try:
            passkeys.add(user, name=name, answer=request.POST.get("answer", ""))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return _is_added(request, user, is_first=is_first, said=f"“{name}” is added.")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/passkey.html", {"form": form}, status=status)


@require_POST
@confirmed
def passkey_add_options(request: HttpRequest, user: User) -> HttpResponse:
    """What the browser needs to make a passkey."""
    try:
        return JsonResponse(passkeys.options_to_add(user))
    except Refusal as refusal:
        return JsonResponse({"problem": str(refusal)}, status=422)


# -- giving up, and codes ------------------------------------------------------------------------------


@require_POST
@confirmed
def factor_remove(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """Give up the app or a passkey."""
    factor = get_object_or_404(Authenticator, pk=pk, user=user, type__in=STEPS)
    try:
        remove(user, factor)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Removed. It no longer signs you in.")
    return redirect("accounts:two-step")


@never_cache
@require_http_methods(["GET"])
@confirmed
def codes(request: HttpRequest, user: User) -> HttpResponse:
    """The recovery codes, once."""
    shown = codes_to_show(user)
    if not shown:
        return redirect("accounts:two-step")
    context = {"codes": shown, "text": "\n".join(shown), "home": home_of(user)}
    return render(request, "accounts/codes.html", context)


@require_POST
@confirmed
def codes_renew(request: HttpRequest, user: User) -> HttpResponse:
    """New recovery codes in place of the old ones."""
    try:
        renew_codes(user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("accounts:two-step")
    return redirect("accounts:codes")
