"""On which PBX server a new tenant goes: the mapping's, else the account's default, else the one
with the most room. Reads rows only; the claim at submit is what counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import CarrierDefaults, Mapping
from ringup.pbx.models import PbxServer


def server_for(mapping: Mapping) -> PbxServer | None:
    """The server for a new tenant under this mapping; None when none can take it."""
    if mapping.account is None:
        return None
    return choose(
        mapping.server, mapping.account, servers=PbxServer.objects.filter(is_enabled=True)
    )


def choose(
    wanted: PbxServer | None, account: CarrierAccount, *, servers: Iterable[PbxServer]
) -> PbxServer | None:
    """The first of mapped, default and roomiest server that is enabled, of the account's
    environment, and not full. ``servers`` are the enabled ones."""
    usable = {
        server.pk: server
        for server in servers
        if server.environment == account.environment and server.has_room
    }
    for preferred in _preferred(wanted, account):
        if preferred in usable:
            return usable[preferred]
    return max(usable.values(), key=lambda server: (server.room, -server.pk), default=None)


def _preferred(wanted: PbxServer | None, account: CarrierAccount) -> Iterator[int]:
    if wanted is not None:
        yield wanted.pk
    default = defaults_of(account).server_id
    if default is not None:
        yield default


def defaults_of(account: CarrierAccount) -> CarrierDefaults:
    """What orders through the account get on the PBX; an empty row where nothing is set."""
    try:
        return account.defaults
    except CarrierDefaults.DoesNotExist:
        return CarrierDefaults(account=account)
