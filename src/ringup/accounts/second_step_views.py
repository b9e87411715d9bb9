"""The second step of signing in, signing in by passkey alone, and the password once more."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from ringup.accounts import passkeys
from ringup.accounts.access import user_of
from ringup.accounts.brands import welcomes
from ringup.accounts.forms import CodeForm, PasswordForm
from ringup.accounts.models import User
from ringup.accounts.signing_in import (
    PASSWORD_AGAIN,
    SECOND_STEP,
    finish,
    finish_with_passkey,
    may_try,
    password_again,
    password_is_recent,
    try_code,
    waiting,
)
from ringup.accounts.two_factor import WRONG_CODE, Way, app_of, passkeys_of
from ringup.accounts.views import home_of
from ringup.core.limiting import Limit, address_of, count

Rest = ParamSpec("Rest")
# Whatever a guest may ask about passkeys, from one place.
PASSKEYS = Limit("passkeys", times=60, seconds=300)
# Codes of any logins, from one place. Of one login: ``signing_in.SECOND_STEP``.
STEPS = Limit("second-step-address", times=30, seconds=900)

TOO_LATE = "The second step was open for too long. Sign in again."
TOO_MANY = "Too many attempts. Wait {minutes} minutes, then sign in again."
TOO_MANY_PASSKEYS = "Too many attempts from your network. Wait five minutes."


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """A code of the app or a recovery code, behind the right password. Nobody is signed in yet."""
    user = waiting(request)
    if user is None:
        return _too_late(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        if not (may_try(user) and count(STEPS, address_of(request))):
            form.add_error(None, TOO_MANY.format(minutes=SECOND_STEP.minutes))
            status = 429
        elif way := try_code(request, user, form.cleaned_data["code"]):
            return redirect(finish(request, user, way))
        else:
            form.add_error("code", WRONG_CODE)
    return _ask_for_step(request, user, form, status=status)


def _ask_for_step(
    request: HttpRequest, user: User, form: CodeForm, *, status: int, problem: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "has_app": app_of(user) is not None,
        "has_passkeys": bool(passkeys_of(user)),
        "problem": problem,
    }
    return render(request, "accounts/second_step.html", context, status=status)


def _too_late(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if user is not None:
        return redirect(home_of(user))
    messages.warning(request, TOO_LATE)
    return redirect("accounts:sign-in")


@require_POST
def second_step_options(request: HttpRequest) -> JsonResponse:
    """What the browser needs to ask for a passkey of the login that waits."""
    user = waiting(request)
    if user is None:
        return JsonResponse({"problem": TOO_LATE}, status=403)
    if not count(PASSKEYS, address_of(request)):
        return JsonResponse({"problem": TOO_MANY_PASSKEYS}, status=429)
    return JsonResponse(passkeys.options_to_sign_in(user))


@sensitive_post_parameters("answer")
@require_POST
def second_step_passkey(request: HttpRequest) -> HttpResponse:
    """A passkey as second step."""
    user = waiting(request)
    if user is None:
        return _too_late(request)
    if not count(PASSKEYS, address_of(request)):
        return _ask_for_step(request, user, CodeForm(), status=429, problem=TOO_MANY_PASSKEYS)
    if not passkeys.taken(user, request.POST.get("answer", "")):
        return _ask_for_step(request, user, CodeForm(), status=422, problem=passkeys.NOT_KNOWN)
    return redirect(finish(request, user, Way.PASSKEY))


# -- a passkey alone --------------------------------------------------------------------------------


@require_POST
def passkey_options(request: HttpRequest) -> JsonResponse:
    """What the browser needs to ask for any passkey that it has for us."""
    if not count(PASSKEYS, address_of(request)):
        return JsonResponse({"problem": TOO_MANY_PASSKEYS}, status=429)
    return JsonResponse(passkeys.options_to_sign_in(None))


@sensitive_post_parameters("answer")
@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in by passkey, without e-mail and password."""
    problem, answer = passkeys.NOT_KNOWN, request.POST.get("answer", "")
    if not count(PASSKEYS, address_of(request)):
        problem = TOO_MANY_PASSKEYS
    elif (
        (user := passkeys.owner_of(answer))
        and welcomes(request, user)
        and passkeys.taken(user, answer)
    ):
        finish_with_passkey(request, user)
        return redirect(_safe(request, home_of(user)))
    messages.error(request, problem)
    return redirect("accounts:sign-in")


def _safe(request: HttpRequest, otherwise: str) -> str:
    """The page to go on with, when it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else otherwise


# -- the password once more ---------------------------------------------------------------------------


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the password again, before something about signing in changes."""
    user = user_of(request)
    if user is None:
        return redirect_to_login(request.get_full_path())
    where = _safe(request, reverse("accounts:two-step"))
    form = PasswordForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        if not count(PASSWORD_AGAIN, str(user.pk)):
            form.add_error(None, TOO_MANY.format(minutes=PASSWORD_AGAIN.minutes))
            status = 429
        elif password_again(request, user, form.cleaned_data["password"]):
            return redirect(where)
        else:
            form.add_error("password", "This is not your password. Nothing was changed.")
    context = {"form": form, "next": where, "has_password": user.has_usable_password()}
    return render(request, "accounts/confirm.html", context, status=status)


def confirmed(
    view: Callable[Concatenate[HttpRequest, User, Rest], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """For who is signed in and has typed the password a short while ago; others are asked to."""

    def guarded(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        user = user_of(request)
        if user is None:
            return redirect_to_login(reverse("accounts:two-step"))
        if password_is_recent(request):
            return view(request, user, *args, **kwargs)
        where = request.path if request.method in ("GET", "HEAD") else reverse("accounts:two-step")
        return redirect(f"{reverse('accounts:confirm')}?{urlencode({'next': where})}")

    update_wrapper(guarded, view)
    return guarded
