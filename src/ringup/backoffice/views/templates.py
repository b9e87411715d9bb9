"""PBX templates: the list, a template with its preview, and the editor."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.paging import asked
from ringup.backoffice.pbx_templates.forms import (
    TemplateForm,
    initial_of,
    merge_fields_of,
    sections_for,
)
from ringup.backoffice.pbx_templates.preview import (
    Preview,
    preview_of,
    preview_of_form,
    preview_of_values,
)
from ringup.backoffice.pbx_templates.values import chosen_values
from ringup.backoffice.sections import sections_of
from ringup.catalog.models import CarrierDefaults
from ringup.core.sentences import Refusal
from ringup.pbx import templating
from ringup.pbx.merging import BadValues, checked
from ringup.pbx.models import PbxTemplate

KINDS = dict(PbxTemplate.Kind.choices)


@require_safe
@allowed(Can.SEE_SERVERS)
def index(request: HttpRequest) -> HttpResponse:
    """All templates, or those of one kind."""
    kind = asked(request, "kind")
    counts = dict(PbxTemplate.objects.values_list("kind").annotate(Count("pk")).order_by())
    rows = PbxTemplate.objects.filter(kind=kind) if kind in KINDS else PbxTemplate.objects.all()
    users = _users()
    context = {
        "nav": "templates",
        "kind": kind if kind in KINDS else "",
        "kinds": [(key, words, counts.get(key, 0)) for key, words in KINDS.items()],
        "rows": [(row, chosen_values(row.kind, row.values), users.get(row.pk, [])) for row in rows],
        "total": sum(counts.values()),
    }
    return render(request, "office/pbx_templates/index.html", context)


@require_safe
@allowed(Can.SEE_SERVERS)
def template(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One template: what it sets, who uses it, and what it would write for an order."""
    row = _template(uid)
    context = {
        "nav": "templates",
        "template": row,
        "chosen": chosen_values(row.kind, row.values),
        "users": _users(row).get(row.pk, []),
        "preview": preview_of(row, asked(request, "merged")),
    }
    return render(request, "office/pbx_templates/template.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_SERVERS)
def add(request: HttpRequest, kind: str) -> HttpResponse:
    """A new template; ``?from=`` begins with a copy of another."""
    _require_kind(kind)
    base = _copied(request, kind)
    page = {"title": f"New {KINDS[kind].lower()} template", "back": reverse("office:templates")}
    if request.method != "POST":
        values = base.values if base else checked_defaults(kind)
        initial = initial_of(kind, values)
        if base:
            initial |= {"name": f"{base.name} copy"[:80], "note": base.note}
        form = TemplateForm(kind, initial=initial)
        return _editor(request, form, preview_of_values(kind, values), page)
    form = TemplateForm(kind, request.POST)

    def make() -> str:
        made = templating.create(kind, form.written(), actor=actor_of(request))
        return reverse("office:template", args=[made.uid])

    return _saved(request, form, make, page)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_SERVERS)
def edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Change a template. Orders that were placed keep what they were placed with."""
    row = _template(uid)
    where = reverse("office:template", args=[row.uid])
    page = {"title": f"Edit {row.name}", "back": where, "template": row}
    if request.method != "POST":
        initial = initial_of(row.kind, row.values) | {"name": row.name, "note": row.note}
        page["version"] = templating.version_of(row)
        preview = preview_of(row, asked(request, "merged"))
        return _editor(request, TemplateForm(row.kind, initial=initial), preview, page)
    form = TemplateForm(row.kind, request.POST)
    page["version"] = seen = request.POST.get("version", "")[:64]

    def change() -> str:
        templating.edit(row, form.written(), actor=actor_of(request), seen=seen)
        return where

    return _saved(request, form, change, page)


@require_POST
@allowed(Can.EDIT_SERVERS)
def try_out(request: HttpRequest, kind: str) -> HttpResponse:
    """The preview of what stands in the editor, as a fragment. Saves nothing."""
    _require_kind(kind)
    form = TemplateForm(kind, request.POST)
    form.is_valid()
    found = preview_of_form(form, _asked_order(request))
    context = {"preview": found, "kind": kind}
    status = 422 if found.wrong or found.problem else 200
    return render(request, "office/pbx_templates/_preview.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_SERVERS)
def delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Ask, then delete; refused while an account chooses the template."""
    row = _template(uid)
    context = {"nav": "templates", "template": row, "users": _users(row).get(row.pk, [])}
    if request.method != "POST":
        return render(request, "office/pbx_templates/delete.html", context)
    try:
        templating.delete(row, actor=actor_of(request))
    except Refusal as refusal:
        context["refusal"] = str(refusal)
        return render(request, "office/pbx_templates/delete.html", context, status=422)
    messages.success(request, f"{row.name} is deleted.")
    return redirect("office:templates")


def checked_defaults(kind: str) -> dict[str, Any]:
    """The values of a template in which nothing is changed; none where something must be typed."""
    try:
        return checked(kind, {})
    except BadValues:
        return {}


def _saved(
    request: HttpRequest, form: TemplateForm, verb: Callable[[], str], page: dict[str, Any]
) -> HttpResponse:
    """Save by ``verb``, unless only a preview is asked for or something is wrong."""
    is_valid = form.is_valid()
    if "preview" not in request.POST and is_valid:
        try:
            where = verb()
        except Refusal as refusal:
            if refusal.field:
                form.add_error(refusal.field, str(refusal))
            else:
                page["refusal"] = str(refusal)
        else:
            messages.success(request, "Saved. New orders use it; placed ones keep their copy.")
            return redirect(where)
    found = preview_of_form(form, _asked_order(request))
    status = 422 if form.errors or page.get("refusal") else 200
    return _editor(request, form, found, page, status=status)


def _editor(
    request: HttpRequest,
    form: TemplateForm,
    preview: Preview,
    page: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "nav": "templates",
        "form": form,
        "kind": form.kind,
        "kind_words": KINDS[form.kind],
        "sections": sections_of(form, sections_for(form.kind)),
        "merge_fields": merge_fields_of(form.kind),
        "preview": preview,
        **page,
    }
    return render(request, "office/pbx_templates/editor.html", context, status=status)


def _template(uid: uuid.UUID) -> PbxTemplate:
    return get_object_or_404(PbxTemplate, uid=uid)


def _require_kind(kind: str) -> None:
    if kind not in KINDS:
        raise Http404


def _copied(request: HttpRequest, kind: str) -> PbxTemplate | None:
    try:
        wanted = uuid.UUID(asked(request, "from"))
    except ValueError:
        return None
    return PbxTemplate.objects.filter(kind=kind, uid=wanted).first()


def _asked_order(request: HttpRequest) -> str:
    return request.POST.get("merged", "")[:64]


def _users(template: PbxTemplate | None = None) -> dict[int, list[str]]:
    """The names of the accounts that choose a template by default, by its key. One query."""
    names = [f"{kind}_template_id" for kind in KINDS]
    found: dict[int, list[str]] = {}
    rows = CarrierDefaults.objects.order_by("account__name").values_list("account__name", *names)
    for name, *chosen in rows:
        for key in chosen:
            if key is not None and (template is None or key == template.pk):
                found.setdefault(key, []).append(name)
    return found
