"""VoIP.ms's points of presence: where trunks register and calls come from."""

from __future__ import annotations

import ipaddress

from ringup.carriers.remembering import CATALOGUES
from ringup.carriers.voipms.client import VoipMsClient
from ringup.carriers.voipms.coercing import Row, flag, rows, text
from ringup.carriers.voipms.settings import Settings
from ringup.core.failures import OurFault


class Servers:
    """The list of servers, kept for a day, and the one that this account uses."""

    def __init__(self, client: VoipMsClient, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    def all(self) -> list[Row]:
        key = (self._client.url, self._client.user, "getServersInfo")
        return CATALOGUES.get(key, self._load)

    def pop(self) -> str:
        """The number of this account's server, as orders want it."""
        return text(self._chosen(), "server_pop")

    def host(self) -> str:
        """Its host name: taken from VoIP.ms's list, since the names carry numbers."""
        return text(self._chosen(), "server_hostname")

    def name(self) -> str:
        """Its name for people."""
        return _label(self._chosen())

    def choices(self) -> tuple[tuple[str, str], ...]:
        """Every server's number and name, for the setting ``pop``."""
        return tuple(
            (text(row, "server_pop"), _label(row)) for row in sorted(self.all(), key=_label)
        )

    def addresses(self) -> list[str]:
        """All servers' addresses as CIDR: VoIP.ms may send a call by another one than ours."""
        found = {_network(text(row, "server_ip")) for row in self.all()}
        return sorted(found - {""})

    def _load(self) -> list[Row]:
        return rows(self._client.read("getServersInfo"), "servers")

    def _chosen(self) -> Row:
        servers, wanted = self.all(), self._settings.pop
        if not wanted:
            servers = [row for row in servers if flag(row, "server_recommended")]
            if not servers:
                raise _missing("recommends no server")
            return min(servers, key=_order)
        for row in servers:
            if text(row, "server_pop") == wanted:
                return row
        raise _missing(f"has no point of presence {wanted!r}")


def _label(row: Row) -> str:
    name, host = text(row, "server_name"), text(row, "server_hostname")
    return f"{name} ({host})" if name else host


def _order(row: Row) -> tuple[int, str]:
    pop = text(row, "server_pop")
    return len(pop), pop


def _missing(what: str) -> OurFault:
    return OurFault(f"VoIP.ms {what}. Choose a point of presence for this account.")


def _network(address: str) -> str:
    try:
        return str(ipaddress.ip_network(address))
    except ValueError:
        return ""
