"""Answers as bytes, with the loose types of the real service.

Known of VoIP.ms: a flag arrives as "1", 1 or true, an id or a number as text or as a number, a
list of one row as the bare row, an empty text as null. Which, nobody says; here a seed decides.
"""

from __future__ import annotations

import json
import random
import threading

# fmt: off
# What clients have seen as truth values; "yes" and "no" fields keep their words.
FLAGS = frozenset((
    "cnam", "e911", "sms", "sms_available", "sms_enabled", "sms_email_enabled",
    "sms_forward_enabled", "has_port_out_pin", "sms_url_callback_enabled",
    "sms_url_callback_retry", "smpp_enabled", "transcribe", "record_calls", "rerouted",
    "sip_traffic", "enable_ip_restriction", "enable_pop_restriction", "send_bye",
    "enable_internal_cnam", "diversion_header", "callerid_e164", "custom", "allow225",
))
NUMBERS = frozenset((
    "did", "id", "pop", "server_pop", "forwarding", "sipuri", "phone_number", "billing_type",
    "dialtime", "value", "stock", "protocol", "auth_type", "device_type", "lock_international",
    "international_route", "canada_routing", "voicemail", "max_expiry", "rtp_timeout",
    "rtp_hold_timeout", "internal_extension", "internal_dialtime", "dialing_mode", "tfcarrier",
    "call_pickup_behavior", "register_port", "from_server_pop", "calls_total", "calls_today",
    "area_code", "callerid_number", "callerid_override", "default_e911", "sms_forward",
    "voicemail_threshold",
))
EMPTY_AS_NULL = frozenset((
    "note", "description", "callerid_prefix", "voicemail", "port_out_pin", "ip",
    "ip_restriction",
))
# fmt: on
LOOSE = FLAGS | NUMBERS | EMPTY_AS_NULL


class Drift:
    """Renders payloads. Switched off, everything stays text and every list a list."""

    def __init__(self, *, seed: int, enabled: bool) -> None:
        self.enabled = enabled
        self._chance = random.Random(seed)  # noqa: S311 - loose types on purpose, not a secret
        self._lock = threading.Lock()

    def render(self, payload: object) -> bytes:
        with self._lock:
            return json.dumps(self._loose(payload) if self.enabled else payload).encode()

    def _loose(self, value: object, name: str = "") -> object:
        if isinstance(value, dict):
            # A list of a state has hundreds of thousands of fields, most of them text for good.
            loose = {
                key: self._loose(item, key)
                for key, item in value.items()
                if key in LOOSE or not isinstance(item, str)
            }
            return value | loose
        if isinstance(value, list):
            rows = [self._loose(item) for item in value]
            return rows[0] if len(rows) == 1 and self._chance.random() < 0.5 else rows
        return self._loose_text(name, value) if isinstance(value, str) else value

    def _loose_text(self, name: str, text: str) -> object:
        if name in FLAGS and text in ("0", "1"):
            return self._chance.choice([text, int(text), text == "1"])
        if name in NUMBERS and _is_plain_number(text):
            return self._chance.choice([text, int(text)])
        if name in EMPTY_AS_NULL and not text:
            return self._chance.choice(["", None])
        return text


def _is_plain_number(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isdigit() and (digits == "0" or not digits.startswith("0"))
