"""A guest who orders becomes a client.

Whether an address has a login already is told to nobody who types it: the order is placed all the same,
for a client of its own. Whose login it is gets an invitation by mail, where others get a link to
choose a password (``flows.receiving``). Nothing here hashes a password, so neither way is slower.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from ringup.accounts.models import Client, Membership, User
from ringup.flows.paying_from import ADDRESS
from ringup.orders.models import Draft


def open_client(drafts: Sequence[Draft]) -> Client:
    """In the transaction that submits a guest's drafts: a client with a login that has no password
    yet, or without a login where the address has one. The buyer is who the first item says."""
    draft = drafts[0]
    answers = draft.answers["company"]
    email = answers["email"].lower()
    user = _new_login(email, answers["contact"])
    zones = (one.answers.get("administrator", {}).get("time_zone") for one in drafts)
    client = Client.objects.create(
        brand=draft.brand,
        name=answers["company"],
        contact_name=answers["contact"],
        email=email,
        phone=answers["phone"],
        time_zone=next((zone for zone in zones if zone), draft.brand.time_zone),
        currency=draft.currency,
        # Drafts from before the address was asked have none.
        **{name: answers.get(name, "") for name in ADDRESS},
    )
    if user is not None:
        Membership.objects.create(user=user, client=client, role=Membership.Role.OWNER)
    Draft.objects.filter(pk__in=[one.pk for one in drafts]).update(client=client)
    return client


def _new_login(email: str, name: str) -> User | None:
    """None where the address has one: then this row cannot be written, however many try at once."""
    # People sign in by e-mail; the user name only has to be there and be unique.
    user = User(username=uuid.uuid4().hex, email=email, first_name=name)
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        return None
    return user


def waits_for_owner(client: Client) -> bool:
    """Whether nobody belongs to the client, since its address had a login when it ordered first."""
    return not Membership.objects.filter(client=client).exists()


def known_login(client: Client) -> User | None:
    """The login that has the client's address and does not belong to it."""
    rows = User.objects.filter(email__iexact=client.email).exclude(memberships__client=client)
    return rows.first()
