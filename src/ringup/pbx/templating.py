"""Making, changing and deleting PBX templates. Orders that were placed keep their own copies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.pbx.merging import BadValues, checked
from ringup.pbx.models import PbxTemplate
from ringup.pbx.template_fields import COSTLY, FIELDS, OUTBOUND, SET_WORDS

NEEDS_A_WORD = "This opens numbers that cost extra: {}. Confirm below that it is meant to be so."


@dataclass(frozen=True, slots=True)
class Written:
    """What staff typed. ``confirmed``: costly numbers are to be open."""

    name: str
    note: str
    values: Mapping[str, Any]
    confirmed: bool = False


def create(kind: str, written: Written, *, actor: Actor) -> PbxTemplate:
    """A new template. ``Refusal`` with the field that is wrong, and nothing was made."""
    template = PbxTemplate(kind=kind)
    _save(template, written, actor=actor, what="made a PBX template")
    return template


def edit(template: PbxTemplate, written: Written, *, actor: Actor, seen: str) -> bool:
    """Change a template; ``seen`` is ``version_of`` what the editor showed. Returns whether anything
    is different now. ``Refusal`` when somebody else changed it meanwhile, or a field is wrong."""
    with transaction.atomic():
        current = PbxTemplate.objects.select_for_update().filter(pk=template.pk).first()
        if current is None:
            raise Refusal("Somebody deleted this template meanwhile. Nothing was changed.")
        if version_of(current) != seen:
            raise Refusal(
                "Somebody else changed this template while you were editing it. Nothing of yours "
                "was saved. Open it again, look, and make your change there."
            )
        changed = _save(current, written, actor=actor, what="changed a PBX template")
    template.refresh_from_db()
    return changed


def delete(template: PbxTemplate, *, actor: Actor) -> None:
    """``Refusal``, naming them, while something chooses it by default. Orders that were placed have
    copies and do not hinder it."""
    subject, name = f"pbx-template:{template.uid}", template.name
    try:
        with transaction.atomic():
            template.delete()
            Activity.record(actor, subject, "deleted a PBX template", name=name, kind=template.kind)
    except ProtectedError as error:
        users = ", ".join(sorted(str(row) for row in error.protected_objects))
        raise Refusal(
            f"{name} is in use: {users}. Nothing was deleted. Choose another template there first."
        ) from error


def version_of(template: PbxTemplate) -> str:
    """A short word for the template's contents, to notice that they changed."""
    text = json.dumps([template.name, template.note, template.values], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def newly_costly(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The costly sets that ``after`` opens and ``before`` did not, in words."""
    opened = set(after.get("open", ())) - set(before.get("open", ()))
    return [words for name, words in SET_WORDS.items() if name in opened & COSTLY]


def _save(template: PbxTemplate, written: Written, *, actor: Actor, what: str) -> bool:
    values = _checked(template.kind, written.values)
    costly = newly_costly(template.values, values) if template.kind == OUTBOUND else []
    if costly and not written.confirmed:
        raise Refusal(NEEDS_A_WORD.format("; ".join(costly)), field="confirmed")
    changes = _changes(template, written, values)
    if not changes and template.pk:
        return False
    template.name, template.note, template.values = written.name, written.note, values
    try:
        with transaction.atomic():
            template.save()
            Activity.record(actor, f"pbx-template:{template.uid}", what, **changes)
    except IntegrityError as error:
        raise Refusal(
            f"Another template of this kind is called {written.name}. Choose another name.",
            field="name",
        ) from error
    return True


def _checked(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return checked(kind, values)
    except BadValues as error:
        field, sentence = next(iter(error.errors.items()))
        raise Refusal(sentence, field=field) from error


def _changes(
    template: PbxTemplate, written: Written, values: Mapping[str, Any]
) -> dict[str, list[str]]:
    """``{field: [before, after]}`` of what is different; no template holds a secret."""
    before = {one.name: _plain(one.default) for one in FIELDS[template.kind]}
    before |= {name: _plain(value) for name, value in template.values.items()}
    before |= {"name": template.name, "note": template.note}
    after = {name: _plain(value) for name, value in values.items()}
    after |= {"name": written.name, "note": written.note}
    return {
        name: [before.get(name, ""), text]
        for name, text in after.items()
        if before.get(name, "") != text
    }


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))[:500]
    if isinstance(value, dict):
        return " ".join(map(str, value.values()))
    return "" if value is None else str(value)[:500]
