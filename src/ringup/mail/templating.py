"""Changing the words of mails: a brand's own for one mail and language, and back to the delivered."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction

from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.mail.events import MailEvent
from ringup.mail.faces import LANGUAGES, Face
from ringup.mail.language import Fault
from ringup.mail.models import MailTemplate, Outbox
from ringup.mail.sending import Letter, post
from ringup.mail.wording import Wording, faults_of, fill, starting_point

STALE = "Somebody else saved these words meanwhile. Nothing was changed: look at theirs first."
TEST = "mail-test"
# What the parts are called in the activity log.
PARTS = {"subject": "subject_line", "text": "plain_text", "html": "page"}


class BadWords(ValueError):
    """Words that cannot be saved. ``faults`` says by part (subject, text, html) where and why."""

    def __init__(self, faults: Mapping[str, Sequence[Fault]]) -> None:
        super().__init__("; ".join(f"{part}: {fault}" for part in faults for fault in faults[part]))
        self.faults = faults


def own_words(brand_id: int, event: MailEvent, code: str) -> MailTemplate | None:
    """What staff has written, or None where the delivered words count."""
    return MailTemplate.objects.filter(brand_id=brand_id, event=event.name, language=code).first()


def words_of(row: MailTemplate | None, event: MailEvent, code: str) -> Wording:
    """What goes out at present: the own words, else the delivered ones."""
    if row is None:
        return starting_point(event.name, code)
    return Wording(row.subject, row.text, row.html)


def version_of(row: MailTemplate | None) -> str:
    """Changes with the words: who edits gives back what he has seen."""
    if row is None:
        return "delivered"
    return sha256(repr((row.pk, row.subject, row.text, row.html)).encode()).hexdigest()[:32]


def save(
    event: MailEvent, wording: Wording, *, brand_id: int, code: str, actor: Actor, seen: str
) -> MailTemplate | None:
    """Make these the words of all mails of this kind. ``seen`` is the version that was edited. Words
    that are the delivered ones are not kept: None.

    Raises ``BadWords``, or refuses what is stale; nothing is changed then.
    """
    if code not in LANGUAGES:
        raise Refusal("Ringup writes no mails in this language. Nothing was changed.")
    if faults := faults_of(wording, event):
        raise BadWords(faults)
    if wording == starting_point(event.name, code):
        reset(event, brand_id=brand_id, code=code, actor=actor, seen=seen)
        return None
    try:
        with transaction.atomic():
            row = _locked(event, brand_id, code, seen)
            before = words_of(row, event, code)
            row = row or MailTemplate(brand_id=brand_id, event=event.name, language=code)
            row.subject, row.text, row.html = wording.subject, wording.text, wording.html
            row.changed_by, row.fault, row.failed = actor.label[:150], "", None
            row.save()
            changes = {
                name: [getattr(before, part), getattr(wording, part)]
                for part, name in PARTS.items()
                if getattr(before, part) != getattr(wording, part)
            }
            _record(actor, event, "changed the words of a mail", brand_id, code, **changes)
    except IntegrityError as error:
        raise Refusal(STALE) from error
    return row


def reset(event: MailEvent, *, brand_id: int, code: str, actor: Actor, seen: str) -> None:
    """Back to the delivered words. Twice does no more than once."""
    with transaction.atomic():
        row = _locked(event, brand_id, code, seen)
        if row is not None:
            parts = {name: getattr(row, part) for part, name in PARTS.items()}
            row.delete()
            _record(actor, event, "went back to the delivered words", brand_id, code, **parts)


def send_sample(
    event: MailEvent,
    wording: Wording,
    values: Mapping[str, Any],
    *,
    brand_id: int,
    face: Face,
    code: str,
    to: str,
    sender: str,
    actor: Actor,
) -> Outbox:
    """Mail these words, saved or not, to who edits them. Its links lead nowhere. Raises ``BadWords``."""
    if faults := faults_of(wording, event):
        raise BadWords(faults)
    written = fill(wording, event, values, face=face, code=code)
    letter = Letter(
        key=f"{TEST}/{uuid.uuid4().hex}",
        template=TEST,
        to=to,
        sender=sender,
        brand_id=brand_id,
        client_id=None,
        subject_of=f"mail-template:{event.name}",
        subject=f"[Test] {written.subject}"[:200],
        text=written.text,
        html=written.html,
        language=code,
    )
    with transaction.atomic():
        _record(actor, event, "sent a test mail", brand_id, code, to=to)
        return post(letter)


def _locked(event: MailEvent, brand_id: int, code: str, seen: str) -> MailTemplate | None:
    rows = MailTemplate.objects.select_for_update()
    row = rows.filter(brand_id=brand_id, event=event.name, language=code).first()
    if version_of(row) != seen:
        raise Refusal(STALE)
    return row


def _record(
    actor: Actor, event: MailEvent, what: str, brand_id: int, code: str, **detail: Any
) -> None:
    Activity.record(
        actor, f"mail-template:{event.name}", what, brand=brand_id, language=code, **detail
    )
