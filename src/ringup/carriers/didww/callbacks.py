"""Callbacks: whether DIDWW signed them, and what they speak about.

The signature is HMAC-SHA1 over the address (always with its port) and the sorted names and values.
There is neither time nor number in it, so an old callback can be played again: what it says is only
a hint where to look. Source: the public validators in the carrier's client libraries, and the vectors
in its documentation; that GET callbacks are signed with their query is read there and not tried.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from ringup.carriers.papers import Hint
from ringup.core.failures import Refused

HEADER = "x-didww-signature"
PORTS = {"http": 80, "https": 443}
# The carrier's types in our words; any other keeps its own.
KINDS = {"orders": "order", "address_verifications": "verification"}
MOST_BYTES = 100_000

Fields = dict[str, str]


def hints(
    secret: str, *, url: str, method: str, headers: Mapping[str, str], body: bytes
) -> list[Hint]:
    """What a callback speaks about; ``Refused`` when it is not DIDWW's. ``url`` is the public one with
    its query."""
    if not secret:
        raise Refused(
            "No callback secret is stored for this DIDWW account: nothing can be checked."
        )
    given = next((value for name, value in headers.items() if name.lower() == HEADER), "")
    parcels = _parcels(url, method, headers, body)
    if not any(
        hmac.compare_digest(signature(secret, address, parcels).encode(), given.lower().encode())
        for address in _addresses(url, method)
    ):
        raise Refused("The callback is not signed by DIDWW with this account's secret.")
    return [hint for parcel in parcels if (hint := _hint(parcel))]


def signature(secret: str, url: str, parcels: list[Fields]) -> str:
    """The hex digest for an address and what is sent there: one parcel of fields, or the several of a
    JSON list."""
    said = "".join(f"{name}{parcel[name]}" for parcel in parcels for name in sorted(parcel))
    # JSON may name half a character, which is no text: nobody signs that.
    text = (normal(url) + said).encode(errors="surrogatepass")
    return hmac.new(secret.encode(), text, hashlib.sha1).hexdigest()


def normal(url: str) -> str:
    """The address as it is signed: its port always written, and never without a path."""
    parts = urlsplit(url)
    login, at, _ = parts.netloc.rpartition("@")
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = parts.port or PORTS.get(parts.scheme, 80)
    return urlunsplit(parts._replace(netloc=f"{login}{at}{host}:{port}", path=parts.path or "/"))


def _addresses(url: str, method: str) -> Iterator[str]:
    """What may have been signed. With GET the fields stand in the query, and whether the signed
    address has it is not certain; each of them needs the secret."""
    yield url
    parts = urlsplit(url)
    if method.upper() == "GET" and parts.query:
        yield urlunsplit(parts._replace(query=""))


def _parcels(url: str, method: str, headers: Mapping[str, str], body: bytes) -> list[Fields]:
    if len(body) > MOST_BYTES:
        raise Refused("The callback is longer than any of DIDWW's.")
    if method.upper() == "GET":
        return [dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))]
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    try:
        text = body.decode()
        if "json" not in kind.lower():
            return [dict(parse_qsl(text, keep_blank_values=True))]
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("The callback cannot be read.") from None
    rows = content if isinstance(content, list) else [content]
    if not all(isinstance(row, dict) for row in rows):
        raise Refused("The callback cannot be read.")
    return [{str(name): _said(value) for name, value in row.items()} for row in rows]


def _said(value: object) -> str:
    """A value of JSON as it is signed: as Ruby writes it."""
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _hint(parcel: Fields) -> Hint | None:
    kind, key = parcel.get("type", ""), parcel.get("id", "")
    return Hint(KINDS.get(kind, kind), key) if kind and key else None
