"""The activity log as people read it: filters, pages by key, subjects with names, changes in words.

Pages go by the row's number, newest first, and nothing is counted: a million rows cost what fifty do.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Model, Q, QuerySet
from django.urls import NoReverseMatch, reverse

from ringup.accounts.acting import names_of
from ringup.accounts.models import Client, User
from ringup.accounts.roles import Can
from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import Bundle, Product, ProductGroup
from ringup.core.models import Activity
from ringup.core.phones import shown
from ringup.mail.models import Outbox
from ringup.numbers.models import OwnedNumber, OwnStock
from ringup.orders.models import Order
from ringup.pbx.models import PbxServer, PbxTemplate
from ringup.services.models import Service

PAGE = 50
LONGEST_VALUE = 300
CLIENTS = "clients"
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of subject: its word, the page of one, who may open that, and where names come from.
    ``has_page`` tells rows without a page from those with one."""

    word: str
    page: str = ""
    needs: Can | None = None
    model: type[Model] | None = None
    name: Callable[[Any], str] = str
    has_page: Callable[[Any], bool] = bool


def _login(user: User) -> str:
    return user.get_full_name() or user.email


def _name(row: Any) -> str:
    return str(row.name)


KINDS = {
    "order": Kind("Order", "office:order", Can.SEE_ORDERS, Order, lambda order: order.label),
    "service": Kind("Service", model=Service, name=_name),
    "client": Kind("Client", "office:client", Can.SEE_CLIENTS, Client, _name),
    "number": Kind(
        "Number", "office:owned-number", Can.SEE_NUMBERS, OwnedNumber, lambda row: row.words
    ),
    "own-stock": Kind(
        "Own stock",
        "office:own-stock-number",
        Can.WORK_NUMBERS,
        OwnStock,
        lambda row: shown(row.e164),
    ),
    "user": Kind(
        "Login", "office:member", Can.EDIT_STAFF, User, _login, lambda user: user.is_staff
    ),
    "product": Kind("Product", "office:product", Can.SEE_CATALOGUE, Product, _name),
    "bundle": Kind("Bundle", "office:bundle", Can.SEE_CATALOGUE, Bundle, _name),
    "group": Kind("Product group", "office:group", Can.EDIT_CATALOGUE, ProductGroup, _name),
    "price-rule": Kind("Number price"),
    "exchange-rate": Kind("Exchange rate"),
    "catalogue": Kind("Catalogue"),
    "mappings": Kind("Mappings"),
    "carrier": Kind("Provider", "office:provider", Can.EDIT_PROVIDERS, CarrierAccount, _name),
    "carrier-kind": Kind("Kind of provider"),
    "server": Kind("PBX server", "office:server", Can.SEE_SERVERS, PbxServer, _name),
    "pbx-template": Kind("PBX template", "office:template", Can.SEE_SERVERS, PbxTemplate, _name),
    "mail": Kind("Mail", "office:mail", Can.SEE_MAILS, Outbox, lambda row: str(row.subject)),
    "mail-template": Kind("Mail text"),
    "brand": Kind("Brand"),
    "settings": Kind("Settings"),
    "job": Kind("Job"),
    "address": Kind("Network address"),
    "export": Kind("Export"),
}


# -- filters ----------------------------------------------------------------------------------------

NO_DATE = "This is no date, so it was left out. Write it like 2026-11-30."


class LogFilters(forms.Form):
    """What the address asks for. A field that makes no sense is left out, with a sentence."""

    who = forms.CharField(max_length=60, required=False)
    about = forms.CharField(max_length=80, required=False)
    q = forms.CharField(max_length=80, required=False)
    since = forms.DateField(required=False, error_messages={"invalid": NO_DATE})
    until = forms.DateField(required=False, error_messages={"invalid": NO_DATE})

    def __init__(self, data: Any, *, zone: str) -> None:
        super().__init__(data)
        self.zone = ZoneInfo(zone)
        self.full_clean()

    def found(self) -> QuerySet[Activity]:
        """The rows that the filters leave, newest first."""
        rows, given = Activity.objects.order_by("-pk"), self.cleaned_data
        if who := given.get("who"):
            people = Q(actor__startswith="user:") if who == CLIENTS else Q(actor=who)
            rows = rows.filter(people)
        if about := given.get("about"):
            exact = ":" in about
            rows = rows.filter(**{"subject" if exact else "subject__startswith": _whole(about)})
        for word in given.get("q", "").split():
            rows = rows.filter(Q(what__icontains=word) | Q(actor_label__icontains=word))
        if since := given.get("since"):
            rows = rows.filter(at__gte=self._midnight(since))
        if until := given.get("until"):
            rows = rows.filter(at__lt=self._midnight(until) + timedelta(days=1))
        return rows

    def _midnight(self, day: date) -> datetime:
        # Databases know no year 0, and none behind 9999 in another zone.
        return datetime.combine(min(max(day, FIRST_DAY), LAST_DAY), time(), self.zone)

    @property
    def in_use(self) -> dict[str, str]:
        """The filters that count, as text."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    @property
    def problems(self) -> list[str]:
        names = {"since": "From", "until": "To"}
        return [f"{names.get(name, name)}: {text[0]}" for name, text in self.errors.items()]


def _whole(about: str) -> str:
    return about if ":" in about else f"{about}:"


# -- rows as they are read -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One part of what happened: a value, or what it was and became."""

    name: str
    value: str = ""
    before: str = ""
    is_change: bool = False

    def __str__(self) -> str:
        if self.is_change:
            return f"{self.name}: {self.before or 'nothing'} → {self.value or 'nothing'}"
        return f"{self.name}: {self.value}" if self.value else self.name


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log, with words for its subject. ``behalf`` names the client for whom staff did
    it, empty for most."""

    row: Activity
    kind: str
    name: str
    url: str
    lines: list[Line]
    behalf: str


def lines_of(detail: Any) -> list[Line]:
    """The detail of a row, readable: ``{"role": ["support", "owner"]}`` becomes a change."""
    if not isinstance(detail, dict):
        return [Line(_text(detail))] if detail else []
    lines = []
    for key, value in detail.items():
        name = str(key).replace("_", " ").strip()
        name = name[:1].upper() + name[1:]
        if isinstance(value, list) and len(value) == 2 and not any(map(_is_deep, value)):
            lines.append(Line(name, _text(value[1]), _text(value[0]), is_change=True))
        elif isinstance(value, dict):
            lines += [
                Line(f"{name}, {line.name}", line.value, line.before, line.is_change)
                for line in lines_of(value)
            ]
        else:
            lines.append(Line(name, _text(value)))
    return lines


def _is_deep(value: Any) -> bool:
    return isinstance(value, list | dict)


def _text(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and not any(map(_is_deep, value)):
        text = ", ".join(map(str, value))
    else:
        text = json.dumps(value, ensure_ascii=False) if _is_deep(value) else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def entries(rows: Iterable[Activity], reader: User) -> list[Entry]:
    """The rows with names and links: one query for each kind of subject among them."""
    listed = list(rows)
    known = _subjects({row.subject for row in listed})
    clients = names_of(row.on_behalf_of for row in listed)
    return [
        _entry(row, known.get(row.subject), reader, clients.get(row.on_behalf_of, row.on_behalf_of))
        for row in listed
    ]


def _entry(row: Activity, subject: Any, reader: User, behalf: str) -> Entry:
    """``subject`` is the row that it is about, or None when there is none any more."""
    word, _, key = row.subject.partition(":")
    kind = KINDS.get(word, Kind(word.replace("-", " ").capitalize()))
    name, url = key, ""
    if subject is not None:
        name = kind.name(subject)
        if kind.needs and reader.can(kind.needs) and kind.has_page(subject):
            url = _page(kind.page, key)
    return Entry(row, kind.word, name, url, lines_of(row.detail), behalf)


def _page(page: str, key: str) -> str:
    try:
        return reverse(page, args=[key])
    except NoReverseMatch:
        return ""


def _subjects(names: set[str]) -> dict[str, Model]:
    """``{"order:<uid>": the order}`` for those that are still there."""
    wanted: dict[str, list[UUID]] = defaultdict(list)
    for name in names:
        word, _, key = name.partition(":")
        if word in KINDS and KINDS[word].model is not None:
            try:
                wanted[word].append(UUID(key))
            except ValueError:
                continue
    found: dict[str, Model] = {}
    for word, keys in wanted.items():
        model: Any = KINDS[word].model
        found |= {f"{word}:{row.uid}": row for row in model.objects.filter(uid__in=keys)}
    return found


# -- pages ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogPage:
    """Fifty rows, and the keys from which the neighbours begin; 0 where there is none."""

    rows: list[Activity]
    newer: int
    older: int


def page_of(rows: QuerySet[Activity], *, before: int = 0, after: int = 0) -> LogPage:
    """The newest rows; or those ``before`` (older than) or ``after`` (newer than) a row's number."""
    if after:
        upwards = list(rows.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
        shown = upwards[:PAGE][::-1]
        newer = len(upwards) > PAGE
        older = bool(shown)
    else:
        found = list((rows.filter(pk__lt=before) if before else rows)[: PAGE + 1])
        shown, older = found[:PAGE], len(found) > PAGE
        newer = bool(before)
    if not shown:
        return LogPage([], 0, 0)
    return LogPage(shown, shown[0].pk if newer else 0, shown[-1].pk if older else 0)


# -- export ----------------------------------------------------------------------------------------------

COLUMNS = ("When", "Who", "Id", "On behalf of", "Subject", "What", "Detail")


def cells(rows: QuerySet[Activity]) -> Iterator[list[str]]:
    """Every row as text, read from the database in portions."""
    for row in rows.iterator(chunk_size=500):
        yield [
            row.at.isoformat(timespec="seconds"), row.actor_label, row.actor, row.on_behalf_of,
            row.subject, row.what, "; ".join(map(str, lines_of(row.detail))),
        ]  # fmt: skip
