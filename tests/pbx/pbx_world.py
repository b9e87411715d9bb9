"""A PBX's own side, for its contract: who answers a call, what is left, and how it misbehaves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ringup.core.failures import PortFailure
from ringup.pbx.port import ChangeRecord, Pbx, Tenant, gateway_uuid, tenant_key
from tests.pbx.wishes import DOMAIN, secrets_of

CARRIER = "203.0.113.7"


@dataclass(frozen=True, slots=True)
class Ringing:
    """Who took a call. ``where`` is an extension, or the number that the carrier was given.

    ``caller_id`` is what the carrier was shown, ``heard`` what was played.
    """

    where: str = ""
    caller_id: str = ""
    heard: tuple[str, ...] = ()


class PbxWorld(Protocol):
    """The PBX's own side."""

    def open(self, *, reachable: bool = True, right_password: bool = True) -> Pbx:
        """A new adapter; optionally where nobody listens, or with a wrong password."""

    def call_in(self, number: str, *, source: str | None = None) -> Ringing:
        """A carrier calls ``number``, from an address if one is given."""

    def call_out(self, domain: str, extension: str, number: str) -> Ringing:
        """A phone of a tenant dials ``number``."""

    def tenants(self) -> set[str]:
        """Domain names of all tenants that anything is left of, without the template."""

    def directories(self) -> set[str]:
        """Paths of the directories of tenants."""

    def loaded_gateways(self) -> set[str]: ...

    def registrations_answered(self, answered: bool) -> None:
        """Whether the carrier answers registrations from now on."""

    def somebodys_tenant(self, domain: str) -> None:
        """Staff made a tenant by hand, without Ringup."""

    def somebodys_number(self, number: str) -> Callable[[], None]:
        """Staff routed ``number`` by hand, in a tenant not Ringup's; returns how to undo it."""

    def clients_extension(self, domain: str, extension: str) -> Callable[[], None]:
        """The client made an extension of its own; returns how it is taken away again."""


def built(pbx: Pbx, tenant: Tenant, *, digest: str = "d1") -> ChangeRecord:
    record = pbx.build_tenant(tenant, run="run-1", digest=digest)
    pbx.refresh(record.key)
    return record


def every_call(pbx: Pbx, tenant: Tenant) -> list[Callable[[], object]]:
    return [
        pbx.inspect,
        pbx.prepare,
        lambda: pbx.domain_owner(DOMAIN),
        lambda: pbx.change(tenant_key(tenant.uid)),
        lambda: pbx.build_tenant(tenant, run="run-1", digest="d1"),
        lambda: pbx.refresh(tenant_key(tenant.uid)),
        pbx.unrefreshed,
        lambda: pbx.undo(tenant_key(tenant.uid)),
        lambda: pbx.addresses_allowed([CARRIER]),
        lambda: pbx.allow_addresses([CARRIER], note="Carrier One"),
        lambda: pbx.gateway(gateway_uuid(tenant.uid, 1)),
    ]


def shows_a_secret(failure: BaseException, tenant: Tenant) -> bool:
    """Whether a secret stands in a failure, or in what it was raised from."""
    while failure is not None:
        text = f"{failure!r} {failure} {getattr(failure, 'user_message', '')}"
        if any(secret in text for secret in secrets_of(tenant)):
            return True
        failure = failure.__cause__ or failure.__context__  # type: ignore[assignment]
    return False


def at_once(world: PbxWorld, tenants: list[Tenant]) -> list[ChangeRecord | PortFailure]:
    """Build each of ``tenants`` in a thread of its own, as close together as can be."""
    start = threading.Barrier(len(tenants))
    outcomes: dict[int, ChangeRecord | PortFailure] = {}

    def build(place: int, tenant: Tenant) -> None:
        pbx = world.open()
        try:
            pbx.inspect()
            start.wait(10)
            outcomes[place] = pbx.build_tenant(tenant, run="run-1", digest="d1")
        except PortFailure as failure:
            outcomes[place] = failure
        finally:
            pbx.close()

    threads = [
        threading.Thread(target=build, args=(place, tenant)) for place, tenant in enumerate(tenants)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return [outcomes[place] for place in range(len(tenants))]
