"""Let the carrier's addresses through the PBX's access list. They serve every tenant, so they stay."""

from __future__ import annotations

from datetime import datetime

from ringup.core.money import Money
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, digest_of


class CarrierAccess:
    """The carrier's signalling addresses in the carriers' access list."""

    can_skip = False
    settle_seconds = 0.0

    def __init__(self, site: Site) -> None:
        self.site = site
        self.key = f"carrier-access/{site.service.account.uid}/{site.server.uid}"
        self.target = site.server.name

    def change(self) -> PlannedChange:
        zero = Money.zero(self.site.service.account.currency)
        account = self.site.service.account
        return PlannedChange(
            key=self.key,
            action="change",
            # Which addresses these are only the carrier can tell: late-bound.
            digest=digest_of({"account": str(account.uid), "server": str(self.site.server.uid)}),
            target=self.target,
            text=f"Let calls from {account.name} through the access list {self.site.server.access_list}",
            cost_once=zero,
            cost_monthly=zero,
            undoable=False,
            parts=("Shared by all tenants: it stays when this one is removed.",),
        )

    def is_done(self) -> bool:
        return self.site.pbx.addresses_allowed(self.site.carrier.signalling_addresses())

    def apply(self, *, run: str, started: datetime) -> list[str]:
        cidrs = self.site.carrier.signalling_addresses()
        added = self.site.pbx.allow_addresses(cidrs, note=self.site.service.account.name)
        return [f"{len(cidrs)} addresses allowed, {added} of them new"]

    def undo(self) -> list[str]:
        return ["the carrier's addresses stay: other tenants use them"]
