"""Who may see what: every view loads its rows through a helper that begins here."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from ringup.accounts.models import Client, User
from ringup.accounts.roles import Can, Role
from ringup.accounts.signing_in import lacks_second_step

Rest = ParamSpec("Rest")
# A page, or a download that is sent line by line.
Answer = TypeVar("Answer", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]
Serving = Callable[Concatenate[HttpRequest, Rest], Answer]


def user_of(request: HttpRequest) -> User | None:
    """The signed-in login, or None for a guest."""
    return request.user if isinstance(request.user, User) else None


def client_of(request: HttpRequest) -> Client | None:
    """The client for whom the signed-in login acts; None for guests and for staff."""
    user = user_of(request)
    return None if user is None else user.clients.order_by("memberships__pk").first()


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """A page leads to the sign-in page and back; a fragment sends its whole page there."""
    if request.headers.get("HX-Request") != "true":
        return redirect_to_login(request.get_full_path())
    page = urlsplit(request.headers.get("HX-Current-URL", "")).path or "/"
    return _lead_to(request, redirect_to_login(page).url)


def _lead_to(request: HttpRequest, where: str) -> HttpResponse:
    """To another page, also from a fragment."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": where})
    return redirect(where)


def what_is_missing(user: User, capability: Can) -> str:
    """For the page of a refusal: what this member of staff may not, and who can change that.
    Nothing for others: they need not know what staff can do."""
    if not user.is_staff:
        return ""
    rows = User.objects.filter(is_staff=True, is_active=True, role=Role.OWNER).order_by("pk")[:3]
    names = " or ".join(owner.get_full_name() or owner.email for owner in rows) or "an owner"
    return (
        f"Your role, {user.get_role_display().lower()}, may not {capability.words}. "
        f"An owner can give you a role that may: ask {names}."
    )


def allowed(capability: Can) -> Callable[[Serving[Rest, Answer]], Serving[Rest, Answer]]:
    """For staff whose role has the capability. Guests are asked to sign in; everybody else gets 403.
    Where staff must sign in in two steps, who has no second step sets one up first.

    The view carries it as ``capability``: a test holds every page of the back office to have one.
    """

    def guard(view: Serving[Rest, Answer]) -> Serving[Rest, Answer]:
        def guarded(
            request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs
        ) -> HttpResponseBase:
            user = user_of(request)
            if user is None:
                return _ask_to_sign_in(request)
            if lacks_second_step(request, user):
                return _lead_to(request, reverse("accounts:two-step"))
            if not user.can(capability):
                raise PermissionDenied(what_is_missing(user, capability))
            return view(request, *args, **kwargs)

        wrapped = update_wrapper(guarded, view)
        wrapped.capability = capability  # type: ignore[attr-defined]
        return cast("Serving[Rest, Answer]", wrapped)

    return guard


def clients_only(view: View[Rest]) -> View[Rest]:
    """Guests are asked to sign in; a login without a client gets 403."""

    def guarded(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        if user_of(request) is None:
            return _ask_to_sign_in(request)
        if client_of(request) is None:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return cast("View[Rest]", update_wrapper(guarded, view))
