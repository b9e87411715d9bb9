"""Which addresses an account may talk to: a rule of its environment, kept wherever one is saved or
opened. Real money is spent at one, rehearsals happen at the other."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple
from urllib.parse import urlsplit

from ringup.carriers.port import Carrier

WHOLE = "Type the whole address of the API, for example https://carrier.example/api/."


class Address(NamedTuple):
    """What matters of a URL."""

    scheme: str
    host: str

    @property
    def is_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def address_of(url: str) -> Address | None:
    """Scheme and host of an http(s) URL without a login in it; None for anything else."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    # A dot at the end names the same host.
    return Address(parts.scheme, parts.hostname.lower().rstrip("."))


def problem_with(adapter: type[Carrier], url: str, *, is_sandbox: bool) -> str:
    """Why an account of this environment may not talk to ``url``, as a sentence; empty when it may.

    Only https, except to this machine: credentials travel with every call.
    """
    address = address_of(url)
    if address is None:
        return WHOLE
    live, rehearsal = address_of(adapter.production_url), address_of(adapter.sandbox_url)
    if is_sandbox:
        is_rehearsal = rehearsal is not None and address.host == rehearsal.host
        if live and not is_rehearsal and _is_within(address.host, live.host):
            return (
                f"{address.host} is {adapter.label}'s real service, where orders cost money. A "
                "sandbox account needs a sandbox's address."
            )
        if address.scheme != "https" and not address.is_loopback:
            return "Use https: the credentials travel with every call."
        return ""
    if address.scheme != "https":
        return "Use https: a production account sends its credentials with every call."
    if live and address.host != live.host:
        return (
            f"{address.host} is not {adapter.label}'s real service, which is {live.host}. Choose "
            f"the sandbox environment, or the address {adapter.production_url}."
        )
    return ""


def _is_within(host: str, other: str) -> bool:
    """Whether it is the other host, or a name below it: ``www.`` leads to the same service."""
    return f".{host}".endswith(f".{other}")
