"""Set-up sheets: for each telephone its account, and a QR code from which an app sets itself up.

The code holds the account as the app Grandstream Wave reads it. The form is the one that FusionPBX's
own page for that app writes (``app/gswave``, read in its public source); it was not tried with the app.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from ringup.core import qr
from ringup.flows.revealing import Credentials

# What a telephone dials to hear its messages: FusionPBX's own dialplan, in every tenant.
VOICEMAIL = "*97"
# Digits and star codes may be dialled.
DIALPLAN = "{x+|*x+|*++}"


@dataclass(frozen=True, slots=True)
class SetUpSheet:
    """One telephone. ``picture`` is a secret, as is the password: show them on the one-time page
    only."""

    account: str
    password: str = field(repr=False)
    voicemail_pin: str = field(repr=False)
    picture: str = field(repr=False)


def set_up_sheets(credentials: Credentials) -> Iterator[SetUpSheet]:
    """One for each extension, or the one of a number's own account."""
    if credentials.username:
        account, password = credentials.username, credentials.password
        yield SetUpSheet(account, password, "", _picture(credentials, account, password))
    for row in credentials.extensions:
        picture = _picture(credentials, row.extension, row.password)
        yield SetUpSheet(row.extension, row.password, row.voicemail_pin, picture)


def _picture(credentials: Credentials, account: str, password: str) -> str:
    outbound = f"{credentials.sip_host}:{credentials.sip_port}"
    fields = {
        "RegisterServer": credentials.domain or credentials.sip_host,
        "OutboundServer": outbound,
        "SecOutboundServer": outbound,
        "UserID": account,
        "AuthID": account,
        "AuthPass": password,
        "AccountName": account,
        "DisplayName": account,
        "Dialplan": DIALPLAN,
        "RandomPort": "0",
        "Voicemail": VOICEMAIL if credentials.domain else "",
    }
    inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    return qr.picture(
        "<?xml version='1.0' encoding='utf-8'?>"
        f"<AccountConfig version='1'><Account>{inside}</Account></AccountConfig>"
    )
