"""SIP credentials at the carrier: the tenant's trunk, or a number's own SIP account."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from ringup.carriers.port import SipPeer, SipTrunk
from ringup.core.ids import outside_uuid
from ringup.core.money import Money
from ringup.pbx.models import PbxServer
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, digest_of
from ringup.services.models import Service

PASSWORD = "trunk_password"  # noqa: S105 - a name
# Every PBX listens so; carriers that are to call it otherwise need a setting of theirs.
TRANSPORT = "udp"


def trunk_reference(service: Service) -> uuid.UUID:
    """The reference of a service's trunk, known before the trunk exists."""
    return outside_uuid(service.uid, service.generation, "trunk")


def peer_of(server: PbxServer | None) -> SipPeer | None:
    """The PBX as a carrier sees it; None for a service without one."""
    if server is None:
        return None
    addresses = tuple(str(cidr) for cidr in server.egress_addresses)
    return SipPeer(server.sip_host, server.sip_port, TRANSPORT, addresses)


class Trunk:
    """One set of SIP credentials, with our generated password or with one of the carrier's."""

    can_skip = False
    settle_seconds = 0.0

    def __init__(self, service: Service, site: Site) -> None:
        self.service = service
        self.site = site
        self.reference = trunk_reference(service)
        self.key = f"trunk/{self.reference}"
        self.target = service.account.name

    def change(self) -> PlannedChange:
        zero = Money.zero(self.service.account.currency)
        return PlannedChange(
            key=self.key,
            action="create",
            digest=digest_of({"reference": str(self.reference)}),
            target=self.target,
            text=f"Create SIP credentials for {self.service.name}",
            cost_once=zero,
            cost_monthly=zero,
        )

    def is_done(self) -> bool:
        trunk = self.site.carrier.trunk(self.reference)
        if trunk is None:
            return False
        # A run that was cut off between making it and this may not have kept its password.
        self._keep_password(trunk)
        return True

    def apply(self, *, run: str, started: datetime) -> list[str]:
        trunk = self.site.carrier.create_trunk(
            self.reference,
            password=self.service.open_secrets()[PASSWORD],
            label=self.service.name,
            peer=peer_of(self.service.server),
        )
        self._keep_password(trunk)
        return [
            f"SIP user {trunk.username} at {trunk.host}:{trunk.port} ({trunk.transport})",
            *([] if trunk.registers else ["Nobody registers: the carrier calls the PBX"]),
        ]

    def undo(self) -> list[str]:
        self.site.carrier.delete_trunk(self.reference)
        return [f"SIP credentials of {self.service.name} were removed"]

    def _keep_password(self, trunk: SipTrunk) -> None:
        """Seal what the carrier made where ours would be. A carrier that took ours tells none."""
        if trunk.password in ("", self.service.open_secrets().get(PASSWORD)):
            return
        with transaction.atomic():
            row = Service.objects.select_for_update().get(pk=self.service.pk)
            row.set_secrets(row.open_secrets() | {PASSWORD: trunk.password})
            row.save(update_fields=["secrets_sealed"])
        self.service.secrets = row.secrets
