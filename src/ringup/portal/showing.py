"""Credentials as plain text, for a password manager or a colleague at the phones."""

from __future__ import annotations

from ringup.flows.revealing import Credentials


def as_text(credentials: Credentials) -> str:
    """All of it, one fact a line. It is a secret: show it on the one-time page only."""
    lines = [f"SIP server {credentials.sip_host}, port {credentials.sip_port}"]
    if credentials.domain:
        lines.append(f"Domain {credentials.domain}, TLS port {credentials.tls_port}")
    if credentials.username:
        lines.append(f"User name {credentials.username}, password {credentials.password}")
    lines += [
        f"Extension {f'{row.extension} {row.name}'.strip()}, password {row.password}, "
        f"voicemail PIN {row.voicemail_pin}"
        for row in credentials.extensions
    ]
    return "\n".join(lines)
