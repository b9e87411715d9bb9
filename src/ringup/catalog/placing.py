"""On which PBX server a new tenant goes: the mapping's, else the account's default, else the one
with the most room. Reads rows only; the claim at submit is what counts."""

from __future__ import annotations

from collections.abc import Iterable

from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import CarrierDefaults
from ringup.pbx.models import PbxServer


def choose(
    wanted: PbxServer | None,
    account: CarrierAccount,
    *,
    servers: Iterable[PbxServer],
    extensions: int = 0,
    pinned: PbxServer | None = None,
) -> PbxServer | None:
    """The server for a new tenant with so many extensions; None when none can take it.

    The first of ``pinned`` (where a draft was proposed), ``wanted`` (the mapping's), the account's
    default and the roomiest one that is of the account's environment and has room. ``servers`` are
    the enabled ones. Among equals it is the oldest row.
    """
    usable = {
        server.pk: server
        for server in servers
        if server.environment == account.environment and server.has_room(extensions)
    }
    for server in (pinned, wanted):
        if server is not None and server.pk in usable:
            return usable[server.pk]
    default = defaults_of(account).server_id
    if default in usable:
        return usable[default]
    return max(
        usable.values(),
        key=lambda server: (server.room, server.room_for_extensions, -server.pk),
        default=None,
    )


def defaults_of(account: CarrierAccount) -> CarrierDefaults:
    """What orders through the account get on the PBX; an empty row where nothing is set."""
    try:
        return account.defaults
    except CarrierDefaults.DoesNotExist:
        return CarrierDefaults(account=account)
