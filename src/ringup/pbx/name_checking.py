"""Whether the names of tenants lead to the PBX: one wildcard record in DNS, and certificates.

Asks for a random name, as only a wildcard answers it. No Django here.
"""

from __future__ import annotations

import ipaddress
import queue
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from cryptography import x509

Result = TypeVar("Result")
# Addresses of a name, empty where it does not exist. A name that ends in a dot is complete: the
# machine's own search domains are not tried.
Resolver = Callable[[str], list[str]]

HTTPS_PORT = 443
STEP_SECONDS = 3.0
TOTAL_SECONDS = 10.0
SOON = timedelta(days=21)
# Codes of OpenSSL's X509_V_ERR_…, as ssl.SSLCertVerificationError.verify_code has them.
_NOT_YET, _EXPIRED, _OTHER_NAME = 9, 10, 62
_SELF_SIGNED, _UNKNOWN_ISSUER = (18, 19), (20, 21)


@dataclass(frozen=True, slots=True)
class Names:
    """What tenants and phones are told."""

    suffix: str
    sip_host: str
    sip_tls_port: int
    https_port: int = HTTPS_PORT


@dataclass(frozen=True, slots=True)
class NamesReport:
    """``name`` is the random one that was asked for. ``certificates`` are sentences about good ones,
    ``problems`` sentences for staff about everything that is missing."""

    name: str
    addresses: tuple[str, ...]
    certificates: tuple[str, ...]
    problems: tuple[str, ...]


def resolve(name: str) -> list[str]:
    """The addresses that this machine's resolver knows, IPv4 first. ``OSError`` when it is silent."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
            return []
        raise
    return sorted({str(entry[4][0]) for entry in found}, key=lambda address: ":" in address)


def check_names(
    names: Names,
    *,
    resolve: Resolver = resolve,
    trusted: ssl.SSLContext | None = None,
    step_seconds: float = STEP_SECONDS,
) -> NamesReport:
    """Resolve a random name under the suffix, then look at both certificates that it meets there.
    ``trusted`` verifies them: by default with the authorities of this machine. Takes 10 s at most."""
    look = _Look(names, resolve, trusted or ssl.create_default_context(), step_seconds)
    addresses = look.wildcard()
    certificates = look.certificates(addresses or look.host)
    return NamesReport(look.name, tuple(addresses), tuple(certificates), tuple(look.problems))


class _Look:
    """One check, under one deadline."""

    def __init__(
        self, names: Names, resolve: Resolver, trusted: ssl.SSLContext, step_seconds: float
    ) -> None:
        self.names = names
        self.name = f"ringup-test-{secrets.token_hex(4)}.{names.suffix}"
        self.host: list[str] = []
        self.problems: list[str] = []
        self._resolve = resolve
        self._trusted = trusted
        self._step = step_seconds
        self._deadline = time.monotonic() + TOTAL_SECONDS

    # -- DNS ----------------------------------------------------------------------------------

    def wildcard(self) -> list[str]:
        """Where tenants' names lead; empty and a problem where they lead nowhere."""
        names = self.names
        host = self._addresses(names.sip_host, names.sip_host)
        found = self._addresses(f"{self.name}.", f"*.{names.suffix}")
        self.host = host or []
        if host == []:
            self.problems.append(
                f"The SIP host {names.sip_host} does not exist in DNS: phones cannot find the PBX."
            )
        if found == []:
            where = f" ({_list(self.host)})" if self.host else ""
            self.problems.append(
                f"There is no wildcard record *.{names.suffix} in DNS: add A and AAAA records, or "
                f"one CNAME, from *.{names.suffix} to {names.sip_host}{where}."
            )
        if found and host and not set(map(_plain, found)) & set(map(_plain, host)):
            self.problems.append(
                f"*.{names.suffix} leads to {_list(found)}, but the SIP host {names.sip_host} is "
                f"{_list(host)}: tenants' phones and sign-in pages would go to another machine."
            )
        return found or []

    def _addresses(self, name: str, words: str) -> list[str] | None:
        """None, and a problem, where nobody could be asked."""
        try:
            return self._within(lambda: self._resolve(name))
        except (OSError, UnicodeError):
            self.problems.append(
                f"DNS gives no answer about {words}: check the resolver of the machine that Ringup "
                "runs on, then test again."
            )
            return None

    # -- certificates -------------------------------------------------------------------------

    def certificates(self, addresses: list[str]) -> Iterator[str]:
        """A sentence about each good one; the rest become problems."""
        if not addresses:
            return
        for words, port in (
            ("web pages", self.names.https_port),
            ("SIP over TLS", self.names.sip_tls_port),
        ):
            try:
                until = self._within(lambda port=port: self._verified(addresses[0], port))  # type: ignore[misc]
            except (OSError, UnicodeError) as error:
                what = self._what_is_wrong(error, addresses[0], port)
                self.problems.append(f"Port {port} of {addresses[0]}, for {words}: {what}")
                continue
            if until - datetime.now(UTC) < SOON:
                self.problems.append(
                    f"The certificate on port {port}, for {words}, expires on {_day(until)}: "
                    "renew it."
                )
            yield f"Port {port}, {words}: covers *.{self.names.suffix} until {_day(until)}."

    def _verified(self, address: str, port: int) -> datetime:
        """When the certificate ends that is shown for our name; ``OSError`` when it is not good."""
        with (
            socket.create_connection((address, port), timeout=self._step) as line,
            self._trusted.wrap_socket(line, server_hostname=self.name) as secure,
        ):
            shown = secure.getpeercert() or {}
            seconds = ssl.cert_time_to_seconds(str(shown["notAfter"]))
            return datetime.fromtimestamp(seconds, tz=UTC)

    def _shown(self, address: str, port: int) -> x509.Certificate | None:
        """The certificate that is shown, whatever it is worth."""
        anything = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anything.check_hostname = False
        anything.verify_mode = ssl.CERT_NONE  # nothing is sent: it is only read
        with (
            socket.create_connection((address, port), timeout=self._step) as line,
            anything.wrap_socket(line, server_hostname=self.name) as secure,
        ):
            raw = secure.getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(raw) if raw else None

    def _what_is_wrong(self, error: Exception, address: str, port: int) -> str:
        match error:
            case ssl.SSLCertVerificationError():
                return self._what_is_wrong_with_it(error, address, port)
            case TimeoutError():
                return "no answer in time. A firewall may drop the packets: open the port."
            case ConnectionRefusedError():
                return "nothing listens there. Start the service, or open the port."
            case ssl.SSLError():
                return "what answers there does not speak TLS."
            case _:
                return f"cannot be reached ({type(error).__name__})."

    def _what_is_wrong_with_it(
        self, error: ssl.SSLCertVerificationError, address: str, port: int
    ) -> str:
        try:
            shown = self._within(lambda: self._shown(address, port))
        except (OSError, ValueError):
            shown = None
        star, code = f"*.{self.names.suffix}", error.verify_code
        if code == _EXPIRED and shown:
            return f"the certificate expired on {_day(shown.not_valid_after_utc)}. Renew it."
        if code == _NOT_YET and shown:
            return f"the certificate is only valid from {_day(shown.not_valid_before_utc)}."
        if code == _OTHER_NAME:
            covered = f" (it covers {_list(_names_of(shown))})" if shown else ""
            return f"the certificate does not cover {star}{covered}. Get a wildcard one."
        if code in _SELF_SIGNED:
            return (
                "the certificate is signed by nobody whom phones and browsers know. Get one for "
                f"{star} from a public authority."
            )
        if code in _UNKNOWN_ISSUER:
            return (
                "the certificate's issuer is unknown. Install the full chain, not the certificate "
                "alone."
            )
        return f"the certificate is not trusted ({error.verify_message})."

    def _within(self, work: Callable[[], Result]) -> Result:
        """The result of ``work``, which gets one step's time, and no more than is left of the whole.
        A lookup in the C library cannot be stopped: its thread stays behind and ends by itself."""
        outcome: queue.SimpleQueue[tuple[Result | None, Exception | None]] = queue.SimpleQueue()

        def run() -> None:
            try:
                outcome.put((work(), None))
            except Exception as error:
                outcome.put((None, error))

        left = min(self._step, self._deadline - time.monotonic())
        if left > 0:
            threading.Thread(target=run, daemon=True).start()
        try:
            result, error = outcome.get(timeout=max(left, 0.001))
        except queue.Empty:
            raise TimeoutError from None
        if error is not None:
            raise error
        return result  # type: ignore[return-value]


def _plain(address: str) -> str:
    """One spelling for each address."""
    return str(ipaddress.ip_address(address.partition("%")[0]))


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _list(words: list[str]) -> str:
    shown = words[:4] + (["…"] if len(words) > 4 else [])
    return ", ".join(shown) or "no name"


def _names_of(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return []
    return names.value.get_values_for_type(x509.DNSName)
