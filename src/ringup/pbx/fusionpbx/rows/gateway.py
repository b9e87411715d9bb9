"""The tenant's own SIP gateway to the carrier (reference section 5)."""

from __future__ import annotations

from ringup.pbx.fusionpbx.identifiers import Identifiers
from ringup.pbx.fusionpbx.rows.table_rows import TableRows
from ringup.pbx.port import Gateway, Tenant

PROFILE = "external"
_USUAL_PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}


def gateway_rows(tenant: Tenant) -> TableRows:
    """One gateway that registers.

    ``extension`` is ``auto``: a call that the carrier sends to the registered contact is then
    looked up by the number in its To header; with the default it would be looked up by the
    trunk's user name (read in FreeSWITCH's source, not verified against a live system).
    """
    ids = Identifiers(tenant.uid, tenant.generation)
    gateway = tenant.gateway
    return {
        "v_gateways": [
            {
                "gateway_uuid": ids.gateway,
                "domain_uuid": ids.domain,
                "gateway": gateway.label,
                "username": gateway.username,
                "password": gateway.password,
                "proxy": _proxy(gateway),
                "register": True,
                "register_transport": gateway.transport,
                "expire_seconds": "800",
                "retry_seconds": "30",
                "extension": "auto",
                "context": "public",
                "profile": PROFILE,
                "channels": "0",
                "caller_id_in_from": True,
                "distinct_to": False,
                "contact_in_ping": False,
                "supress_cng": False,
                "enabled": True,
            }
        ]
    }


def _proxy(gateway: Gateway) -> str:
    if gateway.port == _USUAL_PORTS[gateway.transport]:
        return gateway.host
    return f"{gateway.host}:{gateway.port}"
