"""What stands at the carrier under a reference of ours, and what of it differs from what is wanted."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ringup.carriers.didww.client import DidwwClient, Linked
from ringup.carriers.didww.failing import ApiProblem, Rejected
from ringup.carriers.didww.reading import Resource
from ringup.core.failures import Refused

REFERENCE = "external_reference_id"


def standing(
    client: DidwwClient, kind: str, reference: uuid.UUID, *, include: str = ""
) -> list[Resource]:
    """All of a kind under our reference, oldest first. The carrier does not keep references apart, so
    two processes at once may have made two: the oldest counts."""
    query = {f"filter[{REFERENCE}]": str(reference), "include": include}
    found = client.get(kind, query).resources
    # Looked at again, in case that this filter is one day ignored.
    mine = [row for row in found if row.text(REFERENCE) == str(reference)]
    return sorted(mine, key=lambda row: (row.text("created_at"), row.id))


def oldest(
    client: DidwwClient, kind: str, reference: uuid.UUID, *, include: str = ""
) -> Resource | None:
    """The one that counts; None when there is none."""
    return next(iter(standing(client, kind, reference, include=include)), None)


def key_of(client: DidwwClient, kind: str, reference: uuid.UUID) -> str:
    """The carrier's id of it; empty when there is none under this reference."""
    found = oldest(client, kind, reference)
    return found.id if found is not None else ""


def without_twin(client: DidwwClient, kind: str, reference: uuid.UUID, made: str) -> str:
    """What counts after this process has ``made`` one: where another was quicker, ours, to which nothing
    belongs yet, is deleted. Else nobody would ever take it back."""
    found = oldest(client, kind, reference)
    if found is None or found.id == made:
        return made
    client.delete(kind, made)
    return found.id


def changed(row: Resource, wanted: Mapping[str, str]) -> dict[str, Any]:
    """The attributes that differ, as they must be sent: what is empty is cleared by null."""
    return {name: text or None for name, text in wanted.items() if row.text(name) != text}


def moved(row: Resource, wanted: Mapping[str, Linked]) -> dict[str, Linked]:
    """The relationships that differ."""
    return {
        name: linked
        for name, linked in wanted.items()
        if row.keys(name) != ([linked] if isinstance(linked, tuple) else [])
    }


@contextmanager
def in_their_words() -> Iterator[None]:
    """A refusal of papers tells the client what is wrong, in the carrier's sentences."""
    try:
        yield
    except Rejected as rejected:
        said = "; ".join(sentences(rejected))
        raise Refused(
            str(rejected),
            user_message=f"Our supplier does not take these papers: {said}. Nothing was charged.",
        ) from rejected


def sentences(rejected: Rejected) -> list[str]:
    """What is wrong, each once, for people."""
    return list(dict.fromkeys(_sentence(problem) for problem in rejected.problems))


def _sentence(problem: ApiProblem) -> str:
    """DIDWW writes a whole sentence where it speaks of the whole, and "can't be blank" of a field."""
    name = problem.pointer.removeprefix("/data").rpartition("/")[2]
    if not name or not problem.title:
        return (problem.title or problem.words).rstrip(".")
    return f"{name.replace('_', ' ').capitalize()} {problem.title}".rstrip(".")
