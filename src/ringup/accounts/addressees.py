"""To whom a mail about a client goes: its own address, and the members who want to hear of it."""

from __future__ import annotations

from dataclasses import dataclass

from ringup.accounts.member_roles import Topic
from ringup.accounts.models import Client, Membership, User


@dataclass(frozen=True, slots=True)
class Addressee:
    """One mailbox. ``user`` is the login behind it, None for an address of the company's alone.
    ``suffix`` tells the mails of one event apart in the outbox; the company's own has none."""

    email: str
    contact: str
    user: User | None
    suffix: str


def addressees(client: Client, topic: Topic, *, must: bool = False) -> list[Addressee]:
    """The mailboxes for a mail about ``topic``, each once, the company's first.

    The company's address is left out only where it is a member's and he wants no such mails. With
    ``must`` somebody gets it even when nobody wants it: something waits for an answer.
    """
    rows = Membership.objects.filter(client=client, user__is_active=True).exclude(user__email="")
    members = list(rows.select_related("user").order_by("pk"))
    own = next((row for row in members if _same(row.user.email, client.email)), None)
    found = [
        Addressee(row.user.email, _name(row.user), row.user, f"/{row.user.pk}")
        for row in members
        if row.wants(topic) and row is not own
    ]
    if client.email and (own is None or own.wants(topic) or (must and not found)):
        user = own.user if own else None
        found.insert(0, Addressee(client.email, client.contact_name, user, ""))
    return found


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _name(user: User) -> str:
    return user.get_full_name() or user.email
