"""Let the carrier's addresses through the PBX's access list. They serve every tenant, so they stay."""

from __future__ import annotations

from datetime import datetime

from ringup.core.money import Money
from ringup.pbx.template_fields import ACCESS
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, digest_of
from ringup.services.wanted import template_of, templates_from


class CarrierAccess:
    """The carrier's signalling addresses, and those of an access-list template, in the carriers'
    access list."""

    can_skip = False
    settle_seconds = 0.0

    def __init__(self, site: Site) -> None:
        self.site = site
        self.key = f"carrier-access/{site.service.account.uid}/{site.server.uid}"
        self.target = site.server.name
        self.template = template_of(templates_from(site.service.wanted), ACCESS)

    @property
    def _added(self) -> list[str]:
        """The template's networks. Frozen with the order, so they belong to what is approved."""
        return [] if self.template is None else list(self.template.values.get("networks", ()))

    def change(self) -> PlannedChange:
        zero = Money.zero(self.site.service.account.currency)
        account = self.site.service.account
        wanted = {"account": str(account.uid), "server": str(self.site.server.uid)}
        added = self._added
        words = f"{added_words(self.template.name, added)} " if self.template else ""
        return PlannedChange(
            key=self.key,
            action="change",
            # Which addresses the carrier has only it can tell: late-bound.
            digest=digest_of(wanted | ({"networks": added} if added else {})),
            target=self.target,
            text=f"Let calls from {account.name} through the access list {self.site.server.access_list}",
            cost_once=zero,
            cost_monthly=zero,
            undoable=False,
            parts=(f"{words}Shared by all tenants: it stays when this one is removed.",),
        )

    def is_done(self) -> bool:
        cidrs = self.site.carrier.signalling_addresses() + self._added
        return self.site.pbx.addresses_allowed(cidrs)

    def apply(self, *, run: str, started: datetime) -> list[str]:
        cidrs = self.site.carrier.signalling_addresses()
        provider = self.site.service.account.name
        done = [_said(cidrs, self.site.pbx.allow_addresses(cidrs, note=provider))]
        if self.template is not None:
            note = f"{provider}: {self.template.name}"
            more = self.site.pbx.allow_addresses(self._added, note=note)
            done.append(f"{self.template.name}: {_said(self._added, more)}")
        return done

    def undo(self) -> list[str]:
        return ["the carrier's addresses stay: other tenants use them"]


def added_words(name: str, networks: list[str]) -> str:
    """What a template adds, for the plan."""
    few = ", ".join(networks[:5]) + (f" and {len(networks) - 5} more" if networks[5:] else "")
    return f"With {few}, of the access-list template {name}."


def _said(cidrs: list[str], new: int) -> str:
    return f"{len(cidrs)} addresses allowed, {new} of them new"
