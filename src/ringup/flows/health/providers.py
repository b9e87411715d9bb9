"""Every provider account that is in use: reachable, released, and with money on it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import adapter_class, carrier_for
from ringup.core.money import Money
from ringup.flows.health.findings import Check, Group, Verdict, broken, doubtful, fine

READ_SECONDS = 8.0


def account(row: CarrierAccount) -> Verdict:
    """The adapter's own connection test, with less patience than an order has."""
    row.read_timeout_seconds = min(row.read_timeout_seconds, READ_SECONDS)
    with carrier_for(row) as carrier:
        report = carrier.test_connection()
    if not report.works:
        return broken(report.problem, report.remedy)
    if report.balance is not None and (poor := _too_low(row, report.balance)):
        return poor
    balance = f", balance {report.balance}" if report.balance is not None else ""
    maturity = adapter_class(row.kind).maturity
    return fine(f"Reachable{balance}; {row.get_environment_display().lower()}, {maturity}.")


def _too_low(row: CarrierAccount, balance: Money) -> Verdict | None:
    remedy = f"Top it up{f': {row.portal_url}' if row.portal_url else ''}."
    if balance.micros <= 0:
        return broken(f"The balance is {balance}: no number can be bought.", remedy)
    bound = row.low_balance
    if bound is not None and bound.currency == balance.currency and balance < bound:
        return doubtful(f"The balance is {balance}, below {bound}.", remedy)
    return None


def _secrets(row: CarrierAccount) -> Iterable[str]:
    return row.connection().secrets.values()


def checks() -> list[Check]:
    """One per account; those switched off are left alone."""
    rows = list(CarrierAccount.objects.filter(is_enabled=True).order_by("name"))
    if not rows:
        return [Check(Group.PROVIDERS, "Providers", _none)]
    return [
        Check(
            Group.PROVIDERS,
            row.name,
            partial(account, row),
            is_outside=True,
            secrets=partial(_secrets, row),
        )
        for row in rows
    ]


def _none() -> Verdict:
    return doubtful("No provider is set up: nothing can be sold.", "Add one under Providers.")
