"""Low balances at carriers: a mail a day while one is low, before an order fails for it."""

from __future__ import annotations

import logging
from hashlib import sha256
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from ringup.accounts.brands import default_brand
from ringup.accounts.letters import compose
from ringup.accounts.models import Brand
from ringup.accounts.staff_notices import Notice, readers
from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.core.failures import PortFailure
from ringup.core.money import Money
from ringup.jobs.tickets import Ticket
from ringup.mail.sending import Letter, post

log = logging.getLogger(__name__)


def watch(ticket: Ticket) -> None:
    """Job of a schedule: ask each enabled account with a threshold, and mail where it is low. Run
    twice it mails once: the letter's key is account, day and reader."""
    watched = CarrierAccount.objects.filter(is_enabled=True, low_balance_micros__isnull=False)
    brand = default_brand()
    for account in watched.order_by("pk"):
        ticket.check()
        balance = _balance(account)
        if balance is not None and balance < account.low_balance:
            letters = [_letter(account, balance, brand, to) for to in _readers(account)]
            with ticket.fenced():
                for letter in letters:
                    post(letter)


def _balance(account: CarrierAccount) -> Money | None:
    """The balance now; None where the carrier does not tell, or tells another currency than the
    threshold has. One that is away must not keep the others from being asked."""
    try:
        with carrier_for(account) as carrier:
            balance = carrier.balance()
    except PortFailure as failure:
        log.warning("the balance of %s is not known: %s", account, failure)
        return None
    if balance.currency != account.low_balance.currency:
        log.warning("the balance of %s and its threshold are in two currencies", account)
        return None
    return balance


def _readers(account: CarrierAccount) -> list[str]:
    if account.low_balance_email:
        return [account.low_balance_email]
    return [user.email for user in readers(Notice.LOW_BALANCE)]


def _letter(account: CarrierAccount, balance: Money, brand: Brand, to: str) -> Letter:
    today = timezone.now().astimezone(ZoneInfo(brand.time_zone)).date()
    return compose(
        "low-balance",
        key=f"carrier/{account.uid}/low-balance/{today}/{sha256(to.encode()).hexdigest()[:12]}",
        to=to,
        brand=brand,
        client_id=None,
        subject_of=f"carrier:{account.uid}",
        context={
            "provider": account.name,
            "balance": balance,
            "threshold": account.low_balance,
            "portal_url": account.portal_url,
            "support_contact": account.support_contact,
            "office_url": settings.RINGUP_URL + reverse("office:providers"),
        },
    )
