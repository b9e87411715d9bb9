"""Everything about a login, and for an owner about his clients, as JSON and CSV in one ZIP.

Never a secret: no password, token, key or text of a mail (which may hold a link that signs in), and
nothing that is ours alone, such as what a number costs us.
"""

from __future__ import annotations

import csv
import io
import json
import uuid
import zipfile
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ringup.accounts.brands import default_brand
from ringup.accounts.devices import devices_of
from ringup.accounts.letters import compose
from ringup.accounts.member_roles import May, Topic
from ringup.accounts.models import Client, Membership, User
from ringup.accounts.two_factor import steps_of
from ringup.catalog.pricing import Quote
from ringup.catalog.rule_models import ClientTax
from ringup.core.limiting import Limit, count
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.mail.models import Outbox
from ringup.mail.sending import Letter, post
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Draft, OrderEvent, OrderLine
from ringup.regulatory.facts import address_facts, identity_facts
from ringup.regulatory.models import Address, Document, Identity
from ringup.services.models import Service

EXPORTS = Limit("personal-data", times=5, seconds=86_400)
TOO_OFTEN = "Your data was sent five times today. Try again tomorrow."
# What a draft holds of the person; what it holds besides (offers, costs) is the shop's own.
OWN_ANSWERS = ("company", "tenant", "destination", "administrator")
# A spreadsheet takes these for the beginning of a formula. A telephone number begins with + alone.
FORMULA_STARTS = ("=", "-", "@", "\t", "\r")

Row = dict[str, Any]


def export(user: User) -> bytes:
    """The ZIP file. The caller has asked for the password; written down, told by mail, limited."""
    if not count(EXPORTS, str(user.pk)):
        raise Refusal(TOO_OFTEN)
    letter = _letter(user)
    with transaction.atomic():
        subject = f"user:{user.uid}"
        Activity.record(user.as_actor(), subject, "took the personal data out")
        post(letter)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables_of(user):
            _write(archive, name, rows)
    return file.getvalue()


def tables_of(user: User) -> Iterable[tuple[str, list[Row]]]:
    """Name and rows of each table. The names are those of the files, without ``.csv``."""
    memberships = list(user.memberships.select_related("client").order_by("pk"))
    yield "you", [_person(user)]
    yield "clients", [_place(row) for row in memberships]
    yield (
        "devices",
        [
            {"browser": row.browser, "address": row.address, "since": row.since}
            for row in devices_of(user)
        ],
    )
    yield "activity", _activity(user, Q(actor=f"user:{user.pk}") | Q(subject=f"user:{user.uid}"))
    yield "mails", _mails(Q(to__iexact=user.email))
    for row in memberships:
        if row.may(May.EDIT_PEOPLE):
            yield from _client_tables(row.client, user, f"client-{str(row.client.uid)[:8]}")


def _person(user: User) -> Row:
    return {
        "email": user.email,
        "email_verified": user.email_verified,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "time_zone": user.time_zone,
        "language": user.language,
        "second_steps": steps_of([user]).get(user.pk, []),
        "since": user.date_joined,
        "signed_in_last": user.last_login,
    }


def _place(row: Membership) -> Row:
    topics = [topic for topic in Topic.values if row.wants(topic)]
    return {"client": row.client.name, "role": row.role, "mails_about": topics}


def _activity(user: User, wanted: Q) -> list[Row]:
    rows = Activity.objects.filter(wanted).order_by("pk")
    return [
        {
            "at": row.at,
            "by": "you" if row.actor == f"user:{user.pk}" else row.actor.partition(":")[0],
            "about": row.subject,
            "what": row.what,
            "detail": row.detail,
        }
        for row in rows.iterator()
    ]


def _mails(wanted: Q) -> list[Row]:
    rows = Outbox.objects.filter(wanted).order_by("pk")
    fields = ("created", "sent", "state", "to", "sender", "subject")
    return list(rows.values(*fields))


# -- of a client, for its owners ---------------------------------------------------------------------


def _client_tables(client: Client, user: User, folder: str) -> Iterable[tuple[str, list[Row]]]:
    yield f"{folder}/company", [_company(client)]
    yield f"{folder}/people", _people(client)
    yield f"{folder}/orders", _orders(client)
    yield f"{folder}/order_history", _history(client)
    yield f"{folder}/drafts", _drafts(client)
    yield f"{folder}/numbers", _numbers(client)
    yield f"{folder}/services", _services(client)
    yield f"{folder}/identities", _identities(client)
    yield f"{folder}/addresses", _addresses(client)
    yield f"{folder}/documents", _documents(client)
    yield f"{folder}/activity", _activity(user, Q(subject=f"client:{client.uid}"))
    yield f"{folder}/mails", _mails(Q(client_id=client.pk))


def _company(client: Client) -> Row:
    fields = (
        "name", "contact_name", "email", "phone", "street", "postal_code", "city", "region",
        "country", "vat_id", "time_zone", "currency", "created",
    )  # fmt: skip
    exempt = ClientTax.objects.filter(client=client).values_list("reason", flat=True)
    return {name: getattr(client, name) for name in fields} | {"pays_no_tax": exempt.first() or ""}


def _people(client: Client) -> list[Row]:
    rows = client.memberships.select_related("user").order_by("pk")
    return [
        {"name": row.user.get_full_name(), "email": row.user.email, "role": row.role}
        for row in rows
    ]


def _orders(client: Client) -> list[Row]:
    lines = OrderLine.objects.filter(order__client=client).select_related("order", "service")
    return [_order(line) for line in lines.order_by("pk").iterator()]


def _order(line: OrderLine) -> Row:
    quote, order = Quote.from_data(line.quote), line.order
    return {
        "order": order.label,
        "state": order.state,
        "submitted": order.submitted,
        "closed": order.closed,
        "what": line.text,
        "service": line.service.name,
        "first_payment": quote.first_payment,
        "recurring": quote.recurring,
        "each": quote.cycle.each,
    }


def _history(client: Client) -> list[Row]:
    """What the client reads on its pages; words among staff are not in it."""
    events = OrderEvent.objects.filter(order__client=client).exclude(text="")
    rows = events.select_related("order").order_by("pk")
    return [{"order": row.order.label, "at": row.at, "text": row.text} for row in rows.iterator()]


def _drafts(client: Client) -> list[Row]:
    rows = Draft.objects.for_client(client).order_by("pk")
    return [
        {
            "created": row.created,
            "state": row.state,
            "answers": {name: row.answers[name] for name in OWN_ANSWERS if name in row.answers},
        }
        for row in rows.iterator()
    ]


def _numbers(client: Client) -> list[Row]:
    rows = OwnedNumber.objects.for_client(client).order_by("pk")
    return [
        {
            "number": row.called,
            "country": row.country,
            "region": row.region,
            "place": row.rate_centre,
            "state": row.state,
            "price_monthly": row.price_monthly,
        }
        for row in rows.iterator()
    ]


def _services(client: Client) -> list[Row]:
    rows = Service.objects.for_client(client).order_by("pk")
    return [
        {
            "kind": row.kind,
            "name": row.name,
            "state": row.state,
            "created": row.created,
            "activated": row.activated,
            # Templates are our own settings of the PBX.
            "set_up": {name: value for name, value in row.wanted.items() if name != "templates"},
        }
        for row in rows.iterator()
    ]


def _identities(client: Client) -> list[Row]:
    """What was told for numbers that need papers. A row that was erased says nothing any more."""
    rows = Identity.objects.for_client(client).order_by("pk")
    return [
        {
            "identity": str(row.uid),
            "kind": row.kind,
            **identity_facts(row),
            "approved": row.approved,
            "since": row.created,
            "erased": row.erased,
        }
        for row in rows.iterator()
    ]


def _addresses(client: Client) -> list[Row]:
    rows = Address.objects.for_client(client).select_related("identity").order_by("pk")
    return [
        {
            "identity": str(row.identity.uid),
            **address_facts(row),
            "approved": row.approved,
            "since": row.created,
            "erased": row.erased,
        }
        for row in rows.iterator()
    ]


def _documents(client: Client) -> list[Row]:
    """The list; the files themselves are on the pages of the orders, as long as they are kept."""
    rows = Document.objects.for_client(client).order_by("pk")
    fields = (
        "purpose", "type_name", "name", "media_type", "size", "pages", "dated", "added", "added_by",
        "sent", "replaced", "erased",
    )  # fmt: skip
    return list(rows.values(*fields))


# -- the file ----------------------------------------------------------------------------------------


def _write(archive: zipfile.ZipFile, name: str, rows: list[Row]) -> None:
    plain = json.dumps(rows, default=str, ensure_ascii=False, indent=1)
    archive.writestr(f"{name}.json", plain)
    text = io.StringIO()
    if rows:
        writer = csv.writer(text)
        writer.writerow(rows[0])
        writer.writerows([_cell(value) for value in row.values()] for row in rows)
    archive.writestr(f"{name}.csv", text.getvalue())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False)
    text = str(value)
    is_formula = text.startswith(FORMULA_STARTS) or (
        text.startswith("+") and not text[1:].isdigit()
    )
    return f"'{text}" if is_formula else text


def file_name() -> str:
    """For the download."""
    return f"your-data-{timezone.now():%Y-%m-%d}.zip"


def _letter(user: User) -> Letter:
    client = user.clients.first()
    brand = client.brand if client else default_brand()
    return compose(
        "data-exported",
        key=f"data-exported/{user.pk}/{uuid.uuid4().hex}",
        to=user.email,
        brand=brand,
        client_id=client.pk if client else None,
        subject_of=f"user:{user.uid}",
        context={
            "contact": user.get_full_name() or user.email,
        },
    )
