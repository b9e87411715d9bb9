"""What DIDWW's errors mean to us: which of the four failures, and what staff must do.

``code`` is not the HTTP status, and 429 has neither title nor code. All errors of an answer are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ringup.core.failures import NothingHappened, OurFault, OutcomeUnknown, PortFailure, Refused

REST_SECONDS = 2.0
BALANCE = "available_balance"
UNEXPECTED = (
    "Ringup did not expect this answer and repeats nothing by itself. Read it, then resume."
)
CHECK_KEY = (
    "Check the API key in DIDWW's portal under API, and that it is one of this environment (sandbox "
    "and production have different ones). If the key is limited to addresses, this server's must be "
    "among them."
)


@dataclass(frozen=True, slots=True)
class ApiProblem:
    """One of the ``errors`` of an answer. ``pointer`` says where in what we sent."""

    title: str = ""
    detail: str = ""
    code: str = ""
    status: str = ""
    pointer: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """A sentence of DIDWW's, as far as it is one."""
        return self.detail or self.title or f"error {self.code or self.status}"


class AccountProblem(OurFault):
    """Staff must mend something: ``problem`` says what is wrong, ``remedy`` what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy


class NotAdmitted(AccountProblem):
    """401: the key, or the token that it bought."""


class NotEnabled(AccountProblem):
    """403: this account may not do that."""


class InsufficientBalance(AccountProblem):
    """The order costs more than there is."""


class Missing(Refused):
    """404: there is no such thing (any more)."""


class Rejected(Refused):
    """422: DIDWW does not take what was sent; ``problems`` says what of it."""

    def __init__(self, detail: str, problems: Sequence[ApiProblem]) -> None:
        super().__init__(detail)
        self.problems = tuple(problems)

    def speaks_of(self, name: str) -> bool:
        """Whether one of the problems is about this attribute or relationship."""
        return any(name in problem.pointer.split("/") for problem in self.problems)

    @property
    def sentences(self) -> list[str]:
        return [problem.words for problem in self.problems]


def problems_of(content: object) -> list[ApiProblem]:
    """The errors of a JSON:API document; empty when it holds none that can be read."""
    rows = content.get("errors") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        return []
    return [_problem(row) for row in rows if isinstance(row, dict)]


def _problem(row: dict[str, Any]) -> ApiProblem:
    source, meta = row.get("source"), row.get("meta")
    return ApiProblem(
        title=_text(row.get("title")),
        detail=_text(row.get("detail")),
        code=_text(row.get("code")),
        status=_text(row.get("status")),
        pointer=_text(source.get("pointer")) if isinstance(source, dict) else "",
        meta=meta if isinstance(meta, dict) else {},
    )


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def failure_of(
    what: str, status: int, problems: Sequence[ApiProblem], *, writing: bool, retry_after: str = ""
) -> PortFailure:
    """The failure that an answer with this HTTP status stands for. ``what`` names the call."""
    told = "; ".join(problem.words for problem in problems)
    detail = f"DIDWW answered {what} with HTTP {status}" + (f" ({told})." if told else ".")
    if status == 429:
        return NothingHappened(detail, retry_seconds=_seconds(retry_after))
    if status >= 500 or status == 408 or status < 300:
        return (OutcomeUnknown if writing else NothingHappened)(detail)
    if status == 401:
        return NotAdmitted(f"DIDWW does not accept the API key. ({detail})", CHECK_KEY)
    if not problems:
        return OurFault(
            f"{detail} That is no answer of its API: check the address of the API, and whether a "
            "firewall stands between."
        )
    return _refusal(status, detail, problems)


def _refusal(status: int, detail: str, problems: Sequence[ApiProblem]) -> PortFailure:
    if status == 403:
        return NotEnabled(
            f"This DIDWW account may not do that. ({detail})",
            "Ask DIDWW's support to enable it for the account, then resume.",
        )
    if status == 404:
        return Missing(detail)
    if status == 422:
        return Rejected(detail, problems)
    for problem in problems:
        if BALANCE in problem.meta or "insufficient balance" in problem.words.lower():
            had, costs = problem.meta.get(BALANCE), problem.meta.get("total_cost")
            sums = f" It has {had}, and {costs} is needed." if had and costs else ""
            return InsufficientBalance(
                f"The balance of the DIDWW account is too low.{sums}",
                "Add funds at DIDWW, then resume.",
            )
    return AccountProblem(detail, UNEXPECTED)


def _seconds(retry_after: str) -> float:
    return float(retry_after) if retry_after.isdecimal() else REST_SECONDS
