"""``ringup doctor``: look at everything that Ringup stands on, and say what to mend."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from django.core.checks import run_checks
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.core.failures import PortFailure
from ringup.pbx.models import PbxServer
from ringup.pbx.opening import pbx_for

# What was looked at, and what to mend; an empty second part is good news.
Finding = tuple[str, str]


class Command(BaseCommand):
    help = (
        "Check settings, keys, database, carriers and PBX servers; exits 1 when something is wrong."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        findings = [*_ground(), *_carriers(), *_servers()]
        for what, problem in findings:
            self.stdout.write(f"✗ {what}: {problem}" if problem else f"✓ {what}")
        if any(problem for _, problem in findings):
            sys.exit(1)


def _ground() -> Iterator[Finding]:
    for error in run_checks(databases=["default"]):
        yield str(error.id), f"{error.msg} {error.hint or ''}".strip()
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    problem = f"{len(waiting)} migrations wait: ringup migrate" if waiting else ""
    yield f"database ({connection.vendor})", problem


def _carriers() -> Iterator[Finding]:
    for account in CarrierAccount.objects.filter(is_enabled=True):
        with carrier_for(account) as carrier:
            report = carrier.test_connection()
        what = f"carrier {account.name}"
        if report.works:
            yield f"{what}, balance {report.balance}", ""
        else:
            yield what, f"{report.problem} {report.remedy}".strip()


def _servers() -> Iterator[Finding]:
    for server in PbxServer.objects.filter(is_enabled=True):
        try:
            with pbx_for(server) as pbx:
                report = pbx.inspect()
        except PortFailure as failure:
            yield f"PBX {server.name}", str(failure)
            continue
        what = f"PBX {server.name}: FusionPBX {report.version}, {report.tenants} tenants"
        yield what, " ".join(report.problems)
