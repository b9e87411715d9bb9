"""What a client owns, as the portal lists it."""

from __future__ import annotations

from dataclasses import dataclass

from ringup.accounts.models import Client
from ringup.services.models import Service
from ringup.services.wanted import Goal, WantedNumber, WantedTenant


@dataclass(frozen=True, slots=True)
class Standing:
    """How a service's state looks to its owner."""

    text: str
    tone: str
    icon: str


STANDINGS = {
    Service.State.PENDING: Standing("Being set up", "yellow", "spin"),
    Service.State.ACTIVE: Standing("Active", "green", "signal"),
    Service.State.CANCELLED: Standing("Cancelled", "grey", "minus-circle"),
}


@dataclass(frozen=True, slots=True)
class TenantRow:
    """A hosted PBX."""

    service: Service
    wanted: WantedTenant
    numbers: list[str]

    @property
    def standing(self) -> Standing:
        return STANDINGS[Service.State(self.service.state)]

    @property
    def seats(self) -> str:
        extensions = self.wanted.extensions
        first, last = extensions[0].extension, extensions[-1].extension
        return first if len(extensions) == 1 else f"{len(extensions)} ({first} to {last})"

    @property
    def administration_url(self) -> str:
        """Where its administrator signs in."""
        return f"https://{self.wanted.domain}"

    @property
    def has_credentials(self) -> bool:
        return self.service.state == Service.State.ACTIVE


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number, alone or in a PBX."""

    service: Service
    wanted: WantedNumber

    @property
    def standing(self) -> Standing:
        return STANDINGS[Service.State(self.service.state)]

    @property
    def goes_to(self) -> str:
        """Where its calls go, for people."""
        if self.service.tenant is not None:
            return f"{self.wanted.text} of {self.service.tenant.name}"
        return self.wanted.text

    @property
    def has_credentials(self) -> bool:
        own_account = self.wanted.goal is Goal.SIP_ACCOUNT
        return own_account and self.service.state == Service.State.ACTIVE


@dataclass(frozen=True, slots=True)
class Belongings:
    """Everything that a client owns or is about to own."""

    tenants: list[TenantRow]
    numbers: list[NumberRow]


def belonging_of(service: Service) -> TenantRow | NumberRow:
    """One service, as a row of the list says it."""
    if service.kind == Service.Kind.TENANT:
        numbers = Service.objects.filter(tenant=service).exclude(state=Service.State.CANCELLED)
        names = list(numbers.order_by("name").values_list("name", flat=True))
        return TenantRow(service, WantedTenant.from_data(service.wanted), names)
    return NumberRow(service, WantedNumber.from_data(service.wanted))


def belongings(client: Client) -> Belongings:
    """Read in two queries, however much it is."""
    rows = (
        Service.objects.for_client(client)
        .exclude(state=Service.State.CANCELLED)
        .select_related("server", "number", "tenant")
        .order_by("name", "pk")
    )
    services = list(rows)
    tenants = [service for service in services if service.kind == Service.Kind.TENANT]
    numbers = [service for service in services if service.kind == Service.Kind.NUMBER]
    return Belongings(
        [
            TenantRow(
                tenant,
                WantedTenant.from_data(tenant.wanted),
                [number.name for number in numbers if number.tenant_id == tenant.pk],
            )
            for tenant in tenants
        ],
        [NumberRow(number, WantedNumber.from_data(number.wanted)) for number in numbers],
    )
