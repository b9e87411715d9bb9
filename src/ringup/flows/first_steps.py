"""The way from an empty installation to the first sale: six steps, each proved by what is there.

Nothing is stored about the way itself, so it can be left and resumed at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ringup.accounts import branding, first_owner
from ringup.accounts.brands import default_brand
from ringup.carriers.models import CarrierAccount
from ringup.catalog import selling
from ringup.core.models import Activity
from ringup.mail import configuring
from ringup.mail.models import MailServer, Outbox
from ringup.pbx.models import PbxServer


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One step: what to do, why, where, and whether it is done."""

    slug: str
    title: str
    text: str
    url_name: str
    is_done: bool


def first_steps() -> list[FirstStep]:
    """All steps in their order. Reads a few rows; asks nobody outside."""
    return [
        FirstStep(slug, title, text, url_name, is_done())
        for slug, title, text, url_name, is_done in _STEPS
    ]


def is_selling() -> bool:
    """Whether the shop has anything to sell."""
    currency = default_brand().currency
    return bool(selling.visible_products(currency) or selling.visible_bundles(currency))


def _has_owner() -> bool:
    return not first_owner.is_needed()


def _is_branded() -> bool:
    return branding.is_named(default_brand())


def _mails() -> bool:
    """A test mail arrived at a server, or any mail did."""
    return (
        MailServer.objects.filter(tested__isnull=False).exists()
        or Activity.objects.filter(subject=configuring.SUBJECT_OF, what=configuring.SENT).exists()
        or Outbox.objects.filter(state=Outbox.State.SENT).exists()
    )


def _has_carrier() -> bool:
    accounts = CarrierAccount.objects.filter(is_enabled=True, is_retired=False)
    reports = (account.last_report for account in accounts)
    return any(report is not None and report.works for report in reports)


def _has_server() -> bool:
    servers = PbxServer.objects.filter(is_enabled=True)
    return any(server.tested and server.last_test.is_good for server in servers)


_STEPS: tuple[tuple[str, str, str, str, Callable[[], bool]], ...] = (
    (
        "owner",
        "Owner",
        "A login that may do everything. Invite the others, each with a role of their own.",
        "office:staff",
        _has_owner,
    ),
    (
        "brand",
        "Brand and currency",
        "Your name, the sender of your mails, your time zone, and the currency of your prices.",
        "office:settings",
        _is_branded,
    ),
    (
        "mail",
        "Mail server",
        "Confirmations, welcome mails and password links go out by it. A test mail proves it.",
        "office:mail-server",
        _mails,
    ),
    (
        "provider",
        "First provider",
        "An account at a carrier that sells numbers. Its connection test shows the balance.",
        "office:providers",
        _has_carrier,
    ),
    (
        "server",
        "First PBX server",
        "The FusionPBX on which tenants are built. Its test says what is missing.",
        "office:servers",
        _has_server,
    ),
    (
        "product",
        "First product",
        "Something to sell, mapped to the provider. A starting catalogue takes one form.",
        "office:starting-catalogue",
        is_selling,
    ),
)
