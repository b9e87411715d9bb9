"""A login's own page: names, address, mails, devices; and the company's data."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from ringup.accounts import belonging, devices, profiles
from ringup.accounts.access import clients_only, membership_of, memberships_of, people_only
from ringup.accounts.member_roles import May, MemberRole, Topic
from ringup.accounts.models import User
from ringup.accounts.signing_in import PASSWORD_AGAIN, password_again
from ringup.accounts.two_factor import steps_of
from ringup.core.limiting import count
from ringup.core.sentences import Refusal
from ringup.portal.access import zone_of
from ringup.portal.person_forms import CompanyForm, EmailForm, PersonForm, TopicsForm
from ringup.portal.private import keep_private

WRONG = "This is not your password. Nothing was changed."
TOO_MANY = f"Too many attempts. Wait {PASSWORD_AGAIN.minutes} minutes. Nothing was changed."
PERSON = ("first_name", "last_name", "time_zone", "language")


def password_is_right(request: HttpRequest, user: User, form: BaseForm) -> bool:
    """Whether the form's password is the login's; counted, and said at the field when not."""
    if not count(PASSWORD_AGAIN, str(user.pk)):
        form.add_error("password", TOO_MANY)
    elif not password_again(request, user, form.cleaned_data["password"]):
        form.add_error("password", WRONG)
    return not form.errors


def _topics(request: HttpRequest, user: User) -> list[tuple[Any, TopicsForm]]:
    rows = memberships_of(request)
    return [
        (row, TopicsForm(initial={"topics": [one for one in Topic.values if row.wants(one)]}))
        for row in rows
    ]


def _page(
    request: HttpRequest,
    user: User,
    *,
    person: BaseForm | None = None,
    email: BaseForm | None = None,
) -> HttpResponse:
    context = {
        "nav": "profile",
        "time_zone": zone_of(request),
        "person": person or PersonForm(initial={name: getattr(user, name) for name in PERSON}),
        "email": email or EmailForm(),
        "waiting": profiles.waiting_email(user),
        "topics": _topics(request, user),
        "steps": steps_of([user]).get(user.pk, []),
        "devices": devices.devices_of(user),
        "present": request.session.session_key,
    }
    status = 422 if (person and person.errors) or (email and email.errors) else 200
    return render(request, "portal/profile.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@people_only
def profile(request: HttpRequest, user: User) -> HttpResponse:
    """Everything about oneself on one page; saving here changes name, zone and language."""
    if request.method != "POST":
        return _page(request, user)
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _page(request, user, person=form)
    profiles.save_person(user, **form.cleaned_data)
    messages.success(request, "Your profile is saved.")
    return redirect("portal:profile")


@require_POST
@people_only
def topics(request: HttpRequest, user: User, uid: uuid.UUID) -> HttpResponse:
    """Which mails about a client one wants."""
    row = next((row for row in memberships_of(request) if row.client.uid == uid), None)
    form = TopicsForm(request.POST)
    if row is None or not form.is_valid():
        raise Http404
    belonging.choose_topics(row, form.cleaned_data["topics"])
    messages.success(request, f"Saved. It counts for mails about {row.client.name} from now on.")
    return redirect("portal:profile")


# -- the address ------------------------------------------------------------------------------------


@sensitive_post_parameters("password")
@require_POST
@people_only
def email(request: HttpRequest, user: User) -> HttpResponse:
    """Ask for another address: a link goes there. The answer is the same for one that is taken."""
    form = EmailForm(request.POST)
    if not form.is_valid() or not password_is_right(request, user, form):
        return _page(request, user, email=form)
    new = form.cleaned_data["email"]
    try:
        profiles.ask_for_email(user, new)
    except Refusal as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return _page(request, user, email=form)
    messages.success(request, f"Look into the mailbox of {new}: a link there confirms it.")
    return redirect("portal:profile")


@require_POST
@people_only
def email_verify(request: HttpRequest, user: User) -> HttpResponse:
    """Mail a link that proves the present address."""
    try:
        profiles.ask_to_verify(user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Look into the mailbox of {user.email}: a link is on its way.")
    return redirect("portal:profile")


@require_POST
@people_only
def email_drop(request: HttpRequest, user: User) -> HttpResponse:
    """Keep the address after all."""
    profiles.drop_email_change(user)
    messages.success(request, "Your address stays as it is.")
    return redirect("portal:profile")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@people_only
def email_confirm(request: HttpRequest, user: User, token: str) -> HttpResponse:
    """Behind the link in the new mailbox: a button, since mail scanners open links."""
    change = profiles.email_change_of(user, token)
    refusal = "" if change else profiles.GONE
    if change is not None and request.method == "POST":
        try:
            new = profiles.change_email(user, token)
        except Refusal as problem:
            change, refusal = None, str(problem)
        else:
            messages.success(request, f"{new} is verified. You sign in with it.")
            return redirect("portal:profile")
    context = {"nav": "profile", "change": change, "refusal": refusal}
    status = 200 if change else 410
    return keep_private(render(request, "portal/email_confirm.html", context, status=status))


# -- devices ------------------------------------------------------------------------------------------


@require_POST
@people_only
def device_out(request: HttpRequest, user: User, uid: uuid.UUID) -> HttpResponse:
    """Sign one device out."""
    row = get_object_or_404(user.devices, uid=uid)
    if row.session_key == request.session.session_key:
        messages.error(request, "This is the device in front of you. Use “Sign out” in the menu.")
    elif devices.sign_out(user, uid):
        messages.success(request, "That device is signed out.")
    return redirect("portal:profile")


# -- the company --------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@clients_only(May.EDIT_COMPANY)
def company(request: HttpRequest) -> HttpResponse:
    """Name, address, VAT id and telephone of the client."""
    membership = membership_of(request)
    assert membership is not None  # clients_only
    client, is_owner = membership.client, membership.role == MemberRole.OWNER
    names = CompanyForm(is_owner=is_owner).fields
    initial = {name: getattr(client, name) for name in names}
    is_post = request.method == "POST"
    form = CompanyForm(request.POST if is_post else None, initial=initial, is_owner=is_owner)
    if form.is_valid():
        profiles.save_company(client, membership.user, **form.cleaned_data)
        messages.success(request, "The company's data is saved.")
        return redirect("portal:company")
    context = {"nav": "company", "client": client, "form": form, "time_zone": zone_of(request)}
    return render(request, "portal/company.html", context, status=422 if is_post else 200)
