"""Changing the mail server, and proving with a mail that it works."""

from __future__ import annotations

import ipaddress
import smtplib
import socket
import ssl
from dataclasses import dataclass

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.core.turns import out_of_turn
from ringup.mail.connecting import configured_server, open_connection
from ringup.mail.models import MailServer

SUBJECT_OF = "settings:mail"
SENT = "sent a test mail"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What staff typed. ``password`` None keeps the stored one."""

    host: str
    port: int
    security: str
    user: str
    password: str | None = None

    def __repr__(self) -> str:
        return f"ServerSettings({self.host}:{self.port}, {self.security}, {self.user!r})"


def save_server(wanted: ServerSettings, *, actor: Actor) -> MailServer:
    """Make these the settings of all mails. A stored password is never sent to another host: it has
    to be typed again."""
    server = configured_server() or MailServer()
    if wanted.security == MailServer.Security.NONE and not _is_loopback(wanted.host):
        raise Refusal(
            "Choose STARTTLS or TLS: without it, mails and the password would cross the network "
            "readable by others. Nothing was changed.",
            field="security",
        )
    if wanted.password is None and server.password and wanted.host != server.host:
        raise Refusal(
            "Type the password again: the stored one belongs to another host. Nothing was changed.",
            field="password",
        )
    names = ("host", "port", "security", "user")
    changes = {
        name: [str(getattr(server, name)), str(getattr(wanted, name))]
        for name in names
        if getattr(server, name) != getattr(wanted, name)
    }
    for name in names:
        setattr(server, name, getattr(wanted, name))
    if wanted.password is not None:
        server.password = wanted.password
        changes["password"] = ["", "changed"]
    if changes:
        server.tested = None
        with transaction.atomic():
            server.save()
            Activity.record(actor, SUBJECT_OF, "changed the mail server", **changes)
    return server


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def forget_server(*, actor: Actor) -> None:
    """Back to the ``RINGUP_SMTP_*`` settings."""
    with transaction.atomic():
        if MailServer.objects.all().delete()[0]:
            Activity.record(actor, SUBJECT_OF, "removed the mail server; the settings count again")


def send_test(*, to: str, sender: str, brand: str, actor: Actor) -> None:
    """Send one mail now, by the server that all mails go by. Refuses with what is wrong."""
    text = (
        f"This is a test of {brand}. Mails to clients and staff go out by the same server.\n\n"
        f"Sent by {actor.label}."
    )
    message = EmailMessage(f"Test mail of {brand}", text, sender, [to])
    message.connection = open_connection()
    try:
        with out_of_turn():
            message.send()
    except (smtplib.SMTPException, OSError) as error:
        raise Refusal(f"{_what_is_wrong(error)} No mail was sent.", field="to") from error
    with transaction.atomic():
        MailServer.objects.update(tested=timezone.now())
        Activity.record(actor, SUBJECT_OF, SENT, to=to)


def _what_is_wrong(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPException):
        return _what_it_answers(error)
    for kind, sentence in _UNREACHED:
        if isinstance(error, kind):
            return sentence
    return f"The mail server cannot be reached ({_words(str(error))})."


def _what_it_answers(error: smtplib.SMTPException) -> str:
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"The mail server refuses user name or password ({_words(error.smtp_error)})."
        case smtplib.SMTPSenderRefused():
            return (
                f"The mail server does not accept the sender {error.sender} "
                f"({_words(error.smtp_error)}): change the sender in Settings."
            )
        case smtplib.SMTPRecipientsRefused():
            _, said = next(iter(error.recipients.values()))
            return f"The mail server does not take mail for this address ({_words(said)})."
        case smtplib.SMTPNotSupportedError():
            return f"The mail server cannot do this ({error}): check security and user name."
    return f"The mail server answers: {_words(str(error))}."


# The first that fits: a certificate's error is an SSL error too.
_UNREACHED: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLCertVerificationError, "The mail server's certificate is not trusted."),
    (
        ssl.SSLError,
        "The mail server does not speak TLS on this port: check port and security.",
    ),
    (socket.gaierror, "No server has this host name: check the host."),
    (TimeoutError, "The mail server does not answer: check host, port and firewall."),
    (ConnectionRefusedError, "Nothing listens on this port: check host and port."),
)


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:160]
