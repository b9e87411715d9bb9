"""The job behind a closed account: whatever still names the person loses the name, not the value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from django.db.models import Q, QuerySet
from django.utils import timezone

from ringup.accounts.models import Client, Invitation
from ringup.core.models import Activity
from ringup.flows.personal_data.closing import FORMER, JOB
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.tickets import Ticket
from ringup.mail.models import Outbox
from ringup.orders.models import Draft, OrderEvent
from ringup.regulatory.erasing import erase_some_of
from ringup.services.models import Service
from ringup.services.wanted import WantedExtension, WantedTenant

# Rows that one transaction changes at most.
PORTION = 500
# A mail that still waits (the one that tells of the closing) is looked at again after this.
AGAIN_SECONDS = 3600
PERSONAL = ("company", "tenant", "destination", "administrator")


def forget(ticket: Ticket, *, user: int, uid: str, email: str, clients: list[int]) -> None:
    """Job: in portions, and again while a mail to the address waits. Running it twice changes no more."""
    ended = Client.objects.filter(pk__in=clients)
    portions: list[Callable[[], int]] = [
        lambda: _label(Activity.objects.filter(actor=f"user:{user}")),
        lambda: _label(OrderEvent.objects.filter(actor=f"user:{user}")),
        lambda: _empty_details(Activity.objects.filter(subject=f"user:{uid}")),
        lambda: _without_values([f"client:{client.uid}" for client in ended]),
        lambda: _without_address(email),
        lambda: _mails(Q(to__iexact=email) | Q(client_id__in=clients)),
        lambda: _drafts(clients),
        lambda: _services(clients),
    ]
    for portion in portions:
        done = PORTION
        while done == PORTION:
            ticket.check()
            with ticket.fenced():
                done = portion()
    done = PORTION
    while done:
        ticket.check()
        with ticket.fenced():
            done = erase_some_of(clients)
    with ticket.fenced():
        _invitations(email, clients)
        if Outbox.objects.filter(to__iexact=email, state=Outbox.State.WAITING).exists():
            enqueue(
                JOB, key=ticket.key, delay_seconds=AGAIN_SECONDS,
                user=user, uid=uid, email=email, clients=clients,
            )  # fmt: skip


def _label(rows: QuerySet[Activity] | QuerySet[OrderEvent]) -> int:
    """Who did it stays as a value (``user:17``), which leads to no name any more."""
    found = list(rows.exclude(actor_label=FORMER).values_list("pk", flat=True)[:PORTION])
    rows.model._default_manager.filter(pk__in=found).update(actor_label=FORMER)
    return len(found)


def _empty_details(rows: QuerySet[Activity]) -> int:
    """About the login itself: what happened and when stays, from where and called what goes."""
    quoting = Q(what__contains="“") & ~Q(what__contains="“…”")
    found = list(rows.filter(~Q(detail={}) | quoting).order_by("pk")[:PORTION])
    for row in found:
        row.detail, row.what = {}, re.sub("“.*”", "“…”", row.what)
    Activity.objects.bulk_update(found, ["detail", "what"])
    return len(found)


def _without_values(subjects: list[str]) -> int:
    """About a client that ended: which of its data was changed stays, from what to what goes."""
    rows = Activity.objects.filter(subject__in=subjects, what="changed the company's data")
    found = list(rows.exclude(detail__has_key="fields").order_by("pk")[:PORTION])
    for row in found:
        row.detail = {"fields": sorted(row.detail)}
    Activity.objects.bulk_update(found, ["detail"])
    return len(found)


def _without_address(email: str) -> int:
    """Invitations of this address, as they stand in the log of whoever invited it."""
    rows = Activity.objects.filter(subject__startswith="client:", detail__email=email.lower())
    found = list(rows.order_by("pk")[:PORTION])
    for row in found:
        del row.detail["email"]
    Activity.objects.bulk_update(found, ["detail"])
    return len(found)


def _mails(wanted: Q) -> int:
    """That a mail went out stays; to whom, and what it said, goes."""
    rows = Outbox.objects.filter(wanted).exclude(state=Outbox.State.WAITING).exclude(to="")
    found = list(rows.values_list("pk", flat=True)[:PORTION])
    Outbox.objects.filter(pk__in=found).update(to="", text_sealed="", html_sealed="")
    return len(found)


def _drafts(clients: list[int]) -> int:
    """What was typed into the wizard; the number and its price stay with the order."""
    rows = Draft.objects.filter(client__in=clients).exclude(state=Draft.State.OPEN)
    found = list(rows.filter(answers__has_any_keys=[*PERSONAL]).order_by("pk")[:PORTION])
    for row in found:
        row.answers = {step: kept for step, kept in row.answers.items() if step not in PERSONAL}
    Draft.objects.bulk_update(found, ["answers"])
    return len(found)


def _services(clients: list[int]) -> int:
    """Names and passwords of what ended."""
    rows = Service.objects.filter(client__in=clients, state=Service.State.CANCELLED)
    tenants = rows.filter(kind=Service.Kind.TENANT).exclude(wanted__administrator_email="")
    found = list(tenants.order_by("pk")[:PORTION])
    for row in found:
        row.wanted = _nameless(WantedTenant.from_data(row.wanted)).as_data()
    Service.objects.bulk_update(found, ["wanted"])
    rows.exclude(secrets_sealed="").update(secrets_sealed="")
    return len(found)


def _nameless(wanted: WantedTenant) -> WantedTenant:
    extensions = (
        WantedExtension(row.extension, f"Extension {row.extension}") for row in wanted.extensions
    )
    return replace(
        wanted, administrator_name="", administrator_email="", extensions=tuple(extensions)
    )


def _invitations(email: str, clients: list[int]) -> None:
    """One that another client sent and that still works stays: it is that client's, for a week."""
    living = Q(accepted=None, revoked=None, expires__gt=timezone.now())
    rows = Invitation.objects.filter(email__iexact=email)
    rows.exclude(living).delete()
    Invitation.objects.filter(client__in=clients).delete()
