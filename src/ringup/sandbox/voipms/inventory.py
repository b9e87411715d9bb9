"""A number in the account: one row in the fields of ``getDIDsInfo``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ringup.sandbox.voipms import options
from ringup.sandbox.voipms.state import Row, now

BILLED_EVERY = timedelta(days=30)


def new_row(did: str, description: str) -> Row:
    """A number just bought, routed nowhere, everything else off."""
    return (
        {
            "did": did,
            "description": description,
            "routing": "none:",
            "failover_busy": "none:",
            "failover_unreachable": "none:",
            "failover_noanswer": "none:",
            "voicemail": "",
            "pop": options.pops()[0],
            "dialtime": "60",
            "cnam": "0",
            "e911": "0",
            "callerid_prefix": "",
            "note": "",
            "port_out_pin": "",
            "billing_type": "1",
            "next_billing": (datetime.now(UTC) + BILLED_EVERY).strftime("%Y-%m-%d"),
            "order_date": now(),
            "record_calls": "0",
            "voicemail_threshold": "0",
        }
        | _reseller()
        | _messages()
        | _transcription()
    )


def _reseller() -> Row:
    return {
        "reseller_account": "",
        "reseller_next_billing": "0000-00-00",
        "reseller_monthly": "0.00000000",
        "reseller_minute": "0.00000000",
        "reseller_setup": "0.00000000",
    }


def _messages() -> Row:
    return {
        "sms_available": "1",
        "sms_enabled": "0",
        "sms_email": "",
        "sms_email_enabled": "0",
        "sms_forward": "-1",
        "sms_forward_enabled": "0",
        "sms_url_callback": "",
        "sms_url_callback_enabled": "0",
        "sms_url_callback_retry": "0",
        "smpp_enabled": "0",
        "smpp_url": "",
        "smpp_user": "",
        "smpp_pass": "",
    }


def _transcription() -> Row:
    return {
        "transcribe": "0",
        "transcription_locale": "",
        "transcription_redaction": "no",
        "transcription_summary": "no",
        "transcription_sentiment": "no",
        "transcription_email": "",
    }
