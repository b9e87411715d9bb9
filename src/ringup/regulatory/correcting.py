"""Corrections: staff asks for exactly what is wrong, and the client changes that and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from ringup.carriers.papers import PersonKind
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.jobs.enqueuing import enqueue
from ringup.regulatory.asked_facts import ADDRESS, address_country, asked_of, only_country
from ringup.regulatory.facts import word_of, write_address, write_identity
from ringup.regulatory.models import Document, RegulatoryFile
from ringup.regulatory.moving import move_to, subject_of
from ringup.regulatory.sound_facts import missing, problem_with, typed_day
from ringup.regulatory.wanted_documents import wanted_documents

State = RegulatoryFile.State
# While papers are in one of these, staff may ask for a correction.
MAY_ASK = frozenset(
    {State.PENDING_REVIEW, State.IDENTITY_CONFIRMED, State.DOCUMENTS_UPLOADED, State.REJECTED}
)
# From these the corrected papers go back to be looked at.
BACK = frozenset({State.IDENTITY_CONFIRMED, State.DOCUMENTS_UPLOADED, State.REJECTED})
LONGEST_WORDS = 300
TOO_LATE = (
    "These papers are {state}, so nothing in them can be corrected now. Nothing was changed. Check "
    "their status at the provider first."
)
ASK_WHAT = "Choose what has to be corrected. Nothing was asked."
SAY_WHAT = "Say what is wrong with each: the client reads it. Nothing was asked."
NOT_ASKED = "{words}: nobody asked for this, so it stays as it is. Nothing was changed."
NOTHING_OPEN = "Nothing has to be corrected any more. Nothing was changed."
STILL_OPEN = "Correct this first: {words}. Nothing was sent."


def correctable(file: RegulatoryFile) -> dict[str, str]:
    """All that a correction may ask for, with its words: facts that the number needs, documents."""
    rules, kind = file.rules, _kind(file)
    found = {
        f"identity.{name}": word_of(f"identity.{name}", kind) for name in asked_of(rules, kind)
    }
    found |= {f"address.{name}": word_of(f"address.{name}") for name in ADDRESS}
    found |= {f"document.{one.slot}": one.title for one in wanted_documents(rules, kind)}
    return found


def ask(file: RegulatoryFile, asked: Iterable[Mapping[str, str]], *, actor: Actor) -> None:
    """Ask the client to correct these, ``[{"what": "identity.birth_date", "words": "…"}]``, instead of
    what was asked before. Whoever calls this writes to the client in the same transaction."""
    with transaction.atomic():
        _lock(file)
        if file.state not in MAY_ASK:
            raise Refusal(TOO_LATE.format(state=file.get_state_display().lower()))
        rows = _rows(asked, correctable(file))
        file.asked, file.asked_at = rows, timezone.now()
        file.save(update_fields=["asked", "asked_at", "changed"])
        what = [row["what"] for row in rows]
        Activity.record(actor, subject_of(file), "asked for a correction of the papers", asked=what)


def _rows(asked: Iterable[Mapping[str, str]], known: Mapping[str, str]) -> list[dict[str, str]]:
    """Without what differs only in its words from one before."""
    rows = {row["what"]: {"what": row["what"], "words": row["words"].strip()} for row in asked}
    if not rows or not rows.keys() <= known.keys():
        raise Refusal(ASK_WHAT)
    if any(not row["words"] or len(row["words"]) > LONGEST_WORDS for row in rows.values()):
        raise Refusal(SAY_WHAT)
    return list(rows.values())


def withdraw(file: RegulatoryFile, *, actor: Actor) -> None:
    """Staff found it right after all: nothing is asked any more."""
    with transaction.atomic():
        _lock(file)
        if file.asked:
            _forget(file)
            Activity.record(actor, subject_of(file), "needs no correction of the papers any more")


def is_open(file: RegulatoryFile) -> bool:
    """Whether the client owes a correction."""
    return bool(file.asked)


def open_words(file: RegulatoryFile) -> list[tuple[str, str, str]]:
    """What is asked: its name, how that is called, and what staff wrote about it."""
    known = correctable(file)
    return [(row["what"], known.get(row["what"], row["what"]), row["words"]) for row in file.asked]


# -- what the client does --------------------------------------------------------------------------


def correct(file: RegulatoryFile, told: Mapping[str, str], *, actor: Actor) -> None:
    """Write these facts, by their names (``identity.birth_date``): only such as were asked for, others
    are refused. ``address.area`` comes along with a city that was asked for. Each is recorded, without
    what it says. ``Refusal`` names the fact in ``field``; nothing has changed then."""
    with transaction.atomic():
        _lock(file)
        kind, known = _kind(file), {row["what"] for row in file.asked}
        if not known:
            raise Refusal(NOTHING_OPEN)
        may = known | ({"address.area"} if "address.city" in known else set())
        sound = {what: _sound(file, what, text, may, kind) for what, text in told.items()}
        _write(file, sound)
        done = sorted(known & sound.keys())
        file.asked = [row | {"done": True} if row["what"] in done else row for row in file.asked]
        file.save(update_fields=["asked", "changed"])
        Activity.record(actor, subject_of(file), "corrected the papers", corrected=done)


def _sound(file: RegulatoryFile, what: str, text: str, may: set[str], kind: PersonKind) -> str:
    of, _, name = what.partition(".")
    if what not in may or of == "document":
        raise Refusal(NOT_ASKED.format(words=word_of(what, kind).capitalize()), field=what)
    text = typed_day(text) if name == "birth_date" else text.strip()
    if not text:
        raise Refusal(missing(what), field=what)
    only = ""
    if name == "country":
        of_identity = of == "identity"
        only = only_country(file.rules, kind) if of_identity else address_country(file.rules)
    if problem := problem_with(name, text, country=only):
        raise Refusal(problem, field=what)
    return text


def _write(file: RegulatoryFile, sound: Mapping[str, str]) -> None:
    parts: dict[str, dict[str, Any]] = {"identity": {}, "address": {}}
    for what, text in sound.items():
        of, _, name = what.partition(".")
        parts[of][name] = text
    # Another window may have corrected something else of the same row.
    if parts["identity"] and file.identity is not None:
        file.identity.refresh_from_db()
        write_identity(file.identity, **parts["identity"])
        file.identity.save()
    if parts["address"] and file.address is not None:
        file.address.refresh_from_db()
        write_address(file.address, **parts["address"])
        file.address.save()


def still_open(file: RegulatoryFile) -> list[str]:
    """The names of what was asked and is not corrected yet. A document is, once another was uploaded
    for it."""
    return [row["what"] for row in file.asked if not _is_done(file, row)]


def _is_done(file: RegulatoryFile, row: Mapping[str, Any]) -> bool:
    of, _, slot = row["what"].partition(".")
    if of != "document":
        return bool(row.get("done"))
    newer = Document.objects.filter(slot=slot, replaced=None, added__gte=file.asked_at)
    return any(
        newer.filter(**{name: owner}).exists()
        for name, owner in (("file", file), ("identity", file.identity), ("address", file.address))
        if owner is not None
    )


def answered(file: RegulatoryFile, *, actor: Actor) -> None:
    """The client has corrected all that was asked: staff looks at the papers again, and is told. Refuses
    while something is open."""
    with transaction.atomic():
        _lock(file)
        if not file.asked:
            return
        known = correctable(file)
        if left := still_open(file):
            raise Refusal(STILL_OPEN.format(words=", ".join(known.get(one, one) for one in left)))
        _forget(file)
        Activity.record(actor, subject_of(file), "sent the corrected papers")
        if file.state in BACK:
            move_to(file, State.PENDING_REVIEW, actor=actor)
        at = timezone.now().isoformat()
        enqueue(
            "papers.answered", key=f"papers/answered/{file.uid}/{at}", file=str(file.uid), at=at
        )


# -- rows ------------------------------------------------------------------------------------------


def _kind(file: RegulatoryFile) -> PersonKind:
    return PersonKind(file.identity.kind) if file.identity is not None else PersonKind.PERSONAL


def _lock(file: RegulatoryFile) -> None:
    """Read again what others may have changed, and let nobody change it before the transaction ends."""
    rows = RegulatoryFile.objects.select_for_update().filter(pk=file.pk)
    file.state, file.asked, file.asked_at = rows.values_list("state", "asked", "asked_at").get()


def _forget(file: RegulatoryFile) -> None:
    file.asked, file.asked_at = [], None
    file.save(update_fields=["asked", "asked_at", "changed"])
