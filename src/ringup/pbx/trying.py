"""Testing and preparing a PBX server, and what stays of it on the row."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from ringup.core.actors import Actor
from ringup.core.failures import PortFailure
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.core.turns import out_of_turn
from ringup.pbx.last_test import LastTest
from ringup.pbx.models import PbxServer
from ringup.pbx.name_checking import Names, Resolver, check_names, resolve
from ringup.pbx.opening import pbx_for
from ringup.pbx.port import ServerReport


def try_server(server: PbxServer, *, actor: Actor, resolve: Resolver = resolve) -> LastTest:
    """Look at the PBX, at its names and certificates, outside any transaction. Keeps what was found
    on the row, unless the server was changed meanwhile: then it says nothing about it."""
    found = LastTest.from_data(server.test_report)
    try:
        with pbx_for(server) as pbx:
            found = _with_pbx(found, pbx.inspect())
    except PortFailure as failure:
        found = replace(found, failure=sentence(failure), problems=())
    found = _with_names(found, server, resolve)
    outcome = "it works" if found.is_good else " ".join(found.complaints)
    _keep(server, found, actor, f"Tested PBX server {server.name}", outcome=outcome[:500])
    return found


def prepare_server(
    server: PbxServer, *, actor: Actor, resolve: Resolver = resolve
) -> tuple[tuple[str, ...], LastTest]:
    """Make what Ringup needs once on the PBX, then look at it as a test does. Returns what was
    missing and is made now; may be repeated at any time. Refuses with what the PBX said."""
    try:
        with pbx_for(server) as pbx:
            report = pbx.prepare()
    except PortFailure as failure:
        raise Refusal(
            f"{sentence(failure)} Mend that, then prepare the server again: it may be repeated."
        ) from failure
    found = _with_pbx(LastTest.from_data(server.test_report), report)
    found = _with_names(found, server, resolve)
    _keep(server, found, actor, f"Prepared PBX server {server.name}", made=list(report.made))
    return report.made, found


def sentence(failure: PortFailure) -> str:
    """An adapter's words as a sentence for staff."""
    text = str(failure).strip() or type(failure).__name__
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?")) else ".")


def _with_pbx(found: LastTest, report: ServerReport) -> LastTest:
    return replace(
        found,
        failure="",
        version=report.version,
        dialect=report.dialect,
        dialplan_mode=report.dialplan_mode,
        cache_method=report.cache_method,
        hostname=report.hostname,
        prepared=report.prepared,
        tenants=report.tenants,
        extensions=report.extensions,
        others_tenants=report.others_tenants,
        others_extensions=report.others_extensions,
        problems=report.problems,
    )


def _with_names(found: LastTest, server: PbxServer, resolve: Resolver) -> LastTest:
    """A sandbox needs no names that the world knows: what is missing there is a note."""
    names = Names(server.domain_suffix, server.sip_host, server.sip_tls_port)
    with out_of_turn():
        report = check_names(names, resolve=resolve)
    return replace(
        found,
        problems=(*found.problems, *(() if server.is_sandbox else report.problems)),
        notes=report.problems if server.is_sandbox else (),
        name=report.name,
        addresses=report.addresses,
        certificates=report.certificates,
    )


def _keep(server: PbxServer, found: LastTest, actor: Actor, what: str, **detail: object) -> None:
    with transaction.atomic():
        row = PbxServer.objects.select_for_update().filter(pk=server.pk).first()
        if row is None or row.tested_with() != server.tested_with():
            return
        server.tested, server.test_report = timezone.now(), found.as_data()
        PbxServer.objects.filter(pk=server.pk).update(
            tested=server.tested, test_report=server.test_report
        )
        Activity.record(actor, f"server:{server.uid}", what, **detail)
