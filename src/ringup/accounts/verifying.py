"""Whether mails to a login's address reach the person behind it: a link that was followed proves it."""

from __future__ import annotations

from django.utils import timezone

from ringup.accounts.member_roles import MemberRole
from ringup.accounts.models import Client, Membership, User


def proved(user: User) -> None:
    """A link that was mailed to the login's present address was followed."""
    rows = User.objects.filter(pk=user.pk, email=user.email, email_verified=None)
    if rows.update(email_verified=timezone.now()):
        user.refresh_from_db(fields=["email_verified"])


def is_verified(client: Client) -> bool:
    """Whether an owner of the client has proved his address: for staff, before it trusts an order."""
    owners = Membership.objects.filter(client=client, role=MemberRole.OWNER)
    return owners.filter(user__email_verified__isnull=False).exists()
