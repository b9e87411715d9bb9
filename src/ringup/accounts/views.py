"""Signing in and out, and setting a password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView

from ringup.accounts import acting, devices, password_links
from ringup.accounts.access import user_of
from ringup.accounts.brands import brand_at, own_brand_at, welcomes
from ringup.accounts.forms import (
    ForgottenPasswordForm,
    NewPasswordForm,
    OtherPasswordForm,
    SignInForm,
)
from ringup.accounts.models import User
from ringup.accounts.passwords import password_tokens
from ringup.accounts.signing_in import enter
from ringup.accounts.verifying import proved
from ringup.core.limiting import address_of, count
from ringup.core.models import Activity


class SignIn(auth.LoginView):
    """One page for clients and staff. ``next`` brings people back where they were."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        user: User = form.get_user()
        where = self.get_redirect_url() or home_of(user)
        is_in = enter(self.request, user, how="password", where=where)
        return redirect(where if is_in else "accounts:second-step")

    def form_invalid(self, form: Any) -> HttpResponse:
        response = self.render_to_response(self.get_context_data(form=form))
        response.status_code = 429 if form.is_limited else 422
        return response

    def get_default_redirect_url(self) -> str:
        return home_of(user_of(self.request))


def home_of(user: User | None) -> str:
    """Where a login begins: staff in the queue, clients at their orders."""
    return reverse("office:home" if user is not None and user.is_staff else "portal:home")


class SignOut(auth.LogoutView):
    """Ends the session, by POST."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = user_of(request)
        if user is not None:
            acting.end(request, user, why="signed out")
        return super().post(request, *args, **kwargs)


class _Refusing:
    """A form view that answers 422 to input it refuses."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        response.status_code = 422
        return response


class SetPassword(_Refusing, auth.PasswordResetConfirmView):
    """Behind a signed link: the one of the order confirmation, or of a forgotten password."""

    template_name = "accounts/set_password.html"
    form_class = NewPasswordForm
    token_generator = password_tokens

    def get_user(self, uidb64: str) -> User | None:
        """Whose link it is; nobody's at a host where that login is not at home."""
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and welcomes(self.request, user) else None

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            user: User = form.save()
            proved(user)
            devices.forget_all(user)  # a new password ends their sessions anyway
            Activity.record(user.as_actor(), f"user:{user.uid}", "set a password by a link")
        del self.request.session[INTERNAL_RESET_SESSION_TOKEN]
        if not enter(self.request, user, how="link to set a password", where=home_of(user)):
            messages.success(self.request, "Your password is set. One more step.")
            return redirect("accounts:second-step")
        messages.success(self.request, "Your password is set, and you are signed in.")
        return redirect(home_of(user))


class ChangePassword(_Refusing, auth.PasswordChangeView):
    """For people who are signed in."""

    template_name = "accounts/change_password.html"
    form_class = OtherPasswordForm

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            devices.forget_all(form.user)
            response = super().form_valid(form)
            user = form.user
            devices.remember(self.request, user)
            Activity.record(user.as_actor(), f"user:{user.uid}", "changed the password")
        return response

    def get_success_url(self) -> str:
        messages.success(self.request, "Your password is changed. Other devices are signed out.")
        return home_of(user_of(self.request))


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class ForgottenPassword(_Refusing, FormView[ForgottenPasswordForm]):
    """Sends a link. Says the same whether the account exists or not."""

    template_name = "accounts/forgotten_password.html"
    form_class = ForgottenPasswordForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if user_of(request) is not None:
            return redirect("accounts:change-password")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: ForgottenPasswordForm) -> HttpResponse:
        email = form.cleaned_data["email"].lower()
        if not count(password_links.BY_ADDRESS, address_of(self.request)):
            form.add_error(None, "Too many links were asked for. Try again in an hour.")
            response = self.form_invalid(form)
            response.status_code = 429
            return response
        own = own_brand_at(self.request)
        password_links.ask(email, at=brand_at(self.request), is_house=own is None)
        return redirect("accounts:forgotten-sent")


class ForgottenPasswordSent(TemplateView):
    """Where to look for the link."""

    template_name = "accounts/forgotten_sent.html"
