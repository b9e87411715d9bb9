"""The connection test of an account, and what stays of it on the row."""

from __future__ import annotations

import time
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.reporting import ConnectionReport
from ringup.core.actors import Actor
from ringup.core.failures import PortFailure
from ringup.core.models import Activity

# A page waits for each answer of the carrier.
PAGE_SECONDS = 10.0
ENVIRONMENT = "Correct the address or the environment of this account, save, and test again."


def try_connection(account: CarrierAccount, *, actor: Actor) -> ConnectionReport:
    """Test the account now, outside any transaction, and keep the report on its row, unless the
    account was changed meanwhile: then it says nothing about the new settings."""
    account.read_timeout_seconds = min(account.read_timeout_seconds, PAGE_SECONDS)
    began = time.monotonic()
    try:
        with carrier_for(account) as carrier:
            report = carrier.test_connection()
    except PortFailure as failure:  # not even opened: the wrong environment
        report = ConnectionReport(False, "", None, str(failure), ENVIRONMENT)
    report = replace(report, took_seconds=time.monotonic() - began)
    _keep(account, report, actor)
    return report


def _keep(account: CarrierAccount, report: ConnectionReport, actor: Actor) -> None:
    with transaction.atomic():
        row = CarrierAccount.objects.select_for_update().filter(pk=account.pk).first()
        if row is None or row.tested_with() != account.tested_with():
            return
        row.tested, row.test_report = timezone.now(), report.as_data()
        row.save(update_fields=["tested", "test_report"])
        account.tested, account.test_report = row.tested, row.test_report
        outcome = "it works" if report.works else report.problem
        Activity.record(
            actor, f"carrier:{row.uid}", f"Tested {row.name}", works=report.works, outcome=outcome
        )
