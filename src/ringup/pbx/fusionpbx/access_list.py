"""The carriers' addresses in FusionPBX's access list: who may send calls without a password."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from psycopg.sql import SQL

from ringup.core.failures import OurFault
from ringup.core.ids import RINGUP, outside_uuid
from ringup.pbx.fusionpbx import locks, markers, writing
from ringup.pbx.fusionpbx.database import Database
from ringup.pbx.fusionpbx.markers import Marker, Refresh
from ringup.pbx.fusionpbx.rows.table_rows import TableRows
from ringup.pbx.port import WIDEST_NETWORK

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LIST = SQL(
    """
    SELECT a.access_control_uuid::text AS uuid, a.access_control_default AS otherwise,
      (SELECT coalesce(jsonb_agg(n.node_cidr), '[]') FROM v_access_control_nodes n
        WHERE n.access_control_uuid = a.access_control_uuid AND n.node_type = 'allow') AS allowed
    FROM v_access_controls a WHERE a.access_control_name = %(name)s
    """
)


def change_key(name: str) -> str:
    """The key of the change row that says whether the list was reloaded."""
    return f"access/{name}"


def networks(cidrs: Iterable[str]) -> list[Network]:
    """Addresses and networks as one type; a bare address is a network of one."""
    try:
        found = [ipaddress.ip_network(cidr.strip()) for cidr in cidrs]
    except ValueError as error:
        raise OurFault(f"a carrier's address cannot be read: {error}") from None
    for network in found:
        if network.prefixlen < WIDEST_NETWORK[network.version]:
            raise OurFault(f"{network} is too wide for a carrier: whoever is in it calls for free")
    return found


def missing(database: Database, name: str, wanted: Sequence[Network]) -> tuple[str, list[Network]]:
    """The list's uuid, and which of ``wanted`` no entry covers."""
    found = database.row(_LIST, {"name": name})
    if found is None:
        raise OurFault(f"this PBX has no access list {name}: prepare the server first")
    allowed = [network for cidr in found["allowed"] if (network := _network(cidr))]
    open_already = [one for one in wanted if any(_covers(entry, one) for entry in allowed)]
    return str(found["uuid"]), [one for one in wanted if one not in open_already]


def allow(database: Database, name: str, wanted: Sequence[Network], *, note: str) -> int:
    """Write the missing entries, and a change row that waits for the reload."""
    with database.transaction():
        locks.lock_server(database)
        list_uuid, absent = missing(database, name, wanted)
        if absent:
            rows = node_rows(list_uuid, absent, note)
            marker = Marker(
                key=change_key(name),
                generation=0,
                run=str(uuid.uuid4()),
                digest=",".join(map(str, absent)),
                made={},
                parts=[f"carriers' addresses in {name}"],
                refresh=Refresh(access_list=name),
            )
            statements = writing.inserts(database.dialect, rows, now=datetime.now(UTC))
            database.batch([*statements, markers.repeated_insertion(marker)])
    return len(absent)


def list_rows(name: str) -> TableRows:
    """A list of our own, for a server that has none of this name."""
    return {
        "v_access_controls": [
            {
                "access_control_uuid": str(outside_uuid(RINGUP, 0, "access-list", name)),
                "access_control_name": name,
                "access_control_default": "deny",
                "access_control_description": "Carriers that may send calls",
            }
        ]
    }


def node_rows(list_uuid: str, absent: Iterable[Network], note: str) -> TableRows:
    """One entry for each network, each with a uuid of its own."""
    return {
        "v_access_control_nodes": [
            {
                "access_control_node_uuid": str(uuid.uuid4()),
                "access_control_uuid": list_uuid,
                "node_type": "allow",
                "node_cidr": str(network),
                "node_description": note,
            }
            for network in absent
        ]
    }


def _network(cidr: str | None) -> Network | None:
    # Entries that staff typed may be anything; what cannot be read allows nothing.
    try:
        return ipaddress.ip_network((cidr or "").strip(), strict=False)
    except ValueError:
        return None


def _covers(entry: Network, wanted: Network) -> bool:
    if isinstance(entry, ipaddress.IPv4Network) and isinstance(wanted, ipaddress.IPv4Network):
        return wanted.subnet_of(entry)
    if isinstance(entry, ipaddress.IPv6Network) and isinstance(wanted, ipaddress.IPv6Network):
        return wanted.subnet_of(entry)
    return False
