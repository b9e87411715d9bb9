"""Clients: the list, its export, the record of one, and notes about him."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST, require_safe

from ringup.accounts import letting_in
from ringup.accounts.access import actor_of, allowed, user_of
from ringup.accounts.brands import default_brand
from ringup.accounts.models import Client
from ringup.accounts.roles import Can
from ringup.backoffice.clients.access import client_for_staff
from ringup.backoffice.clients.listing import COLUMNS, ClientFilters, cells, client_page
from ringup.backoffice.clients.notes import LONGEST, add_note, delete_note
from ringup.backoffice.clients.record import record
from ringup.backoffice.keyset import Place
from ringup.backoffice.recording import record_export
from ringup.backoffice.spreadsheet import csv_stream
from ringup.core.phones import countries
from ringup.core.sentences import Refusal


@require_safe
@allowed(Can.SEE_CLIENTS)
def clients(request: HttpRequest) -> HttpResponse:
    """The newest first, or by name."""
    filters = ClientFilters.of(request.GET)
    found = client_page(filters, Place.of(request.GET), zone=_zone(filters))
    context = {
        "nav": "clients",
        "filters": filters,
        "found": found,
        "countries": countries(),
        "and_query": f"&{filters.query}" if filters.query else "",
    }
    return render(request, "office/clients/clients.html", context)


def _zone(filters: ClientFilters) -> str:
    return default_brand().time_zone if filters.since or filters.until else "UTC"


@require_safe
@allowed(Can.EXPORT_ORDERS)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Every client that the filters leave, as CSV, line by line."""
    filters = ClientFilters.of(request.GET)
    record_export(request, "exported the clients", filters=filters.query)
    return csv_stream("clients", COLUMNS, cells(filters, zone=_zone(filters)))


@require_safe
@allowed(Can.SEE_CLIENTS)
def client(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The record of one client."""
    return _record(request, client_for_staff(request, uid))


def _record(
    request: HttpRequest, of: Client, *, refusal: str = "", text: str = "", status: int = 200
) -> HttpResponse:
    reader = user_of(request)
    assert reader is not None  # the guard has seen to it
    context = {
        "nav": "clients",
        "record": record(of, reader=reader),
        "me": reader.as_actor().name,
        "most": LONGEST,
        "refusal": refusal,
        "text": text,
        "new_order": _new_order(of),
    }
    return render(request, "office/clients/client.html", context, status=status)


def _new_order(of: Client) -> str:
    """Where staff orders for the client; empty where this installation has no such page."""
    try:
        return f"{reverse('office:new-order')}?client={of.uid}"
    except NoReverseMatch:
        return ""


@require_POST
@allowed(Can.WORK_MAILS)
def let_in(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Mail the owner, who cannot sign in yet, the link with which he can."""
    of = client_for_staff(request, uid)
    try:
        to = letting_in.let_in(of, actor=actor_of(request))
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"The link is on its way to {to}.")
    return redirect("office:client", uid)


@require_POST
@allowed(Can.EDIT_CLIENTS)
def note(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Write a note. Refused: the record with the sentence, and what was typed."""
    of, text = client_for_staff(request, uid), request.POST.get("text", "")
    try:
        add_note(of, text, actor=actor_of(request))
    except Refusal as refusal:
        return _record(request, of, refusal=str(refusal), text=text, status=422)
    messages.success(request, "Noted. The client does not see it.")
    return redirect(f"{reverse('office:client', args=[uid])}#notes")


@require_POST
@allowed(Can.EDIT_CLIENTS)
def delete(request: HttpRequest, uid: uuid.UUID, note: uuid.UUID) -> HttpResponse:
    """Delete one's own note; another's stays."""
    of = client_for_staff(request, uid)
    if delete_note(of, note, actor=actor_of(request)):
        messages.success(request, "The note is deleted.")
    else:
        messages.warning(request, "Only who wrote a note can delete it. Nothing was changed.")
    return redirect(f"{reverse('office:client', args=[uid])}#notes")
