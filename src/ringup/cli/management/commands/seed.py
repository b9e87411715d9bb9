"""``ringup seed``: a sandbox catalogue, PBX and staff login, from facts on standard input."""

from __future__ import annotations

import json
import sys
import uuid
from typing import Any

from django.core.management.base import BaseCommand

from ringup.accounts.models import User
from ringup.accounts.roles import Role
from ringup.carriers.trying import try_connection
from ringup.cli.example_terms import seed_terms
from ringup.cli.seeding import DidwwAddress, PbxAddress, VoipmsAddress, seed, seed_worldwide
from ringup.core.actors import RINGUP
from ringup.pbx.trying import prepare_server


class Command(BaseCommand):
    help = (
        'Seed sandbox mode. Reads {"voipms": …, "didww": …, "fusionpbx": …, "staff": [email, password]} '
        "from standard input: what `ringup sandbox` printed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        facts = json.load(sys.stdin)
        voipms, didww, pbx = facts["voipms"], facts["didww"], facts["fusionpbx"]
        socket = pbx["event_socket"]
        account, server = seed(
            VoipmsAddress(voipms["url"], voipms["user"], voipms["password"], voipms["account"]),
            PbxAddress(
                dsn=pbx["dsn"],
                event_host=socket["host"],
                event_port=socket["port"],
                event_password=socket["password"],
                cache_dir=pbx["cache_dir"],
                recordings_dir=pbx["recordings_dir"],
                voicemail_dir=pbx["voicemail_dir"],
                template_domain=pbx["template_domain"],
            ),
        )
        seed_terms()
        worldwide = seed_worldwide(
            DidwwAddress(didww["url"], didww["key"], didww["callback_secret"]), server
        )
        for one in (account, worldwide):
            try_connection(one, actor=RINGUP)
        # The sandbox's names are in no DNS.
        prepare_server(server, actor=RINGUP, resolve=lambda _name: [])
        email, password = facts["staff"]
        if not User.objects.filter(email=email).exists():
            User.objects.create_user(
                username=uuid.uuid4().hex,
                email=email,
                password=password,
                first_name="Sam",
                last_name="Staff",
                is_staff=True,
                role=Role.OWNER,
            )
        self.stdout.write("Seeded.")
