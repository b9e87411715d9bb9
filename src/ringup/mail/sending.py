"""Writing a mail into the outbox, and the job that sends it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from ringup.jobs.enqueuing import enqueue
from ringup.jobs.tickets import Ticket
from ringup.mail.connecting import open_connection
from ringup.mail.models import Outbox

log = logging.getLogger(__name__)


# A mail server that is away, or asks to come again (greylisting), is asked for so long.
PATIENCE = timedelta(days=3)
LONGEST_PAUSE_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it will be read. Its words may hold links that sign in: they are not in a repr."""

    key: str
    template: str
    to: str
    sender: str
    brand_id: int
    client_id: int | None
    subject_of: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


def compose(
    template: str,
    *,
    key: str,
    to: str,
    sender: str,
    brand_id: int,
    client_id: int | None,
    subject_of: str,
    context: dict[str, Any],
) -> Letter:
    """Write a mail, before any transaction: rendering takes its time.

    ``mail/<template>.txt`` begins with the subject line; ``mail/<template>.html`` is the page.
    Never put a password in.
    """
    subject, _, text = render_to_string(f"mail/{template}.txt", context).strip().partition("\n")
    return Letter(
        key=key,
        template=template,
        to=to,
        sender=sender,
        brand_id=brand_id,
        client_id=client_id,
        subject_of=subject_of,
        subject=subject.strip(),
        text=text.strip(),
        html=render_to_string(f"mail/{template}.html", context),
    )


def post(letter: Letter) -> Outbox:
    """Put a mail into the outbox, in the caller's transaction. The same ``key`` gives the same row."""
    known = Outbox.objects.filter(key=letter.key).first()
    if known is not None:
        return known
    host = settings.RINGUP_URL.partition("://")[2].partition(":")[0] or "localhost"
    mail = Outbox(
        key=letter.key,
        template=letter.template,
        to=letter.to,
        sender=letter.sender,
        brand_id=letter.brand_id,
        client_id=letter.client_id,
        subject_of=letter.subject_of,
        subject=letter.subject,
        message_id=f"<{letter.key.replace(':', '.').replace('/', '.')}@{host}>",
    )
    mail.text, mail.html = letter.text, letter.html
    try:
        with transaction.atomic():
            mail.save()
            enqueue("mail.send", key=f"mail/{mail.pk}", mail=mail.pk)
    except IntegrityError:
        return Outbox.objects.get(key=letter.key)
    return mail


def send(ticket: Ticket, *, mail: int) -> None:
    """Job: send one mail. Run twice, it sends once, unless the process died between the two."""
    row = Outbox.objects.get(pk=mail)
    if row.state == Outbox.State.SENT:
        return
    ticket.check()
    message = EmailMultiAlternatives(
        row.subject,
        row.text,
        row.sender,
        [row.to],
        headers={"Message-ID": row.message_id},
        connection=open_connection(),
    )
    message.attach_alternative(row.html, "text/html")
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        _not_taken(ticket, row, f"refused by the mail server: {error}", for_good=min(codes) >= 500)
    except (SMTPException, OSError) as error:
        _not_taken(ticket, row, f"{type(error).__name__}: {error}")
    else:
        _note(ticket, row, state=Outbox.State.SENT, error="")


def _not_taken(ticket: Ticket, row: Outbox, error: str, *, for_good: bool = False) -> None:
    """Try again later, unless the answer is final or the mail has waited for too long."""
    log.warning("mail %d was not taken: %s", row.pk, error)
    if for_good or timezone.now() - row.created > PATIENCE:
        _note(ticket, row, state=Outbox.State.FAILED, error=error)
    else:
        _note(ticket, row, state=Outbox.State.WAITING, error=error)


def _note(ticket: Ticket, row: Outbox, *, state: str, error: str) -> None:
    with ticket.fenced():
        sent = timezone.now() if state == Outbox.State.SENT else None
        Outbox.objects.filter(pk=row.pk).update(
            state=state, error=error[:300], attempts=row.attempts + 1, sent=sent
        )
        if state == Outbox.State.WAITING:
            pause = min(2.0 ** min(row.attempts + 1, 10), LONGEST_PAUSE_SECONDS)
            enqueue("mail.send", key=ticket.key, delay_seconds=pause, mail=row.pk)
