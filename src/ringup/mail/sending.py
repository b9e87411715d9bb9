"""Writing a mail into the outbox, and the job that sends it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from email.mime.image import MIMEImage
from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.utils import timezone

from ringup.jobs.enqueuing import enqueue
from ringup.jobs.tickets import Ticket
from ringup.mail.connecting import open_connection
from ringup.mail.events import all_events
from ringup.mail.faces import face_of, known_language, language_of
from ringup.mail.framing import LOGO_ID
from ringup.mail.models import Outbox
from ringup.mail.wording import write

log = logging.getLogger(__name__)


# A mail server that is away, or asks to come again (greylisting), is asked for so long.
PATIENCE = timedelta(days=3)
LONGEST_PAUSE_SECONDS = 900.0
LONGEST_ERROR = 4000


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
    language: str = "en"
    secrets: tuple[str, ...] = field(repr=False, default=())
    repeats: UUID | None = None


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
    language: str = "",
) -> Letter:
    """Write a mail, before any transaction: rendering takes its time.

    ``template`` is the name of a declared mail (``mail.events``; ``KeyError`` for others), and
    ``context`` gives its merge fields. It is written in the reader's language (``language`` where the
    caller knows better), in the brand's own words where staff has written some. Never put a password in.
    """
    face = face_of(brand_id)
    code = known_language(language) if language else language_of(to, face)
    event = all_events()[template]
    written = write(event, context, brand_id=brand_id, face=face, code=code)
    return Letter(
        key=key,
        template=template,
        to=to,
        sender=sender,
        brand_id=brand_id,
        client_id=client_id,
        subject_of=subject_of,
        subject=written.subject,
        text=written.text,
        html=written.html,
        language=written.language,
        secrets=written.secrets,
    )


def post(letter: Letter) -> Outbox:
    """Put a mail into the outbox, in the caller's transaction. The same ``key`` gives the same row."""
    known = Outbox.objects.filter(key=letter.key).first()
    if known is not None:
        return known
    # The sender's own: a brand's mail names no other's host.
    host = parseaddr(letter.sender)[1].rpartition("@")[2] or "localhost"
    mail = Outbox(
        key=letter.key,
        template=letter.template,
        to=letter.to,
        sender=letter.sender,
        brand_id=letter.brand_id,
        client_id=letter.client_id,
        subject_of=letter.subject_of,
        subject=letter.subject,
        language=letter.language,
        repeats=letter.repeats,
        message_id=f"<{letter.key.replace(':', '.').replace('/', '.')}@{host}>",
    )
    mail.text, mail.html, mail.secrets = letter.text, letter.html, "\n".join(letter.secrets)
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
    if row.state != Outbox.State.WAITING:
        return
    ticket.check()
    message = message_of(row)
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        _not_taken(ticket, row, f"refused by the mail server: {error}", for_good=min(codes) >= 500)
    except (SMTPException, OSError) as error:
        _not_taken(ticket, row, f"{type(error).__name__}: {error}")
    else:
        _note(ticket, row, state=Outbox.State.SENT, error="")


def message_of(row: Outbox) -> EmailMultiAlternatives:
    """The mail as it leaves, with the brand's logo inside where its page shows one."""
    message = EmailMultiAlternatives(
        row.subject,
        row.text,
        row.sender,
        [row.to],
        # Postmark gives mails ids of its own; this one comes back with what it tells of them.
        headers={"Message-ID": row.message_id, "X-PM-Metadata-mail": str(row.uid)},
        connection=open_connection(),
    )
    message.attach_alternative(row.html, "text/html")
    if f"cid:{LOGO_ID}" in row.html:
        face = face_of(row.brand_id)
        if face.logo:
            logo = MIMEImage(face.logo, face.logo_type.partition("/")[2])
            logo.add_header("Content-ID", f"<{LOGO_ID}>")
            logo.add_header("Content-Disposition", "inline")
            message.mixed_subtype = "related"
            message.attach(logo)
    return message


def _not_taken(ticket: Ticket, row: Outbox, error: str, *, for_good: bool = False) -> None:
    """Try again later, unless the answer is final or the mail has waited for too long."""
    log.warning("mail %d was not taken: %s", row.pk, error)
    if for_good or timezone.now() - (row.asked or row.created) > PATIENCE:
        _note(ticket, row, state=Outbox.State.FAILED, error=error)
    else:
        _note(ticket, row, state=Outbox.State.WAITING, error=error)


def _note(ticket: Ticket, row: Outbox, *, state: str, error: str) -> None:
    with ticket.fenced():
        sent = timezone.now() if state == Outbox.State.SENT else None
        Outbox.objects.filter(pk=row.pk).update(
            state=state, error=error[:LONGEST_ERROR], attempts=row.attempts + 1, sent=sent
        )
        if state == Outbox.State.FAILED:
            enqueue("mail.failed", key=f"mail/{row.pk}/failed", mail=row.pk)
        if state == Outbox.State.WAITING:
            pause = min(2.0 ** min(row.attempts + 1, 10), LONGEST_PAUSE_SECONDS)
            enqueue("mail.send", key=ticket.key, delay_seconds=pause, mail=row.pk)
