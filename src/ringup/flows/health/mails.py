"""Mail: the server takes our login, and nothing is stuck in the outbox."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from smtplib import SMTPException

from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from ringup.core.sentences import counted
from ringup.flows.health.findings import (
    Check,
    Group,
    Verdict,
    broken,
    doubtful,
    fine,
    listed,
)
from ringup.jobs.redacting import brief
from ringup.mail.connecting import open_connection
from ringup.mail.models import Outbox

SECONDS = 8
RECENT, STUCK = timedelta(days=7), timedelta(minutes=30)


def server(connection: BaseEmailBackend) -> Verdict:
    """Greeting, TLS, login, and a command that does nothing. No mail is sent."""
    if not isinstance(connection, smtp.EmailBackend):
        kind = type(connection).__module__.rpartition(".")[2]
        return fine(f"Mails stay here ({kind}): no server is asked.")
    connection.timeout = min(connection.timeout or SECONDS, SECONDS)
    where = f"{connection.host}:{connection.port}"
    try:
        connection.open()
        assert connection.connection is not None  # open has raised otherwise
        code, said = connection.connection.noop()
    except (SMTPException, OSError) as error:
        return broken(
            f"The mail server {where} cannot be used: {brief(error)}.",
            "Check host, port, login and firewall under Settings, and send a test mail there.",
        )
    finally:
        connection.close()
    if code != 250:
        return doubtful(
            f"The mail server {where} answers {code} {said.decode('utf-8', 'replace')}",
            "Ask its owner.",
        )
    how = "TLS" if connection.use_tls or connection.use_ssl else "no TLS"
    login = f"took the login of {connection.username}" if connection.username else "wants no login"
    return fine(f"The mail server {where} {login} ({how}). No mail was sent.")


def outbox() -> Verdict:
    """Mails that were refused for good, and those that wait for too long."""
    now = timezone.now()
    failed = Outbox.objects.filter(state=Outbox.State.FAILED, created__gt=now - RECENT)
    if count := failed.count():
        people = failed.order_by("-pk").values_list("to", flat=True)
        return doubtful(
            f"{counted(count, 'mail')} of the last week could not be delivered: to "
            f"{listed(dict.fromkeys(people), most=3)}.",
            "The order's page shows each mail and why. Correct the address.",
        )
    waiting = Outbox.objects.filter(state=Outbox.State.WAITING, created__lt=now - STUCK).count()
    if waiting:
        return doubtful(
            f"{counted(waiting, 'mail waits', 'mails wait')} for over 30 minutes.",
            "See the mail server above, and the parked jobs.",
        )
    return fine("Nothing waits, nothing failed within a week.")


def checks() -> list[Check]:
    connection = open_connection()
    password = str(getattr(connection, "password", "") or "")
    return [
        Check(
            Group.MAIL,
            "Mail server",
            partial(server, connection),
            is_outside=True,
            secrets=lambda: (password,),
        ),
        Check(Group.MAIL, "Outbox", outbox),
    ]
