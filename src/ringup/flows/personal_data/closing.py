"""A person closes his account: names go at once, what else names him is erased by a job behind it."""

from __future__ import annotations

import uuid

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from ringup.accounts.belonging import locked
from ringup.accounts.brands import default_brand
from ringup.accounts.letters import compose
from ringup.accounts.member_roles import MemberRole
from ringup.accounts.models import Client, EmailChange, Membership, User
from ringup.accounts.signing_in import end_sessions
from ringup.catalog.rule_models import ClientTax
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows.checkout.keeping_passwords import NO_SECRETS
from ringup.jobs.enqueuing import enqueue
from ringup.mail.sending import Letter, post
from ringup.orders.models import Draft, Order
from ringup.services.models import Service

FORMER = "Former user"
JOB = "accounts.forget"
OTHERS = (
    "You are the only owner of {client}, and others belong to it. Make one of them an owner, or "
    "remove them first. Nothing was changed."
)
RUNNING = (
    "You are the only owner of {client}, and it has {what}. Make somebody else an owner, or write to "
    "{support} to end them first. Nothing was changed."
)
OPEN = [Order.State(state) for state, further in Order.MOVES.items() if further]
ADDRESS = ("street", "postal_code", "city", "region", "country", "vat_id")


def close(user: User) -> None:
    """Erase the person. Who is the last owner of a client with something running, or with other
    people, is refused with what to do. The caller has asked for the password."""
    letter, old = _letter(user), user.email
    with transaction.atomic():
        ended = _leave_all(user)
        _erase(user)
        actor = Actor(f"user:{user.pk}", FORMER)
        Activity.record(actor, f"user:{user.uid}", "closed the account")
        post(letter)
        enqueue(
            JOB,
            key=f"forget/{user.pk}",
            user=user.pk,
            uid=str(user.uid),
            email=old,
            clients=[client.pk for client in ended],
        )


def _leave_all(user: User) -> list[Client]:
    """Leave every client; those whose only person this was are ended, and returned."""
    ended = []
    clients = Client.objects.filter(memberships__user=user).select_related("brand")
    for client in clients.order_by(
        "pk"
    ):  # in one order, so that two who leave never lock crosswise
        locked(client)
        member = Membership.objects.get(client=client, user=user)
        others = Membership.objects.filter(client=client).exclude(pk=member.pk)
        owners = others.filter(role=MemberRole.OWNER, user__is_active=True)
        if member.role == MemberRole.OWNER and not owners.exists():
            if others.exists():
                raise Refusal(OTHERS.format(client=client.name))
            _end(client)
            ended.append(client)
        member.delete()
    return ended


def _end(client: Client) -> None:
    """Nobody is left. What was sold stays with the name and address that bookkeeping must keep."""
    # First: an order that is being placed now waits here, or finds its draft gone.
    drafts = Draft.objects.filter(client=client, state=Draft.State.OPEN)
    drafts.update(state=Draft.State.EXPIRED, **NO_SECRETS)
    _require_nothing_running(client)
    wanted = {"contact_name": "", "email": "", "phone": ""}
    if not Service.objects.filter(client=client, activated__isnull=False).exists():
        wanted |= {"name": f"Closed {str(client.uid)[:8]}"} | dict.fromkeys(ADDRESS, "")
        ClientTax.objects.filter(client=client).delete()
    Client.objects.filter(pk=client.pk).update(**wanted)
    actor = Actor("ringup", "Ringup")
    Activity.record(actor, f"client:{client.uid}", "ended: its last owner closed the account")


def _require_nothing_running(client: Client) -> None:
    services = Service.objects.for_client(client).exclude(state=Service.State.CANCELLED).count()
    orders = Order.objects.for_client(client).filter(state__in=OPEN).count()
    what = [
        f"{number} {word}{'' if number == 1 else 's'}"
        for number, word in ((services, "running service"), (orders, "open order"))
        if number
    ]
    if what:
        brand = client.brand
        sentence = RUNNING.format(
            client=client.name, what=" and ".join(what), support=brand.support_email
        )
        raise Refusal(sentence)


def _erase(user: User) -> None:
    EmailChange.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
    User.objects.filter(pk=user.pk).update(
        username=uuid.uuid4().hex,
        email="",
        first_name="",
        last_name="",
        password=make_password(None),
        is_active=False,
        email_verified=None,
        time_zone="",
        language="en",
        last_login=None,
        closed=timezone.now(),
    )


def _letter(user: User) -> Letter:
    client = user.clients.first()
    brand = client.brand if client else default_brand()
    return compose(
        "account-closed",
        key=f"account-closed/{user.pk}",
        to=user.email,
        brand=brand,
        client_id=None,
        subject_of=f"user:{user.uid}",
        context={
            "contact": user.get_full_name() or user.email,
        },
    )
