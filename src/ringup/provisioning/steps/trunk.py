"""SIP credentials at the carrier: the tenant's trunk, or a number's own SIP account."""

from __future__ import annotations

import uuid
from datetime import datetime

from ringup.core.ids import outside_uuid
from ringup.core.money import Money
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, digest_of
from ringup.services.models import Service


def trunk_reference(service: Service) -> uuid.UUID:
    """The reference of a service's trunk, known before the trunk exists."""
    return outside_uuid(service.uid, service.generation, "trunk")


class Trunk:
    """One sub-account with our generated password."""

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
        return self.site.carrier.trunk(self.reference) is not None

    def apply(self, *, run: str, started: datetime) -> list[str]:
        password = self.service.open_secrets()["trunk_password"]
        trunk = self.site.carrier.create_trunk(
            self.reference, password=password, label=self.service.name
        )
        return [f"SIP user {trunk.username} at {trunk.host}:{trunk.port} ({trunk.transport})"]

    def undo(self) -> list[str]:
        self.site.carrier.delete_trunk(self.reference)
        return [f"SIP credentials of {self.service.name} were removed"]
