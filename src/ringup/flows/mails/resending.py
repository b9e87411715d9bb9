"""Sending a mail once more: as it was, or to an address that was corrected."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from ringup.accounts.models import Client
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.parking import release_key
from ringup.mail.events import Opens, event_of
from ringup.mail.masking import opens_something
from ringup.mail.models import Outbox
from ringup.mail.sending import Letter, post

ERASED = "The words of this mail were erased: its time was over. Nothing was sent."


def send_again(mail: Outbox, *, actor: Actor) -> Outbox:
    """Have a mail sent again, and give the row that will be sent.

    One that no server took is tried anew under its own Message-ID. One that was taken, whatever came
    of it, goes out as a new mail: mail programs drop what has an id that they know.
    """
    _require_words(mail)
    if mail.state in (Outbox.State.WAITING, Outbox.State.FAILED):
        return _try_anew(mail, actor)
    return _repeat(mail, mail.to, "sent a mail again", actor)


def correct_address(mail: Outbox, to: str, *, actor: Actor) -> Outbox:
    """Send what could not be delivered to another address, as a new mail.

    A link that signs in goes to no other mailbox than its own; one that opens credentials only to
    the client's own address, so that nobody here sends them elsewhere.
    """
    _require_words(mail)
    to = to.strip()
    try:
        validate_email(to)
    except ValidationError as error:
        raise Refusal("Type a complete e-mail address. Nothing was sent.", field="to") from error
    if to.lower() == mail.to.lower():
        raise Refusal("This is the address that it went to. Nothing was sent.", field="to")
    if mail.state == Outbox.State.SENT:
        raise Refusal(
            "The mail server took this mail, and nobody told that it came back. Nothing was sent.",
            field="to",
        )
    if opens_something(mail):
        _require_own_address(mail, to)
    return _repeat(mail, to, "sent a mail to a corrected address", actor)


def _require_words(mail: Outbox) -> None:
    if mail.erased or not mail.text:
        raise Refusal(ERASED)


def _require_own_address(mail: Outbox, to: str) -> None:
    event = event_of(mail.template)
    opened = {field.opens for field in event.fields if field.opens} if event else {Opens.LOGIN}
    if opened != {Opens.CREDENTIALS}:
        raise Refusal(
            "A link in this mail signs in, and goes to no other mailbox than its own. Nothing was "
            "sent. Correct the address where it is kept, and have a new link sent from there.",
            field="to",
        )
    own = Client.objects.filter(pk=mail.client_id or 0, email__iexact=to)
    if not own.exists():
        raise Refusal(
            "A link in this mail opens passwords: it goes only to the client's own address. Nothing "
            "was sent. Correct the client's address first.",
            field="to",
        )


def _try_anew(mail: Outbox, actor: Actor) -> Outbox:
    with transaction.atomic():
        rows = Outbox.objects.filter(
            pk=mail.pk, state__in=[Outbox.State.WAITING, Outbox.State.FAILED]
        )
        key = f"mail/{mail.pk}"
        if rows.update(state=Outbox.State.WAITING, asked=timezone.now()):
            if not release_key(key):
                enqueue("mail.send", key=key, mail=mail.pk)
            Activity.record(actor, f"mail:{mail.uid}", "had a mail tried again", to=mail.to)
    mail.refresh_from_db()
    return mail


def _repeat(mail: Outbox, to: str, what: str, actor: Actor) -> Outbox:
    # Pressed twice at once, it goes out once.
    count = Outbox.objects.filter(repeats=mail.uid).count()
    letter = Letter(
        key=f"again/{mail.uid}/{count + 1}",
        template=mail.template,
        to=to,
        sender=mail.sender,
        brand_id=mail.brand_id,
        client_id=mail.client_id,
        subject_of=mail.subject_of,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        language=mail.language,
        secrets=tuple(mail.secrets.splitlines()),
        repeats=mail.uid,
    )
    with transaction.atomic():
        sent = post(letter)
        Activity.record(actor, f"mail:{mail.uid}", what, to=[mail.to, to])
    return sent
