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
from ringup.mail.events import event_of
from ringup.mail.models import MailTemplate, Outbox
from ringup.mail.wording import Wording, faults_of

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
            "Mails shows each one and why. Correct the address there, and send it.",
        )
    waiting = Outbox.objects.filter(state=Outbox.State.WAITING, created__lt=now - STUCK).count()
    if waiting:
        return doubtful(
            f"{counted(waiting, 'mail waits', 'mails wait')} for over 30 minutes.",
            "See the mail server above, and the parked jobs.",
        )
    return fine("Nothing waits, nothing failed within a week.")


def bounces() -> Verdict:
    """Mails that a server took, and that came back later."""
    since = timezone.now() - RECENT
    told = Outbox.objects.filter(bounced__gt=since).order_by("-pk")
    back = told.filter(state=Outbox.State.BOUNCED)
    spam = told.filter(state=Outbox.State.COMPLAINED).count()
    if count := back.count():
        people = dict.fromkeys(back.values_list("to", flat=True)[:20])
        return doubtful(
            f"{counted(count, 'mail')} of the last week came back: to {listed(people, most=3)}.",
            "Mails says why. Ask the client for another address, and send them again.",
        )
    if spam:
        return doubtful(
            f"{counted(spam, 'mail')} of the last week {'was' if spam == 1 else 'were'} called spam.",
            "Look at whom they went to under Mails, and at their words.",
        )
    return fine("None came back within a week.")


def words() -> Verdict:
    """Own words of mails that cannot be used: the delivered ones go out in their place."""
    broken_ones = []
    for row in MailTemplate.objects.order_by("event", "language"):
        event = event_of(row.event)
        if event is None:
            continue  # a mail that is not sent any more
        if row.fault or faults_of(Wording(row.subject, row.text, row.html), event):
            broken_ones.append(f"{event.title} ({row.language})")
    if broken_ones:
        return doubtful(
            f"The own words of {listed(broken_ones, most=3)} cannot be used. The delivered ones go "
            "out in their place.",
            "Open Mail texts: the editor says where and why.",
        )
    return fine("Every mail can be written.")


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
        Check(Group.MAIL, "Bounces", bounces),
        Check(Group.MAIL, "Words of mails", words),
    ]
