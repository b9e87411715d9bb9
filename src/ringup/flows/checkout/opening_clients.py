"""A guest who orders becomes a client; and staff opens one for who calls.

Whether an address has a login already is told to nobody who types it: the order is placed all the same,
for a client of its own. Whose login it is gets an invitation by mail, where others get a link to
choose a password (``flows.receiving``). Nothing here hashes a password, so neither way is slower.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from ringup.accounts.models import Brand, Client, Membership, User
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.prepared import prepared
from ringup.core.sentences import Refusal
from ringup.flows.checkout.paying_from import ADDRESS
from ringup.orders.models import Draft

KNOWN_EMAIL = (
    "This e-mail address has an account already, so no client was opened. Look for the client above, "
    "or type another address."
)


@dataclass(frozen=True, slots=True)
class NewClient:
    """Who it is. ``phone`` is E.164; ``address`` has columns of ``Client``; an empty ``currency`` or
    ``time_zone`` is the brand's."""

    company: str
    contact: str
    email: str
    phone: str
    address: Mapping[str, str]
    currency: str = ""
    time_zone: str = ""


def open_client(drafts: Sequence[Draft]) -> Client:
    """In the transaction that submits a guest's drafts: a client with a login that has no password
    yet, or without a login where the address has one. The buyer is who the first item says."""
    draft = drafts[0]
    answers = draft.answers["company"]
    zones = (one.answers.get("administrator", {}).get("time_zone") for one in drafts)
    new = NewClient(
        company=answers["company"],
        contact=answers["contact"],
        email=answers["email"],
        phone=answers["phone"],
        # Drafts from before the address was asked have none.
        address={name: answers.get(name, "") for name in ADDRESS},
        currency=draft.currency,
        time_zone=next((zone for zone in zones if zone), ""),
    )
    client = _write(new, draft.brand, _new_login(new, draft.brand))
    Draft.objects.filter(pk__in=[one.pk for one in drafts]).update(client=client)
    return client


def open_for_caller(new: NewClient, *, brand: Brand, actor: Actor) -> Client:
    """By staff: a client with a login for its owner that has no password yet; the mail about the first
    order carries the link to choose one, and staff can send it before. Refuses an address that is
    somebody's login, also when two come at once: staff may know, and looks for the client."""
    with transaction.atomic():
        user = _new_login(new, brand)
        if user is None:
            raise Refusal(KNOWN_EMAIL, field="email")
        client = _write(new, brand, user)
        Activity.record(actor, f"client:{client.uid}", "opened the client", name=client.name)
    return client


def _write(new: NewClient, brand: Brand, owner: User | None) -> Client:
    client = Client.objects.create(
        brand=brand,
        name=new.company,
        contact_name=new.contact,
        email=new.email.lower(),
        phone=new.phone,
        time_zone=new.time_zone or brand.time_zone,
        currency=new.currency or brand.currency,
        **new.address,
    )
    if owner is not None:
        Membership.objects.create(user=owner, client=client, role=Membership.Role.OWNER)
    return client


def _new_login(new: NewClient, brand: Brand) -> User | None:
    """It reads the brand's language. None where the address has a login: then this row cannot be
    written, however many try at once."""
    # People sign in by e-mail; the user name only has to be there and be unique.
    user = User(username=uuid.uuid4().hex, email=new.email.lower(), first_name=new.contact)
    user.language = brand.language
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        return None
    return user


def waits_for_owner(client: Client) -> bool:
    """Whether nobody belongs to the client, since its address had a login when it ordered first."""
    return not _members(client.pk)


@prepared
def _members(client: int) -> QuerySet[Membership, tuple[int]]:
    return Membership.objects.filter(client=client).values_list("pk")[:1]


def known_login(client: Client) -> User | None:
    """The login that has the client's address and does not belong to it."""
    rows = User.objects.filter(email__iexact=client.email).exclude(memberships__client=client)
    return rows.first()
