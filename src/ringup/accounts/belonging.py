"""Who belongs to a client: roles changed, members removed, people who leave.

A client always has an owner. Changes of its people queue up at the client's row, so that two owners
who demote each other at once find one of them an owner still.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ringup.accounts.letters import compose
from ringup.accounts.member_roles import May, MemberRole, Topic
from ringup.accounts.models import Client, Invitation, Membership, User
from ringup.accounts.signing_in import end_sessions
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.prepared import prepared
from ringup.core.sentences import Refusal
from ringup.mail.sending import Letter, post

LAST_OWNER = (
    "{name} is the only owner of {client}. Make somebody else an owner first. Nothing was changed."
)
NOT_YOURSELF = "To leave {client} yourself, use “Leave” on your profile."
NO_OWNER_ANY_MORE = "You are no owner of {client} any more, so nothing was changed."
NO_MEMBER = "This person does not belong to {client} any more. Nothing was changed."


def name_of(user: User) -> str:
    return user.get_full_name() or user.email


@contextmanager
def alone(client: Client, by: User) -> Iterator[Actor]:
    """Inside, nobody else changes the client's people, and ``by`` may do so now."""
    with transaction.atomic():
        locked(client)
        own = Membership.objects.filter(client=client, user=by).first()
        if own is None or not own.may(May.EDIT_PEOPLE):
            raise Refusal(NO_OWNER_ANY_MORE.format(client=client.name))
        yield by.as_actor()


def locked(client: Client) -> None:
    """In a transaction: whoever else changes this client's people waits here."""
    _locked(client.pk)


@prepared
def _locked(client: int) -> QuerySet[Client, tuple[int]]:
    return Client.objects.select_for_update().filter(pk=client).values_list("pk")


def keep_an_owner(member: Membership) -> None:
    """Refuse when the client would have no owner without this one."""
    others = Membership.objects.filter(
        client=member.client, role=MemberRole.OWNER, user__is_active=True
    ).exclude(pk=member.pk)
    if member.role == MemberRole.OWNER and not others.exists():
        sentence = LAST_OWNER.format(name=name_of(member.user), client=member.client.name)
        raise Refusal(sentence, field="role")


def _fresh(client: Client, user: User) -> Membership:
    """The membership as it is now, not as it was on the page."""
    rows = Membership.objects.select_related("user", "client")
    found = rows.filter(client=client, user=user).first()
    if found is None:
        raise Refusal(NO_MEMBER.format(client=client.name))
    return found


def change_role(client: Client, user: User, *, role: str, by: User) -> None:
    """Another role, which counts from the next page on. What mails go there is the new role's."""
    with alone(client, by) as actor:
        member = _fresh(client, user)
        if member.role == role:
            return
        keep_an_owner(member)
        Membership.objects.filter(pk=member.pk).update(role=role, topics=None)
        _record(actor, client, user, "changed a member's role", role=[member.role, role])


def remove(client: Client, user: User, *, by: User) -> None:
    """Out at once: every session ends, and an open invitation of the same address."""
    if user.pk == by.pk:
        raise Refusal(NOT_YOURSELF.format(client=client.name))
    letter = _removed_letter(client, user)
    with alone(client, by) as actor:
        member = _fresh(client, user)
        keep_an_owner(member)
        _take_out(member)
        end_sessions(user)
        post(letter)
        _record(actor, client, user, "removed a member", role=member.role)


def leave(client: Client, user: User) -> None:
    """Go by oneself. The sessions stay: the login may belong to others."""
    with transaction.atomic():
        locked(client)
        member = _fresh(client, user)
        keep_an_owner(member)
        _take_out(member)
        _record(user.as_actor(), client, user, "left", role=member.role)


def _take_out(member: Membership) -> None:
    open_ones = Invitation.objects.filter(client=member.client, accepted=None, revoked=None)
    open_ones.filter(email__iexact=member.user.email).update(revoked=timezone.now())
    member.delete()


def choose_topics(member: Membership, topics: list[str]) -> None:
    """What this member wants mails about."""
    chosen = [topic for topic in Topic.values if topic in topics]
    with transaction.atomic():
        Membership.objects.filter(pk=member.pk).update(topics=chosen)
        _record(member.user.as_actor(), member.client, member.user, "chose mails", topics=chosen)


def _record(actor: Actor, client: Client, user: User, what: str, **detail: object) -> None:
    """About the client; whom it concerns stands there as a value, not by name."""
    Activity.record(actor, f"client:{client.uid}", what, member=f"user:{user.pk}", **detail)


def _removed_letter(client: Client, user: User) -> Letter:
    brand = client.brand
    return compose(
        "member-removed",
        key=f"member-removed/{user.pk}/{uuid.uuid4().hex}",
        to=user.email,
        brand=brand,
        client_id=client.pk,
        subject_of=f"user:{user.uid}",
        context={
            "contact": name_of(user),
            "client": client.name,
        },
    )
