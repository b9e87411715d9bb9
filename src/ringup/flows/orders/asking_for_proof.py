"""Mailing a client's owner once more the link that proves his e-mail address."""

from __future__ import annotations

import uuid

from django.db import transaction

from ringup.accounts import profiles
from ringup.accounts.brands import url_of
from ringup.accounts.letters import compose
from ringup.accounts.member_roles import MemberRole
from ringup.accounts.models import User
from ringup.accounts.passwords import set_password_path
from ringup.core.actors import Actor
from ringup.core.limiting import Limit, count
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.mail.sending import post
from ringup.orders.models import Order

AGAIN = Limit("proof-again", times=3, seconds=3_600)


def ask_for_proof(order: Order, *, actor: Actor) -> str:
    """Mail the link to the client's first owner who has not proved his address; returns where to."""
    owner = _owner(order)
    if not count(AGAIN, str(order.uid)):
        raise Refusal("The link was mailed three times within an hour. Nothing was sent. Wait.")
    if owner.has_usable_password():
        profiles.ask_to_verify(owner)
    else:
        _mail_link(order, owner)
    what = f"mailed {owner.email} the link to prove the address"
    Activity.record(actor, f"order:{order.uid}", what)
    return owner.email


def _owner(order: Order) -> User:
    rows = User.objects.filter(
        memberships__client=order.client, memberships__role=MemberRole.OWNER, is_active=True
    )
    owner = rows.filter(email_verified=None).exclude(email="").order_by("pk").first()
    if owner is None:
        raise Refusal("No owner of this client has an address left to prove. Nothing was sent.")
    return owner


def _mail_link(order: Order, owner: User) -> None:
    """Where no password was ever set, setting one proves the address. The link signs in: it goes to
    the login's own mailbox alone."""
    brand = order.brand
    letter = compose(
        "prove-address",
        key=f"prove/{owner.pk}/{uuid.uuid4().hex}",
        to=owner.email,
        brand=brand,
        client_id=order.client_id,
        subject_of=f"order:{order.uid}",
        context={
            "contact": owner.get_full_name() or order.client.contact_name,
            "order_label": order.label,
            "set_password_url": url_of(brand) + set_password_path(owner),
        },
    )
    with transaction.atomic():
        post(letter)
