"""Tenants to wish for in tests of any PBX."""

from __future__ import annotations

import uuid
from typing import Any

from ringup.pbx.port import Administrator, Destination, Extension, Gateway, Tenant

# bcrypt of a password that nobody needs to know here; hashing costs time.
PASSWORD_HASH = "$2b$10$" + "abcdefghijklmnopqrstuv" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ01234"
GATEWAY_PASSWORD = "Trunk4Secret9Word"
SIP_PASSWORD = "Phone7Secret{number}Word"
PIN = "7391{number}"
DOMAIN = "acme.pbx.example"
E164 = "+12085550100"


def destination(e164: str = E164, extension: str = "1001") -> Destination:
    return Destination(uuid.uuid4(), e164, extension)


def wished_tenant(*, seats: int = 3, **changes: Any) -> Tenant:
    """A small company with one number that rings 1001; everything costly is closed."""
    extensions = tuple(
        Extension(
            extension=str(1001 + seat),
            name=f"Seat {seat + 1}",
            email=f"seat{seat + 1}@acme.example",
            sip_password=SIP_PASSWORD.format(number=1001 + seat),
            voicemail_pin=PIN.format(number=1001 + seat),
        )
        for seat in range(seats)
    )
    given: dict[str, Any] = {
        "uid": uuid.uuid4(),
        "generation": 1,
        "domain": DOMAIN,
        "company": "Acme & Sons",
        "time_zone": "America/Boise",
        "language": "en-us",
        "administrator": Administrator("alice", "alice@acme.example", "Alice Mill", PASSWORD_HASH),
        "extensions": extensions,
        "gateway": Gateway(
            "Carrier One", "100000_acme", "sip.example", 5060, "udp", GATEWAY_PASSWORD
        ),
        "destinations": (destination(),),
        "caller_id": E164,
        "max_extensions": seats,
        "max_outbound_calls": 3,
    }
    return Tenant(**(given | changes))


def secrets_of(tenant: Tenant) -> list[str]:
    """Every text that must never be seen in a message."""
    return [
        tenant.administrator.password_hash,
        tenant.gateway.password,
        *(extension.sip_password for extension in tenant.extensions),
        *(extension.voicemail_pin for extension in tenant.extensions),
    ]
