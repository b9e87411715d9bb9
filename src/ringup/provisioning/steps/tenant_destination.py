"""Add a number to a living tenant: one transaction on the PBX with a record of its own."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from ringup.core.failures import NotOurs
from ringup.core.money import Money
from ringup.numbers.models import OwnedNumber
from ringup.pbx.merging import inbound_settings
from ringup.pbx.port import Destination, destination_key
from ringup.pbx.template_fields import INBOUND
from ringup.provisioning.late_digits import digits_of, identity_of
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, digest_of
from ringup.provisioning.wished_tenant import order_values, values_of
from ringup.services.models import Service
from ringup.services.wanted import WantedNumber, WantedTenant, template_of


class TenantDestination:
    """The number rings an extension of the client's own tenant."""

    can_skip = False
    settle_seconds = 0.0

    def __init__(
        self, tenant: Service, number: OwnedNumber, wanted: WantedNumber, site: Site
    ) -> None:
        self.tenant = tenant
        self.number = number
        self.extension = wanted.value
        self.template = template_of(wanted.templates, INBOUND)
        self.site = site
        self.record_key = destination_key(tenant.uid, number.uid)
        self.key = f"tenant-destination/{number.uid}"
        self.target = site.server.name

    @property
    def digest(self) -> str:
        wanted = {
            "tenant": str(self.tenant.uid),
            "number": identity_of(self.number),
            "extension": self.extension,
        }
        frozen = {"template": asdict(self.template)} if self.template else {}
        return digest_of(wanted | frozen)

    def change(self) -> PlannedChange:
        zero = Money.zero(self.number.account.currency)
        return PlannedChange(
            key=self.key,
            action="create",
            digest=self.digest,
            target=self.target,
            text=f"{self.number.words} rings {self.extension} in {self.tenant.name}",
            cost_once=zero,
            cost_monthly=zero,
            parts=(f"As the inbound template {self.template.name} says",) if self.template else (),
        )

    def is_done(self) -> bool:
        record = self.site.pbx.change(self.record_key)
        if record is not None and record.digest != self.digest:
            raise NotOurs(f"{self.number.called} already rings elsewhere in {self.tenant.name}")
        return record is not None

    def apply(self, *, run: str, started: datetime) -> list[str]:
        record = self.site.pbx.add_destination(
            self.tenant.uid,
            self.tenant.generation,
            self._destination(),
            run=run,
            digest=self.digest,
        )
        return list(record.parts)

    def undo(self) -> list[str]:
        return list(self.site.pbx.undo(self.record_key))

    def _destination(self) -> Destination:
        e164 = digits_of(self.number)
        order = order_values(WantedTenant.from_data(self.tenant.wanted), e164)
        settings = inbound_settings(values_of(self.template), order)
        return Destination(self.number.uid, e164, self.extension, settings)
