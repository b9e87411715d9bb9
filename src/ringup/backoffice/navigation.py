"""The side navigation: which pages there are, for whom, and under which heading."""

from __future__ import annotations

from dataclasses import dataclass

from ringup.accounts.models import User
from ringup.accounts.roles import Can


@dataclass(frozen=True, slots=True)
class Entry:
    """One link. ``key`` is what a page gives as ``nav`` to be the current one."""

    key: str
    words: str
    icon: str
    url: str
    needs: Can


NAVIGATION: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry("home", "Today", "home", "office:home", Can.SEE_ORDERS),
            Entry("queue", "Provisioning queue", "inbox", "office:queue", Can.SEE_ORDERS),
            Entry("clients", "Clients", "users", "office:clients", Can.SEE_CLIENTS),
            Entry("search", "DID search", "search", "office:number-search", Can.SEARCH_NUMBERS),
            Entry("blocked", "Blocked buyers", "ban", "office:blocked", Can.WORK_ORDERS),
        ),
    ),
    (
        "Numbers",
        (
            Entry("inventory", "Inventory", "phone", "office:inventory", Can.SEE_NUMBERS),
            Entry("own-stock", "Own stock", "home", "office:own-stock", Can.SEE_NUMBERS),
            Entry("differences", "Differences", "drift", "office:differences", Can.SEE_NUMBERS),
        ),
    ),
    (
        "Catalogue",
        (
            Entry("products", "Products", "tag", "office:products", Can.SEE_CATALOGUE),
            Entry(
                "number-prices", "Number prices", "hash", "office:price-rules", Can.SEE_CATALOGUE
            ),
            Entry("promotions", "Promotions", "bolt", "office:promotions", Can.SEE_CATALOGUE),
            Entry("taxes", "Taxes and fees", "receipt", "office:taxes", Can.SEE_CATALOGUE),
            Entry("mappings", "Product mappings", "layers", "office:mappings", Can.SEE_MAPPINGS),
        ),
    ),
    (
        "Set-up",
        (
            Entry(
                "first-steps",
                "First steps",
                "check-circle",
                "office:first-steps",
                Can.EDIT_SETTINGS,
            ),
            Entry("providers", "Providers", "plug", "office:providers", Can.SEE_PROVIDERS),
            Entry("servers", "PBX servers", "server", "office:servers", Can.SEE_SERVERS),
            Entry("templates", "PBX templates", "doc", "office:templates", Can.SEE_SERVERS),
            Entry("mail-templates", "Mail texts", "edit", "office:mail-templates", Can.EDIT_MAILS),
            Entry("staff", "Staff", "users", "office:staff", Can.EDIT_STAFF),
            Entry("settings", "Settings", "gear", "office:settings", Can.EDIT_SETTINGS),
        ),
    ),
    (
        "Watch",
        (
            Entry("health", "Health", "signal", "office:health", Can.SEE_HEALTH),
            Entry("mails", "Mails", "mail", "office:mails", Can.SEE_MAILS),
            Entry("activity", "Activity log", "clock", "office:activity", Can.SEE_ACTIVITY),
        ),
    ),
)


def navigation_for(user: User) -> list[tuple[str, list[Entry]]]:
    """The groups with the links that the user's role may open; empty groups are left out."""
    groups = ((title, [e for e in entries if user.can(e.needs)]) for title, entries in NAVIGATION)
    return [(title, entries) for title, entries in groups if entries]
