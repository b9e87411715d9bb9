"""Names and certificates of a server, against a resolver of our own and real TLS on this machine."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ringup.pbx.name_checking import Names, NamesReport, check_names, resolve

pytestmark = pytest.mark.once
SUFFIX, HOST, HERE = "pbx.karoo.example", "pbx1.karoo.example", "127.0.0.1"


class Authority:
    """A certificate authority of the test, and the certificates that it signs."""

    def __init__(self, folder: Path, name: str = "Test authority") -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name(name)
        self.certificate = self._sign(self.name, self.key, days=(-1, 90), signer=self.key, ca=True)

    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=_pem(self.certificate).decode())

    def served(
        self, *names: str, days: tuple[int, int] = (-1, 60), self_signed: bool = False
    ) -> ssl.SSLContext:
        """What a server shows."""
        key = ec.generate_private_key(ec.SECP256R1())
        signer = key if self_signed else self.key
        subject = _name(names[0])
        shown = self._sign(subject, key, days=days, signer=signer, names=names)
        path = self.folder / f"{shown.serial_number}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path.write_bytes(private + _pem(shown))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _sign(self, subject: x509.Name, key: Any, *, days: Any, signer: Any, **more: Any) -> Any:
        now = datetime.now(UTC)
        names, ca = more.get("names", ()), more.get("ca", False)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name if signer is self.key else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=min(days[0], days[1] - 1)))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if names:
            alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
            builder = builder.add_extension(alternatives, critical=False)
        return builder.sign(signer, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@contextmanager
def serving(answer: Callable[[socket.socket], object]) -> Iterator[int]:
    """A server on a port of this machine that gives each caller to ``answer``."""
    listener = socket.create_server((HERE, 0))

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                try:
                    answer(line)
                except (OSError, ValueError):
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def tls(context: ssl.SSLContext) -> Callable[[socket.socket], object]:
    def answer(line: socket.socket) -> None:
        with context.wrap_socket(line, server_side=True) as secure:
            secure.recv(1)

    return answer


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def known(**names: list[str]) -> Callable[[str], list[str]]:
    """A resolver that knows the wildcard and the SIP host, and nothing else."""
    wildcard, host = names.get("wildcard", [HERE]), names.get("host", [HERE])

    def resolve(name: str) -> list[str]:
        if name == HOST:
            return host
        assert name.startswith("ringup-test-"), name
        assert name.endswith(f".{SUFFIX}."), "complete, so that no search domain is tried"
        return wildcard

    return resolve


def look(authority: Authority, https: int, sips: int, **more: Any) -> NamesReport:
    options = {"resolve": known(), "trusted": authority.trusted(), "step_seconds": 2.0} | more
    return check_names(Names(SUFFIX, HOST, sips, https_port=https), **options)


def test_a_wildcard_record_and_two_certificates_that_cover_it_are_all_there_is(
    authority: Authority,
) -> None:
    with serving(tls(authority.served(f"*.{SUFFIX}", SUFFIX))) as port:
        report = look(authority, port, port)
    assert report.problems == ()
    assert report.addresses == (HERE,)
    assert [f"covers *.{SUFFIX} until" in text for text in report.certificates] == [True, True]


def test_what_dns_lacks_is_said_and_the_certificates_are_still_looked_at(
    authority: Authority,
) -> None:
    def silent(name: str) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    hang = threading.Event()

    def slow(name: str) -> list[str]:
        hang.wait(20)
        return []

    with serving(tls(authority.served(f"*.{SUFFIX}"))) as port:
        for resolver, words, certificates in (
            (known(wildcard=[]), f"no wildcard record *.{SUFFIX} in DNS: add A and AAAA", 2),
            (known(wildcard=[]), f"from *.{SUFFIX} to {HOST} ({HERE})", 2),
            (known(host=["203.0.113.7"]), f"leads to {HERE}, but the SIP host {HOST} is 203.", 2),
            (known(host=[]), f"SIP host {HOST} does not exist in DNS", 2),
            (known(wildcard=[], host=[]), "no wildcard record", 0),
            (silent, f"DNS gives no answer about *.{SUFFIX}", 0),
            (slow, f"DNS gives no answer about {HOST}", 0),
        ):
            seconds = 0.1 if resolver is slow else 2.0
            report = look(authority, port, port, resolve=resolver, step_seconds=seconds)
            assert any(words in problem for problem in report.problems), (words, report.problems)
            assert all(problem.endswith(".") for problem in report.problems)
            assert len(report.certificates) == certificates, words
    hang.set()
    many = known(wildcard=[HERE, "2001:db8::0:7"], host=["2001:db8::7"])
    assert not [p for p in check_dns_alone(many) if "leads to" in p], "one of them is enough"


def check_dns_alone(resolver: Callable[[str], list[str]]) -> tuple[str, ...]:
    names = Names(SUFFIX, HOST, 9, https_port=9)
    return check_names(names, resolve=resolver, step_seconds=0.2).problems


def test_what_is_wrong_with_a_certificate_is_said_precisely(authority: Authority) -> None:
    star = f"*.{SUFFIX}"
    stranger = Authority(authority.folder, "Another authority")
    done = threading.Event()
    cases: list[tuple[Callable[[socket.socket], object], str]] = [
        (tls(authority.served(star, days=(-30, -2))), "the certificate expired on"),
        (tls(authority.served(star, days=(5, 60))), "only valid from"),
        (
            tls(authority.served("www.other.example")),
            f"does not cover {star} (it covers www.other.",
        ),
        (tls(authority.served(SUFFIX)), f"does not cover {star} (it covers {SUFFIX})"),
        (tls(authority.served(star, self_signed=True)), "signed by nobody"),
        (tls(stranger.served(star)), "issuer is unknown. Install the full chain"),
        (tls(authority.served(star, days=(-1, 20))), "expires on"),
        (lambda line: line.sendall(b"SIP/2.0 400 Bad Request\r\n\r\n"), "does not speak TLS"),
        (lambda line: done.wait(20), "no answer in time"),
    ]
    with ExitStack() as stack:
        good = stack.enter_context(serving(tls(authority.served(star))))
        for answer, words in cases:
            port = stack.enter_context(serving(answer))
            seconds = 0.3 if "in time" in words else 3.0
            report = look(authority, good, port, step_seconds=seconds)
            assert [words in problem for problem in report.problems] == [True], report.problems
            assert f"ort {port}" in report.problems[0]
            assert "SIP over TLS" in report.problems[0]
            assert f"Port {good}, web pages: covers {star}" in report.certificates[0]
        done.set()
        (refused,) = look(authority, good, 9).problems
        assert "Port 9 of 127.0.0.1, for SIP over TLS: nothing listens there" in refused


def test_the_machine_s_own_resolver_is_asked() -> None:
    assert resolve("127.0.0.1") == [HERE]
    assert resolve("localhost")[0] in (HERE, "::1")
