"""New order: staff chooses the client, or opens one, and what is ordered; the shop's wizard follows."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from ringup.accounts import acting
from ringup.accounts.access import actor_of, allowed, user_of
from ringup.accounts.brands import default_brand
from ringup.accounts.models import Client, User
from ringup.accounts.roles import Can
from ringup.backoffice.new_order.clients import MOST, clients_like
from ringup.backoffice.new_order.forms import NewClientForm
from ringup.catalog.pricing import Cycle
from ringup.core.sentences import Refusal
from ringup.flows.checkout import ordering_for_clients
from ringup.flows.checkout.opening_clients import open_for_caller


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_ORDERS)
def new_order(request: HttpRequest) -> HttpResponse:
    """First the client: ``?q=`` searches, POST opens a new one. With ``?client=`` what to order."""
    if request.method == "POST":
        return _open(request)
    asked = request.GET.get("client", "")
    if not asked:
        return _choose_client(request, NewClientForm())
    return _choose_goods(request, _client(asked))


@require_POST
@allowed(Can.WORK_ORDERS)
def begin_order(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Start the draft of what was chosen (``what`` is ``bundle:<slug>/<cycle>``), and lead into the
    wizard. Acting as a client ends: there would be two at once."""
    client, staff = _client(str(uid)), _staff(request)
    key, _, cycle = request.POST.get("what", "").rpartition("/")
    try:
        if cycle not in set(Cycle):
            raise Refusal(ordering_for_clients.NOT_FOR_SALE)
        draft = ordering_for_clients.begin(client, key, cycle=Cycle(cycle), staff=staff)
    except Refusal as refusal:
        return _choose_goods(request, client, refusal=str(refusal))
    acting.end(request, staff, why="began an order in the back office")
    return redirect("shop:resume", uid=draft.uid)


def _staff(request: HttpRequest) -> User:
    user = user_of(request)
    assert user is not None  # allowed
    return user


def _client(uid: str) -> Client:
    try:
        key = uuid.UUID(uid)
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(Client.objects.select_related("brand").exclude(email=""), uid=key)


def _open(request: HttpRequest) -> HttpResponse:
    form = NewClientForm(request.POST)
    if form.is_valid():
        brand = form.cleaned_data.get("brand") or default_brand()
        try:
            client = open_for_caller(form.new_client(), brand=brand, actor=actor_of(request))
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return redirect(f"{reverse('office:new-order')}?client={client.uid}")
    return _choose_client(request, form, words=form.cleaned_data.get("email", ""), status=422)


def _choose_client(
    request: HttpRequest, form: NewClientForm, *, words: str = "", status: int = 200
) -> HttpResponse:
    words = words or request.GET.get("q", "").replace("\x00", "")[:120].strip()
    found = clients_like(words)
    context = {
        "nav": "queue",
        "words": words,
        "clients": found[:MOST],
        "has_more": len(found) > MOST,
        "most": MOST,
        "form": form,
        "unfinished": ordering_for_clients.unfinished(),
    }
    return render(request, "office/new_order.html", context, status=status)


def _choose_goods(request: HttpRequest, client: Client, *, refusal: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "nav": "queue",
        "client": client,
        "goods": ordering_for_clients.goods_for(client),
        "unfinished": ordering_for_clients.unfinished(client),
        "refusal": refusal,
    }
    return render(request, "office/new_order_goods.html", context, status=422 if refusal else 200)
