"""What Ringup asks of any PBX that hosts tenants.

Adapters live in ``pbx/<name>/``; this module imports none of them and no Django. Methods raise the
four failures of ``ringup.core.failures``. No method may be called inside a transaction of ours.
"""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass, field
from typing import Protocol

from ringup.core.ids import outside_uuid
from ringup.pbx.home_plan import HomePlan
from ringup.pbx.tenant_settings import GatewaySettings, InboundSettings, OutboundSettings


@dataclass(frozen=True, slots=True)
class PbxConnection:
    """Addresses and secrets of one PBX server, and how its tenants are made.

    ``dsn`` is libpq's. Directories are paths on the host where the adapter runs. Empty recordings
    and voicemail directories are not made: the PBX makes them when first needed. ``cache_dir`` may
    only be empty where the PBX does not cache in files.
    """

    dsn: str = field(repr=False)
    event_host: str
    event_port: int
    event_password: str = field(repr=False)
    cache_dir: str = ""
    recordings_dir: str = ""
    voicemail_dir: str = ""
    template_domain: str = ""
    access_list: str = "providers"
    administrators_group: str = "ringup_tenant_admin"
    connect_timeout_seconds: float = 5.0
    statement_timeout_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class ServerReport:
    """What the PBX turned out to be. ``problems`` are sentences for staff; empty when all is well.

    ``dialect`` is ``boolean`` (5.5) or ``text`` (5.0 to 5.4); ``dialplan_mode`` single or multiple.
    ``tenants`` and ``extensions`` count everybody's; ``others_…`` those that Ringup did not make,
    the template's included. ``made`` says what preparing made that was missing.
    """

    version: str
    dialect: str
    dialplan_mode: str
    cache_method: str
    hostname: str
    prepared: bool
    tenants: int
    extensions: int
    others_tenants: int = 0
    others_extensions: int = 0
    problems: tuple[str, ...] = ()
    made: tuple[str, ...] = ()


class AdministratorGroup(enum.StrEnum):
    """What a tenant's first login may do: the whole tenant's work, or what concerns his own extension.
    Nobody gets rights over other tenants."""

    ADMIN = "admin"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Administrator:
    """The tenant's own administrator. ``password_hash`` is bcrypt (``$2b$``)."""

    username: str
    email: str
    name: str
    password_hash: str = field(repr=False)
    group: AdministratorGroup = AdministratorGroup.ADMIN


@dataclass(frozen=True, slots=True)
class Extension:
    """One seat: a SIP account with a voicemail box. Secrets: letters and digits, digits only."""

    extension: str
    name: str
    email: str
    sip_password: str = field(repr=False)
    voicemail_pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A SIP gateway to the carrier. Its uuid is ``gateway_uuid(uid, generation)``."""

    label: str
    username: str
    host: str
    port: int
    transport: str
    password: str = field(repr=False)
    settings: GatewaySettings = field(default_factory=GatewaySettings)


@dataclass(frozen=True, slots=True)
class Destination:
    """A number that rings an extension. ``owned`` is the OwnedNumber's uid: it keys the rows."""

    owned: uuid.UUID
    e164: str
    extension: str
    settings: InboundSettings = field(default_factory=InboundSettings)


class DialPattern(enum.StrEnum):
    """Which numbers a tenant may dial. The names are ours; the adapter knows the expressions."""

    NANP = "nanp"
    TOLL_FREE = "toll-free"
    INTERNATIONAL = "international"
    ISLANDS = "islands"
    PREMIUM = "premium"
    # The PBX's own country, where that is not in North America (``Tenant.home``).
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Tenant:
    """The whole tenant as it should be. Secrets are inside: never log it, never store it.

    ``uid`` and ``generation`` are the service's; every uuid on the PBX derives from them.
    ``open_patterns`` are allowed; everything else that costs extra is refused. ``emergency_caller_id``
    is the number whose registered address staff confirmed; without it 911 and 933 play a notice.
    ``home`` is how numbers are dialled where the PBX is at home, None in North America.
    ``caller_id`` is digits in the carrier's own form, or E.164 with ``+`` for the usual one.
    """

    uid: uuid.UUID
    generation: int
    domain: str
    company: str
    time_zone: str
    language: str
    administrator: Administrator
    extensions: tuple[Extension, ...]
    gateway: Gateway
    destinations: tuple[Destination, ...]
    caller_id: str
    max_extensions: int
    max_outbound_calls: int
    open_patterns: frozenset[DialPattern] = frozenset({DialPattern.NANP, DialPattern.TOLL_FREE})
    emergency_caller_id: str = ""
    home: HomePlan | None = None
    outbound: OutboundSettings = field(default_factory=OutboundSettings)


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """One row as it would be written, for people: ``columns`` that are filled, secrets masked.

    ``part`` is what it belongs to: ``gateway``, ``inbound``, ``outbound`` or ``access``. ``xml`` is a
    dialplan's, for which ``title`` is its name.
    """

    part: str
    table: str
    title: str
    columns: tuple[tuple[str, str], ...]
    xml: str = ""


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One row of ``ringup.change`` on the PBX: the proof that a change of ours was committed.

    ``key`` names the change (``tenant_key``, ``destination_key``); ``made`` counts rows by table;
    ``parts`` are the sub-results for people ("10 extensions with voicemail").
    """

    key: str
    generation: int
    run: str
    digest: str
    made: dict[str, int]
    parts: tuple[str, ...]
    refreshed: bool


class GatewayState(enum.StrEnum):
    UP = "up"
    TRYING = "trying"
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class GatewayReport:
    """``detail`` is the PBX's own word, for staff (``REGED``, ``FAIL_WAIT`` …)."""

    state: GatewayState
    detail: str


def tenant_key(uid: uuid.UUID) -> str:
    """The key of a tenant's change row."""
    return f"tenant/{uid}"


def destination_key(tenant: uuid.UUID, owned: uuid.UUID) -> str:
    """The key of the change row of a number that was added to a live tenant."""
    return f"destination/{tenant}/{owned}"


def gateway_uuid(uid: uuid.UUID, generation: int) -> uuid.UUID:
    """The uuid of a tenant's gateway, known before the gateway exists."""
    return outside_uuid(uid, generation, "gateway")


# The shortest prefix of a network in an access list: whoever is in it calls without a password,
# and nobody who sells calls owns more.
WIDEST_NETWORK = {4: 12, 6: 28}


class Pbx(Protocol):
    """One PBX server. Made by ``ringup.pbx.opening``; use as a context manager, or call ``close``."""

    label: str

    def close(self) -> None:
        """Let go of connections. Calling it twice does no harm."""

    def inspect(self) -> ServerReport:
        """Look at the server: version, column types, cache, event socket. Reading only."""

    def prepare(self) -> ServerReport:
        """Make what Ringup needs once per server: schema ``ringup``, the administrators' reduced
        group, the carriers' access list. Repeatable; survives every tenant's removal."""

    @staticmethod
    def preview(tenant: Tenant) -> tuple[WrittenRow, ...]:
        """The rows of gateway, numbers and routes that ``build_tenant`` would write, without asking
        any server. Raises what ``build_tenant`` would raise about the wish itself."""

    @staticmethod
    def preview_addresses(cidrs: list[str], *, note: str) -> tuple[WrittenRow, ...]:
        """The rows that ``allow_addresses`` would write where none of the addresses is in yet."""

    # -- access list --------------------------------------------------------------------------

    def addresses_allowed(self, cidrs: list[str]) -> bool:
        """Whether every address stands in the carriers' access list and no change waits for a reload."""

    def allow_addresses(self, cidrs: list[str], *, note: str) -> int:
        """Put the missing addresses into the access list and reload it. Returns how many were new.
        They serve all tenants, so nothing takes them out with one tenant."""

    # -- tenants ------------------------------------------------------------------------------

    def domain_owner(self, domain: str) -> uuid.UUID | None:
        """The domain uuid of the tenant that has this domain name (any case), or None."""

    def change(self, key: str) -> ChangeRecord | None:
        """Our record of a change, or None when it was never committed (or was undone)."""

    def build_tenant(self, tenant: Tenant, *, run: str, digest: str) -> ChangeRecord:
        """Make the whole tenant in one transaction together with its change record.

        Returns the existing record when the same generation and digest was built before.
        ``NotOurs`` when the domain, or anything under our uuids, exists without our record.
        ``OutcomeUnknown`` when the connection was lost around COMMIT: ask ``change`` first.
        """

    def add_destination(
        self, tenant: uuid.UUID, generation: int, destination: Destination, *, run: str, digest: str
    ) -> ChangeRecord:
        """Add a number to a living tenant, in one transaction with its own change record."""

    def refresh(self, key: str) -> None:
        """Make directories, clear cache keys, reload what the change touched; then set its
        ``refreshed`` mark. Always repeatable."""

    def unrefreshed(self) -> list[str]:
        """Keys of committed changes whose refresh never finished: a sweep repeats them."""

    def undo(self, key: str) -> tuple[str, ...]:
        """Take back one change: only the rows its record names, and directories that are empty.

        ``Refused``, naming them, when rows of others (the client's own phones, menus, further
        destinations) would be orphaned. Nothing when there is no record. Returns sentences about
        what was removed.
        """

    # -- watching -----------------------------------------------------------------------------

    def gateway(self, gateway: uuid.UUID) -> GatewayReport:
        """The registration state of one gateway."""
