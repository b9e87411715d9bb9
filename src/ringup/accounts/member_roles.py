"""What a client's people may do: one capability for each kind of page, and three roles made of them.

Staff's own roles are in ``accounts.roles``; the two have nothing in common but the form.
"""

from __future__ import annotations

import enum

from django.db import models


class MemberRole(models.TextChoices):
    """What a login is at a client."""

    OWNER = "owner", "Owner"
    TECHNICAL = "technical", "Technical"
    BILLING = "billing", "Billing"


class May(enum.StrEnum):
    """One capability. Every page of the portal that shows a client's things asks for exactly one."""

    SEE_ORDERS = "see-orders"
    WORK_ORDERS = "work-orders"
    SEE_PRICES = "see-prices"
    SEE_SERVICES = "see-services"
    SEE_PAPERS = "see-papers"
    SEE_SECRETS = "see-secrets"
    EDIT_COMPANY = "edit-company"
    EDIT_PEOPLE = "edit-people"

    @property
    def words(self) -> str:
        """For the page of people, and for a refusal: "you may not …"."""
        return WORDS[self]


WORDS = {
    May.SEE_ORDERS: "follow orders",
    May.WORK_ORDERS: "order, choose another number, cancel",
    May.SEE_PRICES: "see what orders cost",
    May.SEE_SERVICES: "see PBXes and numbers",
    May.SEE_PAPERS: "open uploaded documents",
    May.SEE_SECRETS: "ask for SIP passwords",
    May.EDIT_COMPANY: "change the company's data",
    May.EDIT_PEOPLE: "invite people and change roles",
}

CAPABILITIES: dict[str, frozenset[May]] = {
    MemberRole.OWNER: frozenset(May),
    MemberRole.TECHNICAL: frozenset(
        {May.SEE_ORDERS, May.WORK_ORDERS, May.SEE_PAPERS, May.SEE_SERVICES, May.SEE_SECRETS}
    ),
    MemberRole.BILLING: frozenset(
        {May.SEE_ORDERS, May.WORK_ORDERS, May.SEE_PAPERS, May.SEE_PRICES, May.EDIT_COMPANY}
    ),
}

# What a member of staff who acts as a client stands in as. No role that anybody can have: the database
# refuses a membership with it. What is not named here stays with the client's own people.
STANDING_IN = "acting"
WHILE_STANDING_IN = frozenset({May.SEE_ORDERS, May.WORK_ORDERS, May.SEE_PRICES, May.SEE_SERVICES})


def capabilities(role: str) -> frozenset[May]:
    """What a role allows; nothing for a role that does not exist."""
    if role == STANDING_IN:
        return WHILE_STANDING_IN
    return CAPABILITIES.get(role, frozenset())


class Topic(models.TextChoices):
    """What mails about a client can be about; each member chooses which he gets."""

    ORDERS = "orders", "Orders: received, ready, rejected, a question to you"
    BILLING = "billing", "Billing: what was paid, what is due"
    SERVICE = "service", "Service: problems, and work on your PBX or number"


# Who gets what while he has chosen nothing himself.
USUAL_TOPICS: dict[str, frozenset[str]] = {
    MemberRole.OWNER: frozenset(Topic.values),
    MemberRole.TECHNICAL: frozenset({Topic.ORDERS, Topic.SERVICE}),
    MemberRole.BILLING: frozenset({Topic.BILLING}),
}
