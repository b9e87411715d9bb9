"""Routes that staff write by hand: read from lines, and kept off numbers that are not theirs.

A number belongs to one route only, since some pages of a PBX choose a route by its expression
alone. So a route of one's own never takes a number of the known sets, an emergency number, a
feature code, or a number of another such route; and it sends nothing that is closed. No Django.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache

from ringup.pbx.expressions import BadExpression, Expression, Language, written
from ringup.pbx.number_plan import ISLANDS, PREMIUM, PREMIUM_ABROAD, PREMIUM_LINE
from ringup.pbx.port import DialPattern
from ringup.pbx.tenant_settings import CustomRoute

MOST_ROUTES = 20
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?", re.ASCII)
_SENT = re.compile(r"[0-9*#+]{0,20}(?:\$1)?[0-9*#+]{0,20}", re.ASCII)
_HOME, _ABROAD = r"(?:\+?1)?", r"(?:(?:011|00)\d*|\+(?:[02-9]\d*)?)"
# What may not be dialled through a route of one's own, and what to say about it.
_TAKEN = (
    (r"(?:911|933|988)", "is for emergencies: it has a route of its own, which nothing shadows"),
    (rf"{_HOME}[2-9]\d{{9}}", "belongs to the sets above: open or close it there"),
    (_ABROAD, "belongs to the sets above: open or close it there"),
    (r"\*.*", "is a feature code of the phone system"),
)
# What may not be sent to the carrier, while the set is closed or always.
_CLOSED = {
    DialPattern.ISLANDS: (rf"{_HOME}(?:{ISLANDS})\d{{7}}", "the Caribbean and Pacific islands"),
    DialPattern.PREMIUM: (
        rf"{_HOME}(?:(?:{PREMIUM})\d{{7}}"
        rf"|(?:[2-79]\d\d|8(?:[1-27]\d|0[1-9]|3[0-24-9]|4[0-35-9]|5[0-46-9]|6[0-57-9]|8[0-79]|9\d))"
        rf"(?:{PREMIUM_LINE}))",
        "premium services",
    ),
    # Eleven and more digits that do not begin with 1 are a foreign number without its 011.
    DialPattern.INTERNATIONAL: (rf"(?:{_ABROAD}|[2-9]\d{{10}}\d*)", "another country"),
}
_NEVER = (
    (rf"{_HOME}(?:911|933)", "an emergency number, which has a route of its own"),
    (
        rf"(?:(?:011|00|\+)(?:{PREMIUM_ABROAD})\d*|(?:{PREMIUM_ABROAD})\d{{8}}\d*)",
        "a satellite or premium service abroad",
    ),
)


class BadRoutes(ValueError):
    """The routes cannot be written. The message is a sentence that names the line."""


def read_routes(text: str) -> list[dict[str, str]]:
    """Routes from lines of name, expression and digits sent, with blanks between."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words:
            continue
        if len(words) != 3:
            raise BadRoutes(
                f"Line {number}: write a name, an expression and the digits to send, with blanks "
                "between: short ^7(\\d{3})$ 2085557$1"
            )
        found.append(dict(zip(("name", "expression", "sent"), words, strict=True)))
    return found


def shown_routes(routes: Sequence[dict[str, str]]) -> str:
    """The lines that ``read_routes`` reads."""
    return "\n".join(f"{one['name']} {one['expression']} {one['sent']}" for one in routes)


def check_routes(routes: Sequence[CustomRoute], open_sets: Collection[str]) -> None:
    """Raise ``BadRoutes`` for the first thing that is wrong."""
    if len(routes) > MOST_ROUTES:
        raise BadRoutes(f"Use at most {MOST_ROUTES} routes of your own.")
    known: list[tuple[CustomRoute, Expression]] = []
    for number, route in enumerate(routes, 1):
        try:
            known.append((route, _checked(route, open_sets, known)))
        except (BadExpression, BadRoutes) as error:
            raise BadRoutes(f"Route {number} ({route.name[:40]}): {error}") from None


def _checked(
    route: CustomRoute, open_sets: Collection[str], others: list[tuple[CustomRoute, Expression]]
) -> Expression:
    if not _NAME.fullmatch(route.name):
        raise BadRoutes("A name has at most 30 small letters, digits and hyphens.")
    if not route.sent or not _SENT.fullmatch(route.sent):
        raise BadRoutes("The digits to send are digits, *, # and +, with $1 at most once.")
    expression = Expression(route.expression)
    if "" in expression.dialled:
        raise BadRoutes("The expression also matches when nothing is dialled.")
    for text, words in _TAKEN:
        found = expression.dialled.shared_with(_language(text))
        if found is not None:
            raise BadRoutes(f"The expression also matches {found or 'nothing'}, which {words}.")
    _check_sent(expression.sent(route.sent), open_sets)
    for other, taken in others:
        if other.name == route.name:
            raise BadRoutes("Another route has this name.")
        found = expression.dialled.shared_with(taken.dialled)
        if found is not None:
            raise BadRoutes(f"The expression also matches {found}, which is {other.name}'s.")
    return expression


def _check_sent(sent: Language, open_sets: Collection[str]) -> None:
    closed = [rule for pattern, rule in _CLOSED.items() if pattern.value not in open_sets]
    ways_out = [
        *((rule, "") for rule in _NEVER),
        *((rule, ", or open that set") for rule in closed),
    ]
    for (text, words), way_out in ways_out:
        found = sent.shared_with(_language(text))
        if found is not None:
            raise BadRoutes(
                f"It could send {found} to the carrier: {words}. Narrow the expression{way_out}."
            )


@cache
def _language(text: str) -> Language:
    return written(text)
