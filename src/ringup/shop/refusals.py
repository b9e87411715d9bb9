"""A refusal that must be shown on another page: kept in the session until that page is rendered."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from ringup.core.sentences import Refusal

KEY = "refusal"
HOME = "home"


@dataclass(frozen=True, slots=True)
class Kept:
    """The sentence, and the input it is about, if one."""

    text: str
    field: str


def keep(request: HttpRequest, place: str, refusal: Refusal) -> None:
    """Show ``refusal`` on the next page of ``place``."""
    request.session[KEY] = {"place": place, "text": str(refusal), "field": refusal.field}


def take(request: HttpRequest, place: str) -> Kept | None:
    """The refusal that waits for ``place``, once."""
    waiting = request.session.get(KEY)
    if not waiting or waiting.get("place") != place:
        return None
    del request.session[KEY]
    return Kept(waiting["text"], waiting["field"])
