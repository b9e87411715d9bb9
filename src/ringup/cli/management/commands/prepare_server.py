"""``ringup prepare_server NAME``: make on a PBX what Ringup needs once per server. Repeatable."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ringup.core.actors import RINGUP
from ringup.core.sentences import Refusal
from ringup.pbx.models import PbxServer
from ringup.pbx.trying import prepare_server


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
            made, found = prepare_server(server, actor=RINGUP)
        except Refusal as refusal:
            raise CommandError(f"{server}: {refusal}") from refusal
        self.stdout.write(f"{server} is prepared: FusionPBX {found.version}, {found.dialect}.")
        for part in made:
            self.stdout.write(f"  made: {part}")
        for problem in found.problems:
            self.stdout.write(f"  mend: {problem}")
