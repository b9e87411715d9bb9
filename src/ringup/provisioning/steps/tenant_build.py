"""Build the whole tenant: one transaction on the PBX, with our record of it inside."""

from __future__ import annotations

from datetime import datetime

from ringup.carriers.opening import adapter_class
from ringup.core.failures import NotOurs
from ringup.core.money import Money
from ringup.core.phones import in_country
from ringup.numbers.models import OwnedNumber
from ringup.pbx.port import DialPattern, Tenant, tenant_key
from ringup.pbx.template_fields import ACCESS
from ringup.provisioning.late_digits import digits_of, identity_of
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, digest_of
from ringup.provisioning.steps.trunk import trunk_reference
from ringup.provisioning.wished_tenant import Ingredients, dialable, tenant_value
from ringup.services.models import Service
from ringup.services.wanted import WantedTenant


class TenantBuild:
    """Domain, dialplans, limits, administrator, extensions, gateway and routes, or nothing."""

    can_skip = False
    settle_seconds = 0.0

    def __init__(self, service: Service, number: OwnedNumber, site: Site) -> None:
        self.service = service
        self.number = number
        self.site = site
        self.wanted = WantedTenant.from_data(service.wanted)
        self.key = f"tenant/{service.uid}/{service.generation}"
        self.target = site.server.name

    @property
    def digest(self) -> str:
        """What was wanted, without secrets: they are made once and never change."""
        return digest_of(
            {
                "wanted": self.service.wanted,
                "generation": self.service.generation,
                "number": identity_of(self.number),
                "trunk": str(trunk_reference(self.service)),
            }
        )

    def change(self) -> PlannedChange:
        wanted = self.wanted
        zero = Money.zero(self.service.account.currency)
        first, last = wanted.extensions[0].extension, wanted.extensions[-1].extension
        return PlannedChange(
            key=self.key,
            action="create",
            digest=self.digest,
            target=self.target,
            text=f"Create tenant {wanted.domain}",
            cost_once=zero,
            cost_monthly=zero,
            parts=(
                f"Domain {wanted.domain} with the default dialplans, {wanted.time_zone}",
                GROUP_WORDS[wanted.administrator_group].format(wanted.administrator_username),
                f"Extensions {first} to {last} with voicemail",
                *_name_words(wanted),
                self._gateway_words(),
                f"Inbound: {self.number.words_inside} rings {wanted.ring_extension}",
                f"Outbound: {_open_words(wanted, self.number.country)}, "
                f"{wanted.max_outbound_calls} calls at once; all else is closed",
                "Emergency: a notice is played until an address is confirmed",
                *self._template_words(),
            ),
        )

    def is_done(self) -> bool:
        record = self.site.pbx.change(tenant_key(self.service.uid))
        if record is None:
            return False
        if record.generation != self.service.generation or record.digest != self.digest:
            raise NotOurs(
                f"{self.target} holds another build of {self.wanted.domain} (generation "
                f"{record.generation}). Nothing was changed. Undo that run first."
            )
        return True

    def apply(self, *, run: str, started: datetime) -> list[str]:
        record = self.site.pbx.build_tenant(self._tenant(), run=run, digest=self.digest)
        return list(record.parts)

    def undo(self) -> list[str]:
        return list(self.site.pbx.undo(tenant_key(self.service.uid)))

    def _tenant(self) -> Tenant:
        trunk = self.site.carrier.trunk(trunk_reference(self.service))
        if trunk is None:
            raise NotOurs(
                f"the SIP credentials of {self.service.name} have vanished at the carrier"
            )
        digits_of(self.number)
        given = Ingredients(
            uid=self.service.uid,
            generation=self.service.generation,
            number=self.number,
            trunk=trunk,
            provider=self.service.account.name,
            secrets=self.service.open_secrets(),
        )
        return tenant_value(self.wanted, given)

    def _gateway_words(self) -> str:
        account = self.service.account
        if adapter_class(account.kind).pbx_registers:
            return f"Gateway that registers at {account.name}"
        return f"Gateway to {account.name}, which calls the PBX at its address: nobody registers"

    def _template_words(self) -> tuple[str, ...]:
        """Which templates are used, for people; the values are part of the digest."""
        words = [f"{one.kind} {one.name}" for one in self.wanted.templates if one.kind != ACCESS]
        return (f"Templates, as they were when ordered: {', '.join(words)}",) if words else ()


GROUP_WORDS = {"admin": "Administrator {}, reduced group", "user": "User {}, of one extension"}
# So many names are read; more would hide the rest of the plan.
MOST_NAMES = 20
OPEN_WORDS = {
    DialPattern.NANP: "the United States and Canada",
    DialPattern.TOLL_FREE: "toll-free numbers",
    DialPattern.INTERNATIONAL: "other countries",
    DialPattern.ISLANDS: "the Caribbean and Pacific islands",
    DialPattern.PREMIUM: "premium numbers",
}


def _open_words(wanted: WantedTenant, country: str) -> str:
    opened = dialable(wanted, country)
    words = OPEN_WORDS | {DialPattern.HOME: in_country(country)}
    return " and ".join(words[name] for name in DialPattern if name in opened) or "nothing"


def _name_words(wanted: WantedTenant) -> tuple[str, ...]:
    """Who sits where: those who were named."""
    named = [f"{one.extension} {one.name}" for one in wanted.extensions if one.is_named]
    more = [f"and {len(named) - MOST_NAMES} more"] if len(named) > MOST_NAMES else []
    return (f"Names: {', '.join([*named[:MOST_NAMES], *more])}",) if named else ()
