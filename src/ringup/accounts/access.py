"""Who may see what: every view loads its rows through a helper that begins here."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from ringup.accounts.models import Client, User
from ringup.accounts.roles import Can

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]


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
    sign_in = redirect_to_login(page)
    return HttpResponse(status=204, headers={"HX-Redirect": sign_in.url})


def allowed(capability: Can) -> Callable[[View[Rest]], View[Rest]]:
    """For staff whose role has the capability. Guests are asked to sign in; everybody else gets 403.

    The view carries it as ``capability``: a test holds every page of the back office to have one.
    """

    def guard(view: View[Rest]) -> View[Rest]:
        def guarded(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
            user = user_of(request)
            if user is None:
                return _ask_to_sign_in(request)
            if not user.can(capability):
                raise PermissionDenied(f"You may not {capability.words}.")
            return view(request, *args, **kwargs)

        wrapped = update_wrapper(guarded, view)
        wrapped.capability = capability  # type: ignore[attr-defined]
        return cast("View[Rest]", wrapped)

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
