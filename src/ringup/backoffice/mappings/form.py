"""What a form of mappings posts: only the drop-downs that somebody touched, distrusted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.http import QueryDict

from ringup.catalog.choosing import Choice, MappingRefusal

KEEP, INHERIT, NONE = "", "inherit", "none"
_KEY = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_CODE = re.compile(r"[A-Za-z]{1,6}[-_][0-9]{1,18}", re.ASCII)
INCOMPLETE = "This form is incomplete. Nothing was changed. Reload the page and choose again."


@dataclass(frozen=True, slots=True)
class Typed:
    """``rows`` are the touched drop-downs by code: provider and server as posted. ``version`` is the
    save that the form was made from, None for nonsense; ``seen`` the digest of a preview.

    Each row posts ``account.P-12``, ``server.P-12``, and in ``was.P-12`` what it showed at first;
    a row without that counts as touched.
    """

    version: int | None = None
    seen: str = ""
    rows: dict[str, tuple[str, str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    wants_form: bool = False

    @classmethod
    def of(cls, data: QueryDict) -> Typed:
        """From a post. Never raises: what is wrong stands in ``errors``."""
        rows: dict[str, tuple[str, str]] = {}
        errors: dict[str, str] = {}
        for name in data:
            prefix, _, code = name.partition(".")
            if prefix != "account" or not _CODE.fullmatch(code):
                continue
            account, server = data.get(name, "")[:20], data.get(f"server.{code}", "")[:20]
            if data.get(f"was.{code}") == f"{account}/{server}":
                continue
            rows[code] = (account, server)
            twice = len(data.getlist(name)) > 1 or len(data.getlist(f"server.{code}")) > 1
            if sentence := _wrong(account, server, is_twice=twice):
                errors[code] = sentence
        version = data.get("version", "")
        return cls(
            version=int(version) if version == "0" or _KEY.fullmatch(version) else None,
            seen=data.get("seen", "")[:64],
            rows=rows,
            errors=errors,
            wants_form="again" in data,
        )

    def choices(self) -> list[Choice]:
        """For the verb. Raises ``MappingRefusal`` where a row is nonsense."""
        if self.errors:
            raise MappingRefusal(self.errors)
        return [_choice(code, *row) for code, row in self.rows.items()]


def _wrong(account: str, server: str, *, is_twice: bool) -> str:
    if is_twice:
        return "This row was sent twice. Reload the page."
    if account == KEEP:
        return "Choose a provider as well."
    if account not in (INHERIT, NONE) and not _KEY.fullmatch(account):
        return "Choose one of the providers."
    if server and not _KEY.fullmatch(server):
        return "Choose one of the PBX servers."
    return ""


def _choice(code: str, account: str, server: str) -> Choice:
    if account == INHERIT:
        return Choice(code, is_own=False)
    if account == NONE:
        return Choice(code)
    return Choice(code, int(account), int(server) if server else None)
