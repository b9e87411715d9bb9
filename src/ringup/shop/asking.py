"""Asking for a number of a place whose digits the carrier chooses."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ringup.accounts.access import actor_of, client_of
from ringup.accounts.storefronts import brand_of
from ringup.core.form_fields import EmailAddress, PlainText
from ringup.core.limiting import Limit, address_of, count
from ringup.flows import asking_for_numbers, finding
from ringup.flows.asking_for_numbers import MOST, Wish
from ringup.flows.finding import FoundPlace
from ringup.shop.rows import place_row, place_words
from ringup.shop.sellers import chosen_sellers, recent_front
from ringup.shop.views import currency_of

# Each one is a mail that a person reads.
ASKS = Limit("asks", times=5, seconds=3600)
TOO_OFTEN = (
    "Several questions came from your network in the last hour. Nothing was sent or ordered. Try "
    "again in an hour, or write to us."
)
# Session: the wishes of this browser, by the page's uid, as the page behind shows them.
WISHES = "wishes"
MOST_REMEMBERED = 5


class AskForm(forms.Form):
    """Who wants how many. ``website`` is not for people: who fills it in is a program."""

    name = PlainText(
        max_length=120,
        label="Your name",
        error_messages={"required": "Type your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    email = EmailAddress(
        label="E-mail",
        help_text="Our answer goes here.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    count = forms.IntegerField(
        min_value=1,
        max_value=MOST,
        initial=1,
        label="How many numbers",
        error_messages={
            "required": "Type how many numbers you need.",
            "invalid": "Type how many numbers you need, for example 3.",
            "min_value": "Type how many numbers you need, for example 3.",
            "max_value": f"Up to {MOST} at once. For more, say so in the remark.",
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1, "max": MOST}),
    )
    remark = forms.CharField(
        max_length=1000,
        required=False,
        label="Anything that we should know",
        error_messages={"max_length": "Use at most 1,000 characters."},
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    website = forms.CharField(required=False, max_length=500)
    uid = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, data: QueryDict | None = None, **options: Any) -> None:
        if data is not None:
            # Django itself refuses a zero byte, with words that help nobody.
            plain = {name: data.get(name, "").replace("\x00", "") for name in data}
            super().__init__(plain, **options)
        else:
            super().__init__(**options)

    def wish(self, place: str) -> Wish:
        """What was asked for, of a valid form."""
        typed = self.cleaned_data
        return Wish(
            uid=typed["uid"],
            place=place,
            name=typed["name"],
            email=typed["email"],
            count=typed["count"],
            remark=typed["remark"],
        )


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, ticket: str) -> HttpResponse:
    """The page of one place: who asks, and for how many. It has the form, and sends it."""
    currency = currency_of(request)
    accounts = [one.account for one in chosen_sellers(recent_front(currency).sellers, "")]
    found = finding.place_of(ticket, accounts, currency)
    if found is None:
        return render(request, "shop/place_gone.html", status=404)
    if request.method == "GET":
        return _show(request, found, AskForm(initial=_known(request)))
    form = AskForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    if not count(ASKS, address_of(request)):
        form.add_error(None, TOO_OFTEN)
        return _show(request, found, form, status=429)
    wish = form.wish(place_words(found.kind))
    if not form.cleaned_data["website"]:
        _send(request, wish, found)
    _remember(request, wish)
    return redirect("shop:asked", uid=wish.uid)


def _show(
    request: HttpRequest, found: FoundPlace, form: AskForm, *, status: int = 200
) -> HttpResponse:
    currency = found.price.monthly.currency
    place = place_row(found, finding.ticket_of(found))
    context = {"nav": "numbers", "currency": currency, "place": place, "form": form}
    return render(request, "shop/ask.html", context, status=status)


def _send(request: HttpRequest, wish: Wish, found: FoundPlace) -> None:
    client, actor = client_of(request), actor_of(request)
    asking_for_numbers.ask(wish, found, brand=brand_of(request), client=client, actor=actor)


@never_cache
@require_http_methods(["GET"])
def asked(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """What happens next, for who asked."""
    wish = request.session.get(WISHES, {}).get(str(uid))
    if wish is None:
        raise Http404
    return render(request, "shop/asked.html", {"nav": "numbers", "wish": wish})


def _known(request: HttpRequest) -> dict[str, Any]:
    client = client_of(request)
    known = {"name": client.contact_name, "email": client.email} if client else {}
    return {"uid": uuid.uuid4(), "count": 1, **known}


def _remember(request: HttpRequest, wish: Wish) -> None:
    known = dict(request.session.get(WISHES, {}))
    known[str(wish.uid)] = {"place": wish.place, "count": wish.count, "email": wish.email}
    request.session[WISHES] = dict(list(known.items())[-MOST_REMEMBERED:])
