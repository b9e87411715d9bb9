"""People of a client: who belongs to it, invitations, roles; and changing between clients."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts import belonging, inviting
from ringup.accounts.access import choose_client, clients_only, membership_of, people_only
from ringup.accounts.member_roles import CAPABILITIES, May, MemberRole
from ringup.accounts.models import Client, Invitation, Membership, User
from ringup.core.sentences import Refusal
from ringup.portal.access import zone_of
from ringup.portal.person_forms import InvitationForm, RoleForm


def _mine(request: HttpRequest) -> Membership:
    membership = membership_of(request)
    assert membership is not None  # every view here is behind ``clients_only``
    return membership


def _member(request: HttpRequest, uid: uuid.UUID) -> User:
    """Somebody of one's own client. Strangers are not found."""
    rows = Membership.objects.filter(client=_mine(request).client).select_related("user")
    return get_object_or_404(rows, user__uid=uid).user


def _invitation(request: HttpRequest, uid: uuid.UUID) -> Invitation:
    """An invitation of one's own client."""
    rows = Invitation.objects.select_related("client", "client__brand")
    return get_object_or_404(rows, uid=uid, client=_mine(request).client)


def _page(
    request: HttpRequest,
    *,
    form: InvitationForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    client = _mine(request).client
    members = Membership.objects.filter(client=client).select_related("user").order_by("pk")
    context = {
        "nav": "people",
        "time_zone": zone_of(request),
        "client": client,
        "members": [(row, RoleForm(initial={"role": row.role})) for row in members],
        "invitations": inviting.open_invitations(client),
        "now": timezone.now(),
        "days": inviting.LIVES.days,
        "form": form or InvitationForm(),
        "refusal": refusal,
        "roles": MemberRole.labels,
        "lines": [(may.words, [may in CAPABILITIES[role] for role in MemberRole]) for may in May],
    }
    return render(request, "portal/people.html", context, status=status)


@require_safe
@clients_only(May.EDIT_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who belongs to the client, who is invited, and what the roles may do."""
    return _page(request)


@require_POST
@clients_only(May.EDIT_PEOPLE)
def invite(request: HttpRequest) -> HttpResponse:
    """Mail an invitation."""
    mine, form = _mine(request), InvitationForm(request.POST)
    if form.is_valid():
        try:
            inviting.invite(mine.client, by=mine.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            said = f"An invitation is on its way to {form.cleaned_data['email']}."
            messages.success(request, said)
            return redirect("portal:people")
    return _page(request, form=form, status=422)


def _answer(request: HttpRequest, verb: Callable[[], None], *, said: str) -> HttpResponse:
    """Call one verb. Refused: the page with the sentence, and nothing changed."""
    try:
        verb()
    except Refusal as refusal:
        return _page(request, refusal=str(refusal), status=422)
    messages.success(request, said)
    return redirect("portal:people")


@require_POST
@clients_only(May.EDIT_PEOPLE)
def invite_again(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A new link for somebody who has not come yet."""
    row, by = _invitation(request, uid), _mine(request).user
    said = f"A new invitation is on its way to {row.email}."
    return _answer(request, lambda: inviting.send_again(row, by=by), said=said)


@require_POST
@clients_only(May.EDIT_PEOPLE)
def take_back(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """End an invitation."""
    row, by = _invitation(request, uid), _mine(request).user
    said = f"The invitation of {row.email} is taken back. Its link works no more."
    return _answer(request, lambda: inviting.take_back(row, by=by), said=said)


@require_POST
@clients_only(May.EDIT_PEOPLE)
def change_role(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Another role for a member, or for oneself while another owner is left."""
    member, mine, form = _member(request, uid), _mine(request), RoleForm(request.POST)
    if not form.is_valid():
        return _page(request, refusal=str(form.errors["role"][0]), status=422)
    role = form.cleaned_data["role"]
    try:
        belonging.change_role(mine.client, member, role=role, by=mine.user)
    except Refusal as refusal:
        return _page(request, refusal=str(refusal), status=422)
    messages.success(request, "Saved. It counts from the next page on.")
    return redirect("portal:home" if member.pk == mine.user.pk else "portal:people")


@require_http_methods(["GET", "HEAD", "POST"])
@clients_only(May.EDIT_PEOPLE)
def remove(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Ask once, then end somebody's access."""
    member, mine = _member(request, uid), _mine(request)
    name = belonging.name_of(member)
    if request.method != "POST":
        context = {"nav": "people", "member": member, "name": name, "client": mine.client}
        return render(request, "portal/remove_member.html", context)
    said = f"{name} is removed and signed out everywhere."
    return _answer(request, lambda: belonging.remove(mine.client, member, by=mine.user), said=said)


# -- oneself -------------------------------------------------------------------------------------


@require_POST
@people_only
def act_for(request: HttpRequest, user: User, uid: uuid.UUID) -> HttpResponse:
    """Change to another of one's own clients."""
    client = get_object_or_404(Client, uid=uid, memberships__user=user)
    choose_client(request, client)
    messages.success(request, f"You act for {client.name} now.")
    return redirect("portal:home")


@require_POST
@people_only
def leave(request: HttpRequest, user: User, uid: uuid.UUID) -> HttpResponse:
    """Leave a client by oneself."""
    client = get_object_or_404(Client, uid=uid, memberships__user=user)
    try:
        belonging.leave(client, user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"You no longer belong to {client.name}.")
    return redirect("portal:profile")
