"""FusionPBX behind the PBX port."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType

from ringup.pbx.fusionpbx import (
    access_list,
    building,
    checking,
    inspecting,
    markers,
    preparing,
    previewing,
    refreshing,
    undoing,
)
from ringup.pbx.fusionpbx.database import Database
from ringup.pbx.fusionpbx.event_socket import EventSocket
from ringup.pbx.fusionpbx.gateway_status import gateway_report
from ringup.pbx.fusionpbx.markers import Marker
from ringup.pbx.port import (
    ChangeRecord,
    Destination,
    GatewayReport,
    PbxConnection,
    ServerReport,
    Tenant,
    WrittenRow,
    destination_key,
    tenant_key,
)


class FusionPbx:
    """One FusionPBX 5 server, by its database and its event socket.

    Opens the database when first needed and keeps it; an event socket lives for one call. Not
    for several threads at once. ``statements`` and ``commands`` count what was sent.
    """

    label = "FusionPBX"

    def __init__(self, connection: PbxConnection) -> None:
        self._server = connection
        self._database = Database(connection)
        self.commands = 0

    def __enter__(self) -> FusionPbx:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def statements(self) -> int:
        return self._database.statements

    def close(self) -> None:
        self._database.close()

    def inspect(self) -> ServerReport:
        return inspecting.inspect(self._database, self._server)

    def prepare(self) -> ServerReport:
        made = preparing.prepare(self._database, self._server)
        return replace(self.inspect(), made=made)

    @staticmethod
    def preview(tenant: Tenant) -> tuple[WrittenRow, ...]:
        return previewing.preview(tenant)

    @staticmethod
    def preview_addresses(cidrs: list[str], *, note: str) -> tuple[WrittenRow, ...]:
        return previewing.preview_addresses(cidrs, note=note)

    # -- access list --------------------------------------------------------------------------

    def addresses_allowed(self, cidrs: list[str]) -> bool:
        name = self._server.access_list
        _, absent = access_list.missing(self._database, name, access_list.networks(cidrs))
        marker = markers.live(self._database, access_list.change_key(name))
        return not absent and (marker is None or marker.refreshed_at is not None)

    def allow_addresses(self, cidrs: list[str], *, note: str) -> int:
        name = self._server.access_list
        wanted = access_list.networks(cidrs)
        added = access_list.allow(self._database, name, wanted, note=note)
        # Also when nothing is new: an earlier call may have died before the reload.
        self.refresh(access_list.change_key(name))
        return added

    # -- tenants ------------------------------------------------------------------------------

    def domain_owner(self, domain: str) -> uuid.UUID | None:
        owner = checking.domain_owner(self._database, domain)
        return uuid.UUID(owner) if owner else None

    def change(self, key: str) -> ChangeRecord | None:
        marker = markers.live(self._database, key)
        return marker.record if marker else None

    def build_tenant(self, tenant: Tenant, *, run: str, digest: str) -> ChangeRecord:
        def build() -> Marker:
            return building.build_tenant(
                self._database, self._server, tenant, run=run, digest=digest
            )

        return self._after_removal(tenant_key(tenant.uid), build).record

    def add_destination(
        self, tenant: uuid.UUID, generation: int, destination: Destination, *, run: str, digest: str
    ) -> ChangeRecord:
        def add() -> Marker:
            return building.add_destination(
                self._database, tenant, generation, destination, run=run, digest=digest
            )

        return self._after_removal(destination_key(tenant, destination.owned), add).record

    def refresh(self, key: str) -> None:
        marker = markers.find(self._database, key)
        if marker is None:
            return
        with self._event_socket() as events:
            if marker.undone_at is None:
                refreshing.refresh(self._database, self._server, events, marker)
            else:
                refreshing.clear_traces(self._database, self._server, events, marker)

    def unrefreshed(self) -> list[str]:
        return markers.unrefreshed(self._database)

    def undo(self, key: str) -> tuple[str, ...]:
        marker, sentences = undoing.take_back(self._database, key)
        if marker is None:
            return ()
        with self._event_socket() as events:
            kept = refreshing.clear_traces(self._database, self._server, events, marker)
        return (*sentences, *undoing.about_kept(kept))

    # -- watching -----------------------------------------------------------------------------

    def gateway(self, gateway: uuid.UUID) -> GatewayReport:
        with self._event_socket() as events:
            return gateway_report(events.api(f"sofia xmlstatus gateway {gateway}"))

    # -- inside -------------------------------------------------------------------------------

    @contextmanager
    def _event_socket(self) -> Iterator[EventSocket]:
        events = EventSocket(self._server)
        try:
            with events:
                yield events
        finally:
            self.commands += events.commands

    def _after_removal(self, key: str, work: Callable[[], Marker]) -> Marker:
        """Finish an earlier removal of the same key first, if there is one."""
        try:
            return work()
        except building.RemovalUnfinished:
            self.refresh(key)
        return work()
