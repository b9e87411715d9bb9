"""One page of a list: its rows, and the addresses of the pages before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Paged:
    """``office/_pager.html`` renders it below a table. ``query`` is the address's query without the
    page, for links that keep the filters (an export, for example)."""

    page: Page[Any]
    query: str

    @property
    def earlier(self) -> str:
        """The query of the page before; empty on the first."""
        return self._page(self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def later(self) -> str:
        """The query of the next page; empty on the last."""
        return self._page(self.page.next_page_number()) if self.page.has_next() else ""

    def _page(self, number: int) -> str:
        query = QueryDict(self.query, mutable=True)
        query["page"] = str(number)
        return query.urlencode()


def paged(
    request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], *, size: int = PAGE_SIZE
) -> Paged:
    """The page of ``rows`` that the address asks for; nonsense leads to the first or the last."""
    query = request.GET.copy()
    number = query.pop("page", ["1"])[-1]
    return Paged(Paginator(rows, size).get_page(number), query.urlencode())


def asked(request: HttpRequest, name: str, *, length: int = 80) -> str:
    """One filter of the address, cut to a sane length, without null bytes (PostgreSQL refuses them)."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:length]
