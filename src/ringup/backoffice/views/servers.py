"""PBX servers: the list, one of them, its settings, testing, preparing, taking it out of use."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.paging import paged
from ringup.backoffice.recording import changes_of
from ringup.backoffice.sections import sections_of
from ringup.backoffice.servers.forms import SECRETS, SECTIONS, ServerForm
from ringup.backoffice.servers.rooms import rooms_of
from ringup.core.fragments import wants_fragment
from ringup.core.limiting import Limit, count
from ringup.core.sentences import Refusal
from ringup.flows.removing_servers import naming_counts, remove_server, users_of
from ringup.pbx.configuring import save_server, set_enabled
from ringup.pbx.database_address import masked
from ringup.pbx.models import PbxServer
from ringup.pbx.opening import kinds
from ringup.pbx.trying import prepare_server, try_server

TESTS = Limit("server-tests", times=20, seconds=60)
TOO_OFTEN = "Twenty tests in a minute are enough. Nothing was asked. Wait a little."


@require_safe
@allowed(Can.SEE_SERVERS)
def index(request: HttpRequest) -> HttpResponse:
    """One row for each server."""
    names = naming_counts()
    found = paged(request, PbxServer.objects.defer("secrets_sealed").order_by("name"))
    labels = dict(kinds())
    rows = [
        {
            "server": row,
            "kind": labels.get(row.kind, row.kind),
            "rooms": rooms_of(row),
            "named": names[row.pk],
        }
        for row in found.page
    ]
    context = {"nav": "servers", "rows": rows, "paged": found}
    return render(request, "office/servers/index.html", context)


@require_safe
@allowed(Can.SEE_SERVERS)
def server(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """What is known of one server."""
    return _page(request, _server(uid))


@sensitive_post_parameters("dsn", "event_password")
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_SERVERS)
def add(request: HttpRequest) -> HttpResponse:
    """A new server."""
    return _form_page(request, PbxServer())


@sensitive_post_parameters("dsn", "event_password")
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_SERVERS)
def edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The settings of a server."""
    return _form_page(request, _server(uid))


@require_POST
@allowed(Can.EDIT_SERVERS)
def test(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Look at the PBX, its names and certificates now. htmx gets what was found, others the page."""
    row = _server(uid)
    if not count(TESTS, "all"):
        return _page(request, row, refusal=TOO_OFTEN, status=429)
    found = try_server(row, actor=actor_of(request))
    if wants_fragment(request):
        return _page(request, row)
    if found.is_good:
        messages.success(request, f"{row.name} is in order.")
    else:
        messages.warning(request, f"{row.name} was tested: there is something to mend.")
    return redirect("office:server", row.uid)


@require_POST
@allowed(Can.EDIT_SERVERS)
def prepare(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Make on the PBX what Ringup needs once."""
    row = _server(uid)
    if not count(TESTS, "all"):
        return _page(request, row, refusal=TOO_OFTEN, status=429)
    try:
        made, _ = prepare_server(row, actor=actor_of(request))
    except Refusal as refusal:
        return _page(request, row, refusal=str(refusal), status=422)
    return _page(request, row, made=made)


@require_POST
@allowed(Can.EDIT_SERVERS)
def change_use(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Enable or disable: ``do`` says which."""
    row, do = _server(uid), request.POST.get("do")
    if do not in ("enable", "disable"):
        raise Http404
    set_enabled(row, is_enabled=do == "enable", actor=actor_of(request))
    words = "takes new tenants" if do == "enable" else "takes no new tenants"
    messages.success(request, f"{row.name} {words} from now on.")
    return redirect("office:server", row.uid)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_SERVERS)
def delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Delete a server that nothing stands on; else a list of what does."""
    row = _server(uid)
    context: dict[str, Any] = {"nav": "servers", "server": row}
    status = 200
    if request.method == "POST":
        try:
            remove_server(row, actor=actor_of(request))
        except Refusal as refusal:
            context["refusal"], status = str(refusal), 422
        else:
            messages.success(request, f"{row.name} is deleted. The PBX itself was not touched.")
            return redirect("office:servers")
    context["users"] = users_of(row)
    return render(request, "office/servers/delete.html", context, status=status)


def _server(uid: uuid.UUID) -> PbxServer:
    return get_object_or_404(PbxServer, uid=uid)


def _page(
    request: HttpRequest,
    row: PbxServer,
    *,
    refusal: str = "",
    made: tuple[str, ...] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The server; as a fragment only what a test or preparing may change."""
    context = {
        "nav": "servers",
        "server": row,
        "kind": dict(kinds()).get(row.kind, row.kind),
        "test": row.last_test,
        "rooms": rooms_of(row),
        "database": masked(row.connection().dsn),
        "users": users_of(row),
        "refusal": refusal,
        "made": made,
    }
    name = "_server" if wants_fragment(request) else "server"
    response = render(request, f"office/servers/{name}.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _form_page(request: HttpRequest, row: PbxServer) -> HttpResponse:
    form = ServerForm(request.POST if request.method == "POST" else None, server=row)
    if form.is_valid():
        try:
            saved = save_server(
                row,
                form.values(),
                secrets=form.secrets(),
                actor=actor_of(request),
                changes=changes_of(form, secret=SECRETS),
            )
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            words = "Saved." if saved.server.tested else "Saved. Now test it."
            messages.success(request, words)
            for warning in saved.warnings:
                messages.warning(request, warning)
            return redirect("office:server", saved.server.uid)
    is_new = row.pk is None
    context = {
        "nav": "servers",
        "title": "Add a PBX server" if is_new else f"Settings of {row.name}",
        "back": reverse("office:servers" if is_new else "office:server", args=_key(row)),
        "back_words": "PBX servers" if is_new else row.name,
        "form": form,
        "sections": sections_of(form, SECTIONS),
        "save_words": "Add server" if is_new else "Save",
    }
    return render(request, "office/form_page.html", context, status=422 if form.errors else 200)


def _key(row: PbxServer) -> list[uuid.UUID]:
    return [] if row.pk is None else [row.uid]
