"""The connection that mails go out by: the server that staff configured, else the settings."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from ringup.mail.models import MailServer


def configured_server() -> MailServer | None:
    """The mail server of the settings page; None where ``RINGUP_SMTP_*`` count."""
    return MailServer.objects.first()


def open_connection() -> BaseEmailBackend:
    """A connection that is opened by its first mail."""
    server = configured_server()
    if server is not None:
        return connection_to(server)
    connection: BaseEmailBackend = get_connection()
    return connection


def connection_to(server: MailServer) -> BaseEmailBackend:
    """A connection to exactly this server."""
    connection: BaseEmailBackend = get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        host=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.security == MailServer.Security.STARTTLS,
        use_ssl=server.security == MailServer.Security.TLS,
        timeout=settings.EMAIL_TIMEOUT,
    )
    return connection
