"""What staff may do: one capability for each kind of work, and six roles made of them."""

from __future__ import annotations

import enum

from django.db import models


class Can(enum.StrEnum):
    """One capability. Every page of the back office asks for exactly one."""

    SEE_ORDERS = "see-orders"
    WORK_ORDERS = "work-orders"
    EXPORT_ORDERS = "export-orders"
    SEE_PAPERS = "see-papers"
    ACT_AS_CLIENT = "act-as-client"
    SEE_CLIENTS = "see-clients"
    EDIT_CLIENTS = "edit-clients"
    SEARCH_NUMBERS = "search-numbers"
    SEE_NUMBERS = "see-numbers"
    WORK_NUMBERS = "work-numbers"
    SEE_CATALOGUE = "see-catalogue"
    EDIT_CATALOGUE = "edit-catalogue"
    EDIT_PRICES = "edit-prices"
    SEE_MAPPINGS = "see-mappings"
    EDIT_MAPPINGS = "edit-mappings"
    SEE_PROVIDERS = "see-providers"
    EDIT_PROVIDERS = "edit-providers"
    RELEASE_PROVIDERS = "release-providers"
    SEE_SERVERS = "see-servers"
    EDIT_SERVERS = "edit-servers"
    SEE_HEALTH = "see-health"
    SEE_ACTIVITY = "see-activity"
    SEE_MAILS = "see-mails"
    WORK_MAILS = "work-mails"
    EDIT_MAILS = "edit-mails"
    EDIT_STAFF = "edit-staff"
    EDIT_SETTINGS = "edit-settings"

    @property
    def words(self) -> str:
        """For the page of roles, and for a refusal: "you may not …"."""
        return WORDS[self]


WORDS = {
    Can.SEE_ORDERS: "see orders",
    Can.WORK_ORDERS: "approve, change and end orders",
    Can.EXPORT_ORDERS: "export orders",
    Can.SEE_PAPERS: "look at clients’ identity papers",
    Can.ACT_AS_CLIENT: "act as a client, without his secrets",
    Can.SEE_CLIENTS: "see clients and what they have",
    Can.EDIT_CLIENTS: "write notes about clients",
    Can.SEARCH_NUMBERS: "search numbers at a provider",
    Can.SEE_NUMBERS: "see the numbers that we own, and what they cost",
    Can.WORK_NUMBERS: "change the own stock, settle differences, give numbers back",
    Can.SEE_CATALOGUE: "see products and prices",
    Can.EDIT_CATALOGUE: "change products and bundles",
    Can.EDIT_PRICES: "change prices, price rules and exchange rates",
    Can.SEE_MAPPINGS: "see product mappings",
    Can.EDIT_MAPPINGS: "change product mappings",
    Can.SEE_PROVIDERS: "see providers, without secrets",
    Can.EDIT_PROVIDERS: "change and test providers",
    Can.RELEASE_PROVIDERS: "release a provider for production",
    Can.SEE_SERVERS: "see PBX servers and templates, without secrets",
    Can.EDIT_SERVERS: "change and test PBX servers and templates",
    Can.SEE_HEALTH: "see the health page",
    Can.SEE_ACTIVITY: "read and export the activity log",
    Can.SEE_MAILS: "see which mails went out",
    Can.WORK_MAILS: "read mails and send them again",
    Can.EDIT_MAILS: "change the words of mails",
    Can.EDIT_STAFF: "invite staff and change roles",
    Can.EDIT_SETTINGS: "change brand, mail and other settings",
}


class Role(models.TextChoices):
    """What a member of staff is here for."""

    OWNER = "owner", "Owner"
    MANAGER = "manager", "Manager"
    PROVISIONING = "provisioning", "Provisioning"
    BILLING = "billing", "Billing"
    SUPPORT = "support", "Support"
    READ_ONLY = "read-only", "Read only"


_SEES = frozenset(
    {
        Can.SEE_ORDERS,
        Can.SEE_CLIENTS,
        Can.SEE_NUMBERS,
        Can.SEE_CATALOGUE,
        Can.SEE_MAPPINGS,
        Can.SEE_PROVIDERS,
        Can.SEE_SERVERS,
        Can.SEE_HEALTH,
        Can.SEE_MAILS,
    }
)
_OWNERS_ALONE = frozenset({Can.RELEASE_PROVIDERS, Can.EDIT_STAFF, Can.EDIT_SETTINGS})

CAPABILITIES: dict[str, frozenset[Can]] = {
    Role.OWNER: frozenset(Can),
    Role.MANAGER: frozenset(Can) - _OWNERS_ALONE,
    Role.PROVISIONING: _SEES
    | {
        Can.WORK_ORDERS,
        Can.EXPORT_ORDERS,
        Can.SEE_PAPERS,
        Can.ACT_AS_CLIENT,
        Can.SEARCH_NUMBERS,
        Can.WORK_NUMBERS,
        Can.EDIT_SERVERS,
        Can.EDIT_MAPPINGS,
        Can.WORK_MAILS,
    },
    Role.BILLING: _SEES
    | {
        Can.EXPORT_ORDERS,
        Can.EDIT_CLIENTS,
        Can.EDIT_CATALOGUE,
        Can.EDIT_PRICES,
        Can.SEE_ACTIVITY,
    },
    Role.SUPPORT: _SEES | {Can.WORK_MAILS, Can.SEARCH_NUMBERS, Can.ACT_AS_CLIENT, Can.EDIT_CLIENTS},
    Role.READ_ONLY: _SEES,
}


def capabilities(role: str) -> frozenset[Can]:
    """What a role allows; nothing for a role that does not exist."""
    return CAPABILITIES.get(role, frozenset())
