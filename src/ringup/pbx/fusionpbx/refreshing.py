"""What follows a change outside of the database: directories, cache, gateways, access lists.

Everything here may be repeated at any time.
"""

from __future__ import annotations

from pathlib import Path

from ringup.core.failures import OurFault
from ringup.pbx.fusionpbx import caching, directories, markers
from ringup.pbx.fusionpbx.database import Database
from ringup.pbx.fusionpbx.event_socket import EventSocket
from ringup.pbx.fusionpbx.markers import Marker, Refresh
from ringup.pbx.fusionpbx.server_settings import read_settings
from ringup.pbx.port import PbxConnection


def refresh(database: Database, server: PbxConnection, events: EventSocket, marker: Marker) -> None:
    """Make a committed change take effect, then set its mark."""
    directories.make(server, marker.refresh)
    _clear_cache(database, server, events, marker.refresh)
    _reload(events, marker.refresh)
    markers.set_refreshed(database, marker)


def clear_traces(
    database: Database, server: PbxConnection, events: EventSocket, marker: Marker
) -> list[Path]:
    """Make an undone change stop having effect, then drop its row.

    Returns the directories that stay because something is in them. The cache is cleared before
    the gateway is killed: a rescan in between would bring it back from the cache.
    """
    _clear_cache(database, server, events, marker.refresh)
    if marker.refresh.gateway:
        # Answers an error when the gateway is not loaded (any more), which is what we want.
        events.api(f"sofia profile {marker.refresh.profile} killgw {marker.refresh.gateway}")
    kept = directories.remove_empty(server, marker.refresh)
    markers.forget(database, marker.key)
    return kept


def _clear_cache(
    database: Database, server: PbxConnection, events: EventSocket, refresh: Refresh
) -> None:
    method = read_settings(database).cache_method
    hostname = events.api("hostname") if refresh.gateway else ""
    caching.clear(server, method, caching.stale_keys(refresh, hostname), events)


def _reload(events: EventSocket, refresh: Refresh) -> None:
    if refresh.gateway:
        answer = events.api(f"sofia profile {refresh.profile} rescan")
        if answer.startswith(("-ERR", "Invalid")):
            raise OurFault(f"the SIP profile {refresh.profile} does not run on the PBX: {answer}")
    if refresh.access_list:
        answer = events.api("reloadacl")
        if answer.startswith("-ERR"):
            raise OurFault(f"the PBX did not reload its access lists: {answer}")
