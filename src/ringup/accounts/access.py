"""Who may see what: every view loads its rows through a helper that begins here."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from ringup.accounts import acting
from ringup.accounts.brands import serves
from ringup.accounts.member_roles import STANDING_IN, May
from ringup.accounts.models import Client, Membership, User
from ringup.accounts.roles import Can, Role
from ringup.accounts.signing_in import lacks_second_step
from ringup.core.actors import GUEST, Actor
from ringup.core.limiting import address_of
from ringup.core.prepared import prepared

Rest = ParamSpec("Rest")
# A page, or a download that is sent line by line.
Answer = TypeVar("Answer", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]
Serving = Callable[Concatenate[HttpRequest, Rest], Answer]


def user_of(request: HttpRequest) -> User | None:
    """The signed-in login, or None for a guest."""
    lazy = request.user
    known: tuple[object, User | None] | None = getattr(request, "_ringup_user", None)
    if known is None or known[0] is not lazy:  # else Django looks through its proxy each time
        known = lazy, lazy if isinstance(lazy, User) else None
        request._ringup_user = known  # type: ignore[attr-defined]
    return known[1]


# In the session of who belongs to several clients: the uid of the one that he chose.
CHOSEN_CLIENT = "ringup.client"


def membership_of(request: HttpRequest) -> Membership | None:
    """The membership with which the signed-in login acts; None for guests, for staff that acts as no
    client, and for people who belong to no client any more.

    Of several it is the chosen one while that lives, else the oldest. Read anew for each request,
    so that a removed member is out with the next click.
    """
    user, client = user_of(request), acted_as(request)
    if user is not None and client is not None:
        # Never saved: the database refuses the role.
        return Membership(user=user, client=client, role=STANDING_IN)
    memberships = memberships_of(request)
    wanted = request.session.get(CHOSEN_CLIENT) if len(memberships) > 1 else None
    for membership in memberships:
        if str(membership.client.uid) == wanted:
            return membership
    return memberships[0] if memberships else None


def memberships_of(request: HttpRequest) -> list[Membership]:
    """All places of the signed-in login at this host, the oldest first. Staff has none, also while it
    acts as a client."""
    user = user_of(request)
    if user is None or user.is_staff:
        return []
    known: tuple[int, list[Membership]] | None = getattr(request, "_ringup_memberships", None)
    if known is not None and known[0] == user.pk:
        return known[1]
    found = [row for row in _memberships(user.pk) if serves(request, row.client.brand)]
    if found:  # a guest who orders becomes a member within a request
        request._ringup_memberships = (user.pk, found)  # type: ignore[attr-defined]
    return found


@prepared
def _memberships(user: int) -> QuerySet[Membership]:
    rows = Membership.objects.filter(user=user).select_related("client", "client__brand")
    return rows.order_by("pk")


def choose_client(request: HttpRequest, client: Client) -> None:
    """Act for ``client`` from the next page on. Honoured only while the login belongs to it."""
    request.session[CHOSEN_CLIENT] = str(client.uid)


def acted_as(request: HttpRequest) -> Client | None:
    """The client that a member of staff acts as on this page. In the back office staff is itself."""
    if getattr(request, "_ringup_is_staff_page", False):
        return None
    found = acting.acting_of(request)
    return None if found is None else found.client


def actor_of(request: HttpRequest) -> Actor:
    """Who acts: the signed-in login (staff that acts as a client: for it), or a guest."""
    user, client = user_of(request), acted_as(request)
    if user is None:
        return GUEST
    return user.as_actor() if client is None else acting.on_behalf(user.as_actor(), client)


def counted_as(request: HttpRequest) -> str:
    """Whom limits against floods count for: the network, but a member of staff for itself. Guests from
    the same office are never kept waiting by its work."""
    user = user_of(request)
    return f"staff:{user.pk}" if user is not None and user.is_staff else address_of(request)


def client_of(request: HttpRequest) -> Client | None:
    """The client for whom the signed-in login acts; None for guests, and for staff that acts as none."""
    membership = membership_of(request)
    return None if membership is None else membership.client


def may(request: HttpRequest, capability: May) -> bool:
    """Whether the signed-in login's role at its client allows it. Guests may nothing, nor may staff
    that acts as no client."""
    membership = membership_of(request)
    return membership is not None and membership.may(capability)


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """A page leads to the sign-in page and back; a fragment sends its whole page there."""
    if request.headers.get("HX-Request") != "true":
        return redirect_to_login(request.get_full_path())
    try:
        page = urlsplit(request.headers.get("HX-Current-URL", "")).path or "/"
    except ValueError:  # no address at all
        page = "/"
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
            request._ringup_is_staff_page = True  # type: ignore[attr-defined]
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


NOT_WHILE_ACTING = (
    "You act as {client}. Secrets, people and the company's data are for its own people alone."
)
NO_CLIENT = "Your login belongs to no client any more. Your profile is still at /my/profile/."


def _require(membership: Membership, capability: May) -> None:
    """Refuse with who can help."""
    if membership.may(capability):
        return
    if membership.role == STANDING_IN:
        raise PermissionDenied(NOT_WHILE_ACTING.format(client=membership.client.name))
    raise PermissionDenied(
        f"Your role at {membership.client.name}, {membership.get_role_display().lower()}, may not "
        f"{capability.words}. Ask an owner of {membership.client.name}."
    )


def clients_only(capability: May) -> Callable[[View[Rest]], View[Rest]]:
    """For members of a client whose role has the capability. Guests are asked to sign in; everybody
    else gets 403.

    The view carries it as ``capability``: a test holds every page of the portal to have one.
    """

    def guard(view: View[Rest]) -> View[Rest]:
        def guarded(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
            user = user_of(request)
            if user is None:
                return _ask_to_sign_in(request)
            membership = membership_of(request)
            if membership is None:
                raise PermissionDenied(acting.OVER if user.is_staff else NO_CLIENT)
            _require(membership, capability)
            return view(request, *args, **kwargs)

        wrapped = update_wrapper(guarded, view)
        wrapped.capability = capability  # type: ignore[attr-defined]
        return cast("View[Rest]", wrapped)

    return guard


def unless_refused(request: HttpRequest, capability: May) -> None:
    """For pages that others than members reach, too: a member whose role lacks it gets 403, and so
    does staff that acts as a client without it."""
    membership = membership_of(request)
    if membership is not None:
        _require(membership, capability)


def unless_standing_in(view: View[Rest]) -> View[Rest]:
    """For pages whose address alone admits, as a one-time link does: not for staff that acts as a
    client."""

    def guarded(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        client = acted_as(request)
        if client is not None:
            raise PermissionDenied(NOT_WHILE_ACTING.format(client=client.name))
        return view(request, *args, **kwargs)

    return cast("View[Rest]", update_wrapper(guarded, view))


def people_only(view: View[Concatenate[User, Rest]]) -> View[Rest]:
    """For a client's people about themselves, whatever their role, and also without a client.
    Guests are asked to sign in; staff, whose pages are elsewhere, gets 403."""

    def guarded(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        user = user_of(request)
        if user is None:
            return _ask_to_sign_in(request)
        if user.is_staff:
            raise PermissionDenied
        return view(request, user, *args, **kwargs)

    wrapped = update_wrapper(guarded, view)
    wrapped.is_about_oneself = True  # type: ignore[attr-defined]
    return cast("View[Rest]", wrapped)
