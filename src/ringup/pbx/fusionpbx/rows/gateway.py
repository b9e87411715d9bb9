"""The tenant's own SIP gateway to the carrier (reference section 5)."""

from __future__ import annotations

from ringup.pbx.fusionpbx.identifiers import Identifiers
from ringup.pbx.fusionpbx.rows.table_rows import Row, TableRows
from ringup.pbx.port import Gateway, Tenant
from ringup.pbx.tenant_settings import GatewaySettings

_USUAL_PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}


def gateway_rows(tenant: Tenant) -> TableRows:
    """One gateway with its settings; what is not set stays NULL, as in FusionPBX's own editor."""
    ids = Identifiers(tenant.uid, tenant.generation)
    gateway = tenant.gateway
    row: Row = {
        "gateway_uuid": ids.gateway,
        "domain_uuid": ids.domain,
        "gateway": gateway.label,
        "username": gateway.settings.username or gateway.username,
        "password": gateway.password,
        "proxy": gateway.settings.proxy or _proxy(gateway),
        "register_transport": gateway.settings.register_transport or gateway.transport,
    }
    return {"v_gateways": [row | _settings(gateway.settings)]}


def _settings(settings: GatewaySettings) -> Row:
    """Numbers are text here: some of these columns are text, and the others take it."""
    inside = settings.extension_in_contact
    row: Row = {
        "register": settings.register,
        "expire_seconds": str(settings.expire_seconds),
        "retry_seconds": str(settings.retry_seconds),
        "extension": settings.extension,
        "context": settings.context,
        "profile": settings.profile,
        "channels": str(settings.channels),
        "caller_id_in_from": settings.caller_id_in_from,
        "distinct_to": settings.distinct_to,
        "contact_in_ping": settings.contact_in_ping,
        "supress_cng": settings.supress_cng,
        "enabled": settings.enabled,
    }
    texts: Row = {
        "auth_username": settings.auth_username,
        "from_user": settings.from_user,
        "from_domain": settings.from_domain,
        "realm": settings.realm,
        "register_proxy": settings.register_proxy,
        "outbound_proxy": settings.outbound_proxy,
        "ping": settings.ping,
        "ping_min": settings.ping_min,
        "ping_max": settings.ping_max,
        "contact_params": settings.contact_params,
        "extension_in_contact": None if inside is None else str(inside).lower(),
        "sip_cid_type": settings.sip_cid_type,
        "codec_prefs": settings.codec_prefs,
        "hostname": settings.hostname,
        "description": settings.description,
    }
    return row | {name: str(value) for name, value in texts.items() if value not in (None, "")}


def _proxy(gateway: Gateway) -> str:
    if gateway.port == _USUAL_PORTS[gateway.transport]:
        return gateway.host
    return f"{gateway.host}:{gateway.port}"
