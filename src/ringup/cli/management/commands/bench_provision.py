"""``ringup bench_provision``: what one tenant costs on the PBX's side, as one JSON line.

Against a sandbox PBX in a process of its own: a real PostgreSQL and a real event socket, without
FreeSWITCH behind it. ``seconds`` is the median of building and refreshing a tenant.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
import uuid
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from ringup.pbx.port import (
    Administrator,
    Destination,
    Extension,
    Gateway,
    PbxConnection,
    Tenant,
)

# bcrypt of nothing that anybody knows: hashing is Ringup's work before the PBX is asked.
_HASH = "$2b$10$" + "u" * 53


class Command(BaseCommand):
    help = "Measures statements, event socket commands and seconds for one tenant on the PBX."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--extensions", type=int, default=10, help="of the tenant (10)")
        parser.add_argument(
            "--times", type=int, default=7, help="tenants to take the median of (7)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with _sandbox() as connection:
            print(json.dumps(_measure(connection, options["extensions"], options["times"])))


def _measure(connection: PbxConnection, extensions: int, times: int) -> dict[str, object]:
    pbx = import_string(settings.RINGUP_PBXES["fusionpbx"])(connection)
    pbx.prepare()
    taken = []
    for number in range(times + 1):
        tenant = _tenant(number, extensions)
        statements, commands = pbx.statements, pbx.commands
        begun = time.perf_counter()
        record = pbx.build_tenant(tenant, run="bench", digest="bench")
        built = time.perf_counter()
        pbx.refresh(record.key)
        done = time.perf_counter()
        taken.append((done - begun, built - begun))
        counts = (pbx.statements - statements, pbx.commands - commands)
    pbx.close()
    # The first one warms up the server's and Python's caches.
    seconds, transaction = zip(*taken[1:], strict=True)
    return {
        "bench": "provision",
        "extensions": extensions,
        "rows": sum(record.made.values()),
        "statements": counts[0],
        "commands": counts[1],
        "seconds": round(statistics.median(seconds), 4),
        "seconds_of_the_transaction": round(statistics.median(transaction), 4),
        "tenants": times,
    }


def _tenant(number: int, extensions: int) -> Tenant:
    e164 = f"+1208{2000000 + number}"
    return Tenant(
        uid=uuid.uuid4(),
        generation=1,
        domain=f"bench{number}.pbx.example",
        company=f"Bench {number}",
        time_zone="America/Boise",
        language="en-us",
        administrator=Administrator("owner", "owner@bench.example", "Bench Owner", _HASH),
        extensions=tuple(
            Extension(
                extension=str(1001 + seat),
                name=f"Seat {seat + 1}",
                email=f"seat{seat + 1}@bench.example",
                sip_password=uuid.uuid4().hex,
                voicemail_pin=f"{uuid.uuid4().int % 10**8:08d}",
            )
            for seat in range(extensions)
        ),
        gateway=Gateway("carrier", "100000", "sip.example", 5060, "udp", uuid.uuid4().hex),
        destinations=(Destination(uuid.uuid4(), e164, "1001"),),
        caller_id=e164,
        max_extensions=extensions,
        max_outbound_calls=2,
    )


@contextmanager
def _sandbox() -> Iterator[PbxConnection]:
    """A sandbox PBX in a process of its own, which ends with the block."""
    program = [sys.executable, "-m", "ringup.sandbox", "fusionpbx"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own interpreter and module
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise CommandError("The sandbox PBX did not start; its own words are above.")
            facts = json.loads(line)
            yield PbxConnection(
                dsn=facts["dsn"],
                event_host=facts["event_socket"]["host"],
                event_port=facts["event_socket"]["port"],
                event_password=facts["event_socket"]["password"],
                cache_dir=facts["cache_dir"],
                recordings_dir=facts["recordings_dir"],
                voicemail_dir=facts["voicemail_dir"],
                template_domain=facts["template_domain"],
            )
        finally:
            process.terminate()
