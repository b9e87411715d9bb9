"""Product groups: their order in the shop, and what they are."""

from __future__ import annotations

import uuid
from copy import copy

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.catalogue.forms import GroupForm, merged
from ringup.backoffice.sections import Section, sections_of
from ringup.backoffice.views.catalogue.loading import group_for_staff
from ringup.backoffice.views.catalogue.saving import Outcome, save, seen_text
from ringup.catalog import editing
from ringup.catalog.models import ProductGroup
from ringup.catalog.snapshots import settings_of, subject_of
from ringup.core.sentences import Refusal

SECTIONS = (Section("Product group", ("name", "tagline", "cart", "is_hidden")),)


@require_safe
@allowed(Can.SEE_CATALOGUE)
def groups(request: HttpRequest) -> HttpResponse:
    """All groups in the order of the shop."""
    return _list(request)


def _list(request: HttpRequest, *, refusal: str = "") -> HttpResponse:
    rows = ProductGroup.objects.annotate(
        product_count=Count("products", distinct=True), bundle_count=Count("bundles", distinct=True)
    ).order_by("position", "name")
    context = {"nav": "products", "tab": "groups", "groups": rows, "refusal": refusal}
    return render(request, "office/catalogue/groups.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_CATALOGUE)
def new(request: HttpRequest) -> HttpResponse:
    """Add a group at the end."""
    form = GroupForm(request.POST if request.method == "POST" else None)
    outcome = None
    if form.is_valid():
        try:
            editing.add(form.instance, actor=actor_of(request))
        except Refusal as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"{form.instance.name} added. Put products into it.")
            return redirect("office:product-groups")
    return _form(request, form, title="New product group", outcome=outcome)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_CATALOGUE)
def edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Change a group."""
    group = group_for_staff(request, uid)
    form = GroupForm(request.POST if request.method == "POST" else None, instance=copy(group))
    outcome = None
    if form.is_valid():
        outcome = save(
            request,
            lambda seen: editing.save_settings(form.instance, seen=seen, actor=actor_of(request)),
            form=form,
        )
        if outcome.is_saved:
            messages.success(request, f"{form.instance.name} saved.")
            return redirect("office:product-groups")
        if outcome.conflict:
            form = GroupForm(instance=copy(group), initial=merged(form, outcome.seen))
    return _form(request, form, title=group.name, outcome=outcome, group=group)


def _form(
    request: HttpRequest,
    form: GroupForm,
    *,
    title: str,
    outcome: Outcome | None,
    group: ProductGroup | None = None,
) -> HttpResponse:
    context = {
        "nav": "products",
        "title": title,
        "back": reverse("office:product-groups"),
        "back_words": "Product groups",
        "form": form,
        "sections": sections_of(form, SECTIONS),
        "outcome": outcome,
        "save_words": "Save group" if group else "Add group",
        "part": "settings",
    }
    if group is not None:
        values = settings_of(group)
        context["seen"] = seen_text(request, "settings", subject_of(group), values, outcome)
    status = 422 if request.method == "POST" else 200
    return render(request, "office/catalogue/form.html", context, status=status)


@require_POST
@allowed(Can.EDIT_CATALOGUE)
def move(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One place up or down."""
    group = group_for_staff(request, uid)
    places = 1 if request.POST.get("to") == "down" else -1
    try:
        editing.move_group(group, places=places, actor=actor_of(request))
    except Refusal as refusal:
        return _list(request, refusal=str(refusal))
    return redirect("office:product-groups")


@require_POST
@allowed(Can.EDIT_CATALOGUE)
def delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Delete an empty group."""
    group = group_for_staff(request, uid)
    try:
        editing.delete_group(group, actor=actor_of(request))
    except Refusal as refusal:
        return _list(request, refusal=str(refusal))
    messages.success(request, f"{group.name} deleted.")
    return redirect("office:product-groups")
