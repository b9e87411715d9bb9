"""``ringup prepare_server NAME``: make on a PBX what Ringup needs once per server. Repeatable."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ringup.core.failures import PortFailure
from ringup.pbx.models import PbxServer
from ringup.pbx.opening import pbx_for


class Command(BaseCommand):
    help = "Make Ringup's schema, the administrators' group and the access list on a PBX server."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="as the server is called in Ringup")

    def handle(self, *args: Any, **options: Any) -> None:
        server = PbxServer.objects.filter(name=options["name"]).first()
        if server is None:
            known = ", ".join(PbxServer.objects.values_list("name", flat=True)) or "none"
            raise CommandError(f"No PBX server is called {options['name']!r}. Known: {known}.")
        try:
            with pbx_for(server) as pbx:
                report = pbx.prepare()
        except PortFailure as failure:
            raise CommandError(f"{server}: {failure}") from failure
        self.stdout.write(f"{server} is prepared: FusionPBX {report.version}, {report.dialect}.")
        for problem in report.problems:
            self.stdout.write(f"  mend: {problem}")
