"""Looking at everything: inner checks one after the other, outside ones beside each other."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue

from django.db import DatabaseError, connections

from ringup.core.failures import PortFailure
from ringup.core.keys import KeyProblem
from ringup.flows.health import (
    background,
    backups,
    ground,
    inventory,
    mails,
    people,
    providers,
    selling,
    servers,
    stock,
)
from ringup.flows.health.findings import (
    Check,
    Finding,
    Group,
    State,
    Verdict,
    broken,
    finding,
    untold,
)
from ringup.jobs.redacting import brief, whereabouts

log = logging.getLogger(__name__)

# The outside has so long, all together.
OUTSIDE_SECONDS = 12.0
_MOST_THREADS = 16
_PARTS: tuple[tuple[Group, Callable[[], list[Check]]], ...] = (
    (Group.GROUND, ground.checks),
    (Group.BACKGROUND, background.checks),
    (Group.PROVIDERS, providers.checks),
    (Group.PROVIDERS, inventory.checks),
    (Group.STOCK, stock.checks),
    (Group.SERVERS, servers.checks),
    (Group.MAIL, mails.checks),
    (Group.SELLING, selling.checks),
    (Group.PEOPLE, people.checks),
    (Group.BACKUPS, backups.checks),
)
# Told of each finding as it comes, and of how many there will be.
Listener = Callable[[Finding, int], None]


def examine(
    listener: Listener = lambda _finding, _expected: None, *, seconds: float = OUTSIDE_SECONDS
) -> list[Finding]:
    """Look at everything and return what was found, in the order of the groups.

    A check that fails, hangs or raises says so in its own finding and hinders no other. Must not be
    called inside a transaction.
    """
    base = _found(ground.DATABASE)
    rest = _all_checks(has_database=base.state != State.ERROR and base.state != State.UNKNOWN)
    found: dict[int, Finding] = {}

    def note(place: int, one: Finding) -> None:
        found[place] = one
        listener(one, len(rest) + 1)

    listener(base, len(rest) + 1)
    answers = _start([(place, check) for place, check in enumerate(rest) if check.is_outside])
    deadline = time.monotonic() + seconds
    for place, check in enumerate(rest):
        if not check.is_outside:
            note(place, _found(check))
    _gather(rest, found, answers, deadline, note)
    return [base, *(found[place] for place in range(len(rest)))]


def _all_checks(*, has_database: bool) -> list[Check]:
    checks: list[Check] = []
    for group, make in _PARTS:
        if has_database or group == Group.GROUND:
            checks += _made(group, make)
        else:
            checks.append(Check(group, group.value, _no_database, needs_database=False))
    if not has_database:
        checks = [check for check in checks if not check.needs_database]
    return checks


def _no_database() -> Verdict:
    return untold("Not looked at: the database does not answer.", "See Database.")


def _made(group: Group, make: Callable[[], list[Check]]) -> list[Check]:
    """The checks of one part; where even its rows cannot be read, one that says so."""
    try:
        return make()
    except (DatabaseError, KeyProblem) as error:
        verdict = untold(f"Could not be looked at: {brief(error)}", "See Ground.")
        return [Check(group, group.value, lambda: verdict)]


def _found(check: Check) -> Finding:
    began = time.monotonic()
    secrets: tuple[str, ...] = ()
    try:
        secrets = tuple(check.secrets())
        verdict = check.look()
    except PortFailure as failure:
        verdict = broken(str(failure), "See the settings of it, and test the connection there.")
    except (OSError, KeyProblem) as error:
        verdict = broken(f"{brief(error)}.", "Check host, port, login and firewall.")
    except Exception as error:
        log.warning("check %s: %s\n%s", check.name, brief(error), whereabouts(error))
        verdict = untold(f"Could not be looked at: {brief(error)}", "The log has more.")
    milliseconds = round((time.monotonic() - began) * 1000)
    return finding(check, verdict, milliseconds=milliseconds, secrets=secrets)


Numbered = tuple[int, Check]


def _start(outside: Iterable[Numbered]) -> SimpleQueue[tuple[int, Finding]]:
    """Threads that nobody waits for at the end: one that hangs must not keep a process alive."""
    waiting: SimpleQueue[Numbered] = SimpleQueue()
    answers: SimpleQueue[tuple[int, Finding]] = SimpleQueue()
    for numbered in outside:
        waiting.put(numbered)
    for _ in range(min(waiting.qsize(), _MOST_THREADS)):
        threading.Thread(target=_answer, args=(waiting, answers), daemon=True).start()
    return answers


def _answer(waiting: SimpleQueue[Numbered], answers: SimpleQueue[tuple[int, Finding]]) -> None:
    try:
        while True:
            place, check = waiting.get_nowait()
            answers.put((place, _found(check)))
    except Empty:
        pass
    finally:
        connections.close_all()  # of this thread


def _gather(
    checks: list[Check],
    found: dict[int, Finding],
    answers: SimpleQueue[tuple[int, Finding]],
    deadline: float,
    note: Callable[[int, Finding], None],
) -> None:
    allowed = deadline - time.monotonic()
    while len(found) < len(checks):
        try:
            place, one = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            break
        note(place, one)
    verdict = untold(
        f"No answer within {max(allowed, 0):.0f} seconds.",
        "Try again, and test it on its own page.",
    )
    for place, check in enumerate(checks):
        if place not in found:
            late = finding(check, verdict, milliseconds=round(allowed * 1000), secrets=())
            note(place, late)
