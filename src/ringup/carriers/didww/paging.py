"""Lists of many pages, read to their end."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.failing import AccountProblem
from ringup.carriers.didww.reading import Document, Resource
from ringup.core.failures import NothingHappened

# The largest page is documented nowhere; 50 is the usual one, and is asked for where this is refused.
LARGE, USUAL = 1000, 50
MOST_PAGES = 10_000

_sizes: dict[str, int] = {}
_lock = threading.Lock()


def every(
    client: DidwwClient, kind: str, query: Mapping[str, str] | None = None, *, strict: bool = False
) -> list[Resource]:
    """All resources of all pages, each once. ``NothingHappened`` when fewer came than DIDWW counted:
    a list that is not whole must not pass for one.

    What was sold while we read moves the rest of a list up, so that a row may be missed; ``strict``
    refuses even that.
    """
    found: dict[str, Resource] = {}
    totals: list[int] = []
    for number in range(1, MOST_PAGES):
        page = _page(client, kind, query or {}, number)
        if not page.is_list:
            raise NothingHappened(f"DIDWW answered GET {kind} without a list.")
        found |= {row.id: row for row in page.resources}
        totals += [] if page.total is None else [page.total]
        if not page.has_next:
            break
        if not page.resources:
            raise NothingHappened(f"DIDWW names another page of {kind}, and this one is empty.")
    wanted = (max if strict else min)(totals, default=len(found))
    if len(found) < wanted or (strict and len(set(totals)) > 1):
        raise NothingHappened(
            f"DIDWW counts {wanted} {kind} and sent {len(found)}: the list changed while it was read."
        )
    return list(found.values())


def pages(
    client: DidwwClient, kind: str, query: Mapping[str, str], *, size: int, most_pages: int
) -> Iterator[list[Resource]]:
    """The first pages, as long as somebody asks for more."""
    for number in range(1, most_pages + 1):
        page = _page(client, kind, query, number, most=size)
        yield page.resources
        if not page.has_next or not page.resources:
            break


def _page(
    client: DidwwClient, kind: str, query: Mapping[str, str], number: int, *, most: int = LARGE
) -> Document:
    with _lock:
        size = min(_sizes.get(client.url, LARGE), max(most, 1))
    try:
        return client.get(kind, _paged(query, number, size))
    except AccountProblem as refusal:
        if size <= USUAL or "page" not in str(refusal).lower():
            raise
    # The size was refused and nothing was read: from now on the usual one.
    with _lock:
        _sizes[client.url] = USUAL
    return client.get(kind, _paged(query, number, USUAL))


def _paged(query: Mapping[str, str], number: int, size: int) -> dict[str, str]:
    return {**query, "page[number]": str(number), "page[size]": str(size)}
