"""Saving product mappings: seen first, saved as one numbered save, and the last one undone.

Who saves posts the number of the save that was on screen. Taking the next number is what keeps two
people apart: it is unique, so of two who looked at the same state one is told what the other did.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models import Max

from ringup.carriers.models import CarrierAccount
from ringup.catalog.choosing import Change, Choice, Method, changes_of, words
from ringup.catalog.mapped import Catalogue, Setting, Thing, parse_code, rows_now
from ringup.catalog.models import Bundle, Mapping, MappingSave, Product, ProductGroup
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.pbx.models import PbxServer

# SQLite writes and PostgreSQL locks in portions; a group may have thousands of products.
PORTION = 500
IN_THE_LOG = 200
_MODELS = {"product": Product, "bundle": Bundle, "group": ProductGroup}
_METHODS = {Method.SINGLE: "Singly", Method.GROUP: "By group", Method.BUNDLE: "By bundle"}


class Overtaken(Refusal):
    """The mappings are not what the saver looked at any more. Nothing of his was saved."""

    def __init__(self) -> None:
        super().__init__(
            "The mappings were changed while you looked at them. Nothing of yours was saved."
        )


@dataclass(frozen=True)
class Preview:
    """What a save would do. ``followers`` are not written, but follow a group that is: products of
    bundles without a row of their own, where they are bought alone."""

    method: Method
    changes: list[Change]
    text: str
    followers: list[Thing]

    @property
    def replaced(self) -> list[Change]:
        """The individual mappings among the changes."""
        return [change for change in self.changes if change.is_individual]

    @property
    def digest(self) -> str:
        """The hash of what the saver sees; another one must be looked at again."""
        data = json.dumps([change.as_data() for change in self.changes])
        return sha256(data.encode()).hexdigest()[:32]


def number_now() -> int:
    """The number of the last save; 0 before the first."""
    newest: int | None = MappingSave.objects.aggregate(newest=Max("number"))["newest"]
    return newest or 0


def last_save() -> MappingSave | None:
    """The newest save."""
    return MappingSave.objects.first()


def saves_since(number: int) -> list[MappingSave]:
    """What was saved after it, newest first."""
    return list(MappingSave.objects.filter(number__gt=number))


def preview(method: Method, choices: Sequence[Choice]) -> Preview:
    """What saving these choices would change. Raises ``MappingRefusal``; writes nothing."""
    catalogue = Catalogue.read()
    changes = changes_of(catalogue, method, choices)
    followers = list(_followers(catalogue, choices)) if method is Method.GROUP else []
    return Preview(method, changes, _text(catalogue, method, choices), followers)


def _followers(catalogue: Catalogue, choices: Sequence[Choice]) -> Iterator[Thing]:
    groups = {int(choice.code.removeprefix("group_")) for choice in choices}
    bundled = {f"P-{pk}" for pk in catalogue.in_bundles}
    for code in bundled - catalogue.rows.keys():
        thing = catalogue.things[code]
        if thing.group in groups and not thing.is_retired:
            yield thing


def _text(catalogue: Catalogue, method: Method, choices: Sequence[Choice]) -> str:
    """One line for people: ``By group: Domestic DIDs to VoIP.ms, and 2 more``."""
    said = []
    for choice in choices[:3]:
        thing = catalogue.things.get(choice.code)
        setting = Setting(choice.account, choice.server, method.value) if choice.is_own else None
        said.append(f"{catalogue.name_of(choice.code)} to {words(catalogue, thing, setting)}")
    if len(choices) > len(said):
        said.append(f"and {len(choices) - len(said)} more")
    return f"{_METHODS[method]}: {', '.join(said)}"[:200]


def save(seen: Preview, *, version: int, actor: Actor) -> MappingSave:
    """Save exactly what was seen, on top of save number ``version``.

    Raises ``Overtaken`` when another save, or another hand, was there first.
    """
    if not seen.changes:
        raise Refusal("Nothing to save: every row is as it was.")
    with _whole_or_not():
        row = _take_number(version, actor, seen.text, seen.changes)
        _write(seen.changes)
        _tell(row, actor, "saved product mappings")
    return row


def reverted(row: MappingSave) -> list[Change]:
    """What undoing a save would change. What is not in the catalogue any more is left out."""
    changes = [Change.from_data(data) for data in row.changes]
    there = {code for column, codes in _by_column(changes) for code in _existing(column, codes)}
    return [
        Change(change.code, change.name, change.after, change.before, change.becomes, change.was)
        for change in changes
        if change.code in there
    ]


def undo_last(*, number: int, actor: Actor) -> MappingSave:
    """Put back what the last save changed, as a new save. ``number`` is the save that was seen."""
    last = last_save()
    if last is None:
        raise Refusal("There is no save to undo. Nothing was changed.")
    if last.number != number:
        raise Overtaken
    changes = reverted(last)
    _require_served(changes)
    with _whole_or_not():
        text = f"Undid save {number}. {last.text}"[:200]
        row = _take_number(number, actor, text, changes)
        _write(changes)
        _tell(row, actor, f"undid save {number} of product mappings")
    return row


def _require_served(changes: Sequence[Change]) -> None:
    """What is put back must still exist."""
    if not changes:
        raise Refusal("What this save changed is not in the catalogue any more. Nothing to undo.")
    settings = [change.after for change in changes if change.after is not None]
    accounts = {setting.account for setting in settings} - {None}
    servers = {setting.server for setting in settings} - {None}
    if CarrierAccount.objects.filter(pk__in=accounts).count() != len(
        accounts
    ) or PbxServer.objects.filter(pk__in=servers).count() != len(servers):
        raise Refusal(
            "A provider or a PBX server of the earlier mappings was deleted since. Nothing was "
            "changed. Map these rows anew."
        )


@contextmanager
def _whole_or_not() -> Iterator[None]:
    """One transaction. A constraint says at its end, or before, that another save has the number,
    or that what was chosen is deleted at this very moment."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Overtaken from error


def _take_number(version: int, actor: Actor, text: str, changes: Sequence[Change]) -> MappingSave:
    """The next number, for one saver only. On PostgreSQL the second one waits here for the first,
    and then breaks the constraint."""
    row = MappingSave.objects.create(
        number=version + 1,
        actor=actor.name,
        actor_label=actor.label[:150],
        text=text,
        changes=[change.as_data() for change in changes],
    )
    others = MappingSave.objects.exclude(pk=row.pk).aggregate(newest=Max("number"))
    if (others["newest"] or 0) != version:
        raise Overtaken
    return row


def _write(changes: Sequence[Change]) -> None:
    """Bring the rows from before to after. Refuses when one is not as it was before."""
    now = rows_now()
    if any(now.get(change.code) != change.before for change in changes):
        raise Overtaken
    for column, codes in _by_column(changes):
        settings = {pk: change.after for pk, change in codes.items()}
        gone = [pk for pk, setting in settings.items() if setting is None]
        for start in range(0, len(gone), PORTION):
            rows = Mapping.objects.filter(**{f"{column}__in": gone[start : start + PORTION]})
            rows.delete()
        Mapping.objects.bulk_create(
            [_row(column, pk, setting) for pk, setting in settings.items() if setting],
            batch_size=PORTION,
            update_conflicts=True,
            unique_fields=[column],
            update_fields=["account", "server", "source"],
        )


def _row(column: str, pk: int, setting: Setting) -> Mapping:
    row = Mapping(account_id=setting.account, server_id=setting.server, source=setting.source)
    setattr(row, f"{column}_id", pk)
    return row


def _by_column(changes: Sequence[Change]) -> list[tuple[str, dict[int, Change]]]:
    """The changes of products, of bundles and of groups, each by key."""
    found: dict[str, dict[int, Change]] = {}
    for change in changes:
        parsed = parse_code(change.code)
        assert parsed is not None  # made from rows of the catalogue
        found.setdefault(parsed[0], {})[parsed[1]] = change
    return list(found.items())


def _existing(column: str, codes: dict[int, Change]) -> Iterator[str]:
    known = set(_MODELS[column]._default_manager.values_list("pk", flat=True))
    return (change.code for pk, change in codes.items() if pk in known)


def _tell(row: MappingSave, actor: Actor, what: str) -> None:
    changes = [Change.from_data(data) for data in row.changes]
    Activity.record(
        actor,
        f"mappings:{row.number}",
        what,
        summary=row.text,
        rows=len(changes),
        changes={c.code: [c.was, c.becomes] for c in changes[:IN_THE_LOG]},
    )
