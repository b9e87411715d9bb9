"""Make the PBX notice what was committed: directories, cache keys, reload. Always repeatable."""

from __future__ import annotations

from datetime import datetime

from ringup.core.money import Money
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, digest_of


class PbxRefresh:
    """Refresh one committed change, named by its record's key."""

    can_skip = False
    settle_seconds = 0.0

    def __init__(self, record_key: str, site: Site) -> None:
        self.record_key = record_key
        self.site = site
        self.key = f"pbx-refresh/{record_key}"
        self.target = site.server.name

    def change(self) -> PlannedChange:
        zero = Money.zero(self.site.service.account.currency)
        return PlannedChange(
            key=self.key,
            action="change",
            digest=digest_of({"record": self.record_key}),
            target=self.target,
            text="Make directories, clear caches, load the gateway",
            cost_once=zero,
            cost_monthly=zero,
        )

    def is_done(self) -> bool:
        record = self.site.pbx.change(self.record_key)
        return record is not None and record.refreshed

    def apply(self, *, run: str, started: datetime) -> list[str]:
        self.site.pbx.refresh(self.record_key)
        return ["Directories, caches and gateways follow the database"]

    def undo(self) -> list[str]:
        return []  # undoing the change refreshes by itself
