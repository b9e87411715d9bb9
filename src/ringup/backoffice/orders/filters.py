"""What the address of the queue asks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from ringup.flows.orders import badges

THING = re.compile(r"[pb][1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Filters:
    """Nonsense in the address is ignored. ``product`` is ``p`` or ``b`` (a bundle) and a row's number,
    ``client`` a uid, ``mine`` and ``sandbox`` are ``yes``, ``no`` or empty."""

    status: str = ""
    q: str = ""
    provider: str = ""
    product: str = ""
    country: str = ""
    client: str = ""
    since: str = ""
    until: str = ""
    mine: str = ""
    sandbox: str = ""

    @classmethod
    def of(cls, query: Any) -> Filters:
        """From the ``QueryDict`` of an address, or of a saved one."""
        given = {name: query.get(name, "") for name in cls.__slots__}
        checked = {name: given[name] if CHECKS[name](given[name]) else "" for name in CHECKS}
        words = given["q"].replace("\x00", "").strip()[:80]
        return cls(**{**checked, "q": words})

    @property
    def query(self) -> str:
        """As an address's query, without what is empty."""
        return urlencode({name: value for name, value in asdict(self).items() if value})

    def but(self, **changes: str) -> Filters:
        """The same with other values."""
        return replace(self, **changes)

    @property
    def beside_status(self) -> str:
        """The query without the status, for the chip that stands for all of them."""
        return self.but(status="").query

    @property
    def is_only_status(self) -> bool:
        """Whether no other filter is in use."""
        return not self.beside_status

    @property
    def more(self) -> int:
        """How many of those filters are in use that fold away."""
        return sum(map(bool, (self.product, self.country, self.since, self.until, self.sandbox)))


def _is_date(text: str) -> bool:
    try:
        return 2000 <= date.fromisoformat(text).year < 3000 and len(text) == 10
    except ValueError:
        return False


def _is_uid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


CHECKS: dict[str, Callable[[str], bool]] = {
    "status": lambda text: text in badges.BADGES,
    "provider": _is_key,
    "product": lambda text: bool(THING.fullmatch(text)),
    "country": lambda text: bool(re.fullmatch(r"[A-Z]{2}", text)),
    "client": _is_uid,
    "since": _is_date,
    "until": _is_date,
    "mine": lambda text: text == "yes",
    "sandbox": lambda text: text in ("yes", "no"),
}
