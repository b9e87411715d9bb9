"""What staff notes about a client. The client never reads it."""

from __future__ import annotations

import uuid

from django.db import transaction

from ringup.accounts.models import Client, ClientNote
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal

LONGEST = 2000


def add_note(client: Client, text: str, *, actor: Actor) -> ClientNote:
    """Write a note."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise Refusal("Write something first. Nothing was saved.", field="text")
    if len(text) > LONGEST:
        raise Refusal(f"Use at most {LONGEST:,} characters. Nothing was saved.", field="text")
    with transaction.atomic():
        note = ClientNote.objects.create(
            client=client, actor=actor.name, actor_label=actor.label[:150], text=text
        )
        Activity.record(actor, f"client:{client.uid}", "wrote a note about the client")
    return note


def delete_note(client: Client, uid: uuid.UUID, *, actor: Actor) -> bool:
    """Delete one's own note. False where there is none of one's own (any more)."""
    with transaction.atomic():
        own = ClientNote.objects.filter(client=client, uid=uid, actor=actor.name)
        is_gone = own.delete()[0] > 0
        if is_gone:
            Activity.record(actor, f"client:{client.uid}", "deleted a note about the client")
    return is_gone
