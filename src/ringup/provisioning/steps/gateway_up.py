"""Prove that the tenant can call: its gateway must be registered at the carrier, or be up without where
the carrier calls the PBX at its address."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from ringup.core.failures import OurFault
from ringup.core.money import Money
from ringup.pbx.port import GatewayReport, GatewayState, gateway_uuid
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, Waiting, digest_of
from ringup.services.models import Service

# What the PBX calls a gateway that is not to register.
NOT_REGISTERING = "NOREG"


class GatewayUp:
    """Wait until it is up; fail after ``RINGUP_GATEWAY_MINUTES``. Staff may skip it with a reason."""

    can_skip = True
    settle_seconds = 0.0

    def __init__(self, service: Service, site: Site) -> None:
        self.service = service
        self.site = site
        self.gateway = gateway_uuid(service.uid, service.generation)
        self.key = f"gateway-up/{self.gateway}"
        self.target = site.server.name

    def change(self) -> PlannedChange:
        zero = Money.zero(self.service.account.currency)
        return PlannedChange(
            key=self.key,
            action="change",
            digest=digest_of({"gateway": str(self.gateway)}),
            target=self.target,
            text="Prove that the gateway is up",
            cost_once=zero,
            cost_monthly=zero,
        )

    def is_done(self) -> bool:
        return self.site.pbx.gateway(self.gateway).state is GatewayState.UP

    def apply(self, *, run: str, started: datetime) -> list[str]:
        report = self.site.pbx.gateway(self.gateway)
        if report.state is GatewayState.UP:
            return [_proved(report, self.service.account.name)]
        waited = timezone.now() - started
        limit = timedelta(minutes=settings.RINGUP_GATEWAY_MINUTES)
        if waited >= limit:
            raise OurFault(
                f"the gateway is {report.detail or report.state} after "
                f"{settings.RINGUP_GATEWAY_MINUTES} minutes. Check that the PBX reaches "
                f"{self.service.account.name} and that its address is allowed there, then resume."
            )
        # Registration takes a second when all is well: look often at first, then less.
        seconds = 1.0 if waited < timedelta(seconds=20) else 10.0
        raise Waiting(f"the gateway is {report.detail or report.state}", seconds=seconds)

    def undo(self) -> list[str]:
        return []


def _proved(report: GatewayReport, provider: str) -> str:
    """What the PBX says of a gateway that is up. One that does not register has proved only that the
    PBX has loaded it: whether the carrier takes its calls shows with the first one."""
    if report.detail == NOT_REGISTERING:
        return (
            f"Up without registering ({report.detail}): {provider} calls the PBX at its address, and "
            "knows it by that address"
        )
    return f"Registered ({report.detail})"
