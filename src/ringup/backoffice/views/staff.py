"""Staff: the list, one member, invitations, and what each role may do."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts import staffing
from ringup.accounts.access import allowed, user_of
from ringup.accounts.models import User
from ringup.accounts.roles import CAPABILITIES, Can, Role
from ringup.accounts.two_factor import codes_left, is_required_of, steps_of
from ringup.backoffice.sections import Section, sections_of
from ringup.backoffice.staff_forms import InvitationForm, MemberForm
from ringup.core.models import Activity
from ringup.core.sentences import Refusal

INVITATION = (
    Section(
        "Who",
        ("first_name", "last_name", "email"),
        "A mail with a link goes out at once; it works for 14 days.",
    ),
    Section("What for", ("role",), "The page of roles says what each may do."),
)


def _member(uid: uuid.UUID) -> User:
    return get_object_or_404(User, uid=uid, is_staff=True)


def _me(request: HttpRequest) -> User:
    user = user_of(request)
    assert user is not None  # every view here is behind ``allowed``
    return user


@require_safe
@allowed(Can.EDIT_STAFF)
def staff(request: HttpRequest) -> HttpResponse:
    """Everybody who may enter, and how."""
    members = list(User.objects.filter(is_staff=True).order_by("-is_active", "first_name", "pk"))
    steps = steps_of(members)
    rows = [(member, steps.get(member.pk, [])) for member in members]
    context = {
        "nav": "staff",
        "rows": rows,
        "without": sum(
            member.is_active and member.has_usable_password() and not has for member, has in rows
        ),
        "is_required": is_required_of(_me(request)),
    }
    return render(request, "office/staff/staff.html", context)


@require_safe
@allowed(Can.EDIT_STAFF)
def roles(request: HttpRequest) -> HttpResponse:
    """What each role may do, in the words that a refusal uses."""
    lines = [(can.words, [can in CAPABILITIES[role] for role in Role]) for can in Can]
    context = {"nav": "staff", "roles": [role.label for role in Role], "lines": lines}
    return render(request, "office/staff/roles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_STAFF)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody by mail."""
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            member = staffing.invite(by=_me(request), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"An invitation is on its way to {member.email}.")
            return redirect("office:staff")
    context = {
        "nav": "staff",
        "form": form,
        "sections": sections_of(form, INVITATION),
        "title": "Invite somebody",
        "back": reverse("office:staff"),
        "back_words": "Staff",
        "save_words": "Send the invitation",
    }
    return render(request, "office/staff/invite.html", context, status=_status(form))


def _status(form: BaseForm) -> int:
    return 422 if form.is_bound else 200


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_STAFF)
def member(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One member of staff: name and role to change, how he signs in, what he did."""
    row = _member(uid)
    names = {"first_name": row.first_name, "last_name": row.last_name, "role": row.role}
    form = MemberForm(request.POST if request.method == "POST" else None, initial=names)
    if form.is_valid():
        try:
            staffing.change(row, by=_me(request), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, "Saved. It counts from the next page on.")
            return redirect("office:staff" if row.pk == _me(request).pk else request.path)
    return _page(request, row, form, status=_status(form))


def _page(
    request: HttpRequest, row: User, form: BaseForm, *, status: int = 200, refusal: str = ""
) -> HttpResponse:
    about = Activity.objects.filter(subject=f"user:{row.uid}").order_by("-pk")[:10]
    context = {
        "nav": "staff",
        "member": row,
        "name": staffing.name_of(row),
        "form": form,
        "is_me": row.pk == _me(request).pk,
        "steps": steps_of([row]).get(row.pk, []),
        "codes_left": codes_left(row),
        "has_password": row.has_usable_password(),
        "about": about,
        "did": f"staff:{row.pk}",
        "refusal": refusal,
    }
    return render(request, "office/staff/member.html", context, status=status)


def _answer(
    request: HttpRequest, uid: uuid.UUID, verb: Callable[..., None], *, said: str
) -> HttpResponse:
    """Call one verb about a member. Refused: the page with the sentence, and nothing changed."""
    row = _member(uid)
    try:
        verb(row, by=_me(request))
    except Refusal as refusal:
        names = {"first_name": row.first_name, "last_name": row.last_name, "role": row.role}
        form = MemberForm(initial=names)
        return _page(request, row, form, status=422, refusal=str(refusal))
    messages.success(request, said.format(name=staffing.name_of(row), email=row.email))
    return redirect("office:member", row.uid)


@require_POST
@allowed(Can.EDIT_STAFF)
def invite_again(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Mail a new link to somebody who has not come yet."""
    said = "A new invitation is on its way to {email}."
    return _answer(request, uid, staffing.invite_again, said=said)


@require_POST
@allowed(Can.EDIT_STAFF)
def switch_off(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """End somebody's access at once."""
    said = "{name} is switched off and signed out everywhere."
    return _answer(request, uid, staffing.switch_off, said=said)


@require_POST
@allowed(Can.EDIT_STAFF)
def switch_on(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Give access back."""
    return _answer(request, uid, staffing.switch_on, said="{name} can sign in again.")


@require_POST
@allowed(Can.EDIT_STAFF)
def reset_second_step(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """For somebody who lost the telephone."""
    said = "The second step of {name} is reset. A mail tells {email}."
    return _answer(request, uid, staffing.reset_second_step, said=said)
