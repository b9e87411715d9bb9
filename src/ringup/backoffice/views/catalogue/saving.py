"""What every form of the catalogue does with its verb: saved, refused, or changed by somebody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.forms import BaseForm
from django.http import HttpRequest

from ringup.catalog.snapshots import (
    NOTHING_SEEN,
    ChangedMeanwhile,
    Seen,
    Snapshot,
    seen_from,
    seen_now,
)
from ringup.core.sentences import Refusal

SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``seen`` is what the page showed when it was opened."""

    is_saved: bool
    seen: Seen = NOTHING_SEEN
    refusal: str = ""
    conflict: ChangedMeanwhile | None = None


def save(
    request: HttpRequest, verb: Callable[[Seen], object], *, form: BaseForm | None = None
) -> Outcome:
    """Call the verb with what the page showed. A refusal goes to its field of ``form``, if that has
    one; nothing was changed then."""
    seen = NOTHING_SEEN
    try:
        seen = seen_from(request.POST.get(SEEN, ""))
        verb(seen)
    except ChangedMeanwhile as conflict:
        return Outcome(False, seen, str(conflict), conflict)
    except Refusal as refusal:
        if form is not None and refusal.field in form.fields:
            form.add_error(refusal.field, str(refusal))
            return Outcome(False, seen)
        return Outcome(False, seen, str(refusal))
    return Outcome(True, seen)


def seen_text(
    request: HttpRequest, part: str, subject: str, values: Snapshot, outcome: Outcome | None
) -> str:
    """The hidden field of a form. What was posted to ``part`` comes back as it was, so that a second
    attempt is held to the same page; after a conflict it is what is true now."""
    posted = request.POST.get(SEEN, "")
    is_again = request.method == "POST" and request.POST.get("part") == part and posted
    if is_again and not (outcome and outcome.conflict):
        return posted
    return seen_now(subject, values).as_text()
