"""Numbers on sale: whether each provider's stock is fetched in time, and each host's index is new."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.core.sentences import counted
from ringup.flows.health.findings import (
    Check,
    Group,
    Verdict,
    broken,
    doubtful,
    fine,
    listed,
)
from ringup.numbers.following import GONE
from ringup.numbers.models import IndexSeen
from ringup.numbers.standing import Standing, State, standings

BEHIND = timedelta(minutes=10)
KEPT = "Its numbers stay on sale as they were."
LOOK = "Providers, Stock, has every area and its problem, and fetches again."
SERVE = "Start ringup serve there, or ringup compile_numbers --follow beside another web server."


def account(standing: Standing) -> Verdict:
    """How the passes over one account go."""
    last, whole, running = standing.last, standing.whole, standing.running
    now = ", and is being fetched now" if running else ""
    if last is None:
        sentence = "It is being fetched for the first time." if running else "Never fetched yet."
        return doubtful(sentence, "A worker begins with it within a minute.")
    if standing.state == State.FAILED:
        return broken(f"The last pass failed{now}: {last.problem} {KEPT}", LOOK)
    assert whole is not None  # else it has failed
    old = _ago(whole.started)
    if standing.state == State.OVERDUE:
        return broken(
            f"Fetched {old}, which is too long ago{now}. {KEPT}",
            "Is a worker running, and are its jobs late? See Work in the background.",
        )
    if standing.state == State.PARTLY:
        return doubtful(
            f"{whole.areas_failed} of {counted(whole.areas, 'area')} could not be read: "
            f"{listed(sorted(standing.troubles.areas), most=3)}. {last.problem}",
            LOOK,
        )
    areas = counted(whole.areas, "area")
    return fine(f"{counted(whole.numbers, 'number')} in {areas}, fetched {old}{now}.")


def index() -> Verdict:
    """The index of each host that serves, as its follower says. The worst one speaks."""
    rows, now = list(IndexSeen.objects.order_by("host")), timezone.now()
    alive = [row for row in rows if now - row.seen <= GONE]
    for row in alive:
        if row.behind_since is not None and now - row.behind_since > BEHIND:
            what = "is behind" if row.published else "is missing"
            since = _ago(row.behind_since).removesuffix(" ago")
            return broken(
                f"On {row.host} it {what}, for {since}. {row.problem}",
                "See the log of ringup serve there, then: ringup compile_numbers",
            )
    if gone := [row for row in rows if row not in alive]:
        hosts = listed(row.host for row in gone)
        return doubtful(f"Nobody keeps it new on {hosts}: last seen {_ago(gone[0].seen)}.", SERVE)
    if not alive:
        return doubtful("No server keeps one: buyers find nothing new.", SERVE)
    if failing := [row for row in alive if row.problem]:
        return doubtful(f"On {failing[0].host}: {failing[0].problem}", "It is tried again.")
    sizes = [
        f"{counted(row.numbers, 'number')}, {row.size / 1e6:.1f} MB, "
        f"compiled {_ago(row.published)} on {row.host}"
        for row in alive
        if row.published
    ]
    return fine(f"{listed(sizes, most=2)}." if sizes else "It is being compiled.")


def _ago(moment: datetime) -> str:
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{counted(minutes, 'minute')} ago"
    return f"{counted(minutes // 60, 'hour')} ago"


def checks() -> list[Check]:
    """One for each account in use, and one for the indexes."""
    rows = list(CarrierAccount.objects.filter(is_enabled=True, is_retired=False).order_by("name"))
    found = standings(rows)
    accounts = [
        Check(
            Group.STOCK,
            f"Stock of {row.name}",
            partial(account, found[row.pk]),
            secrets=row.open_secrets().values,
        )
        for row in rows
    ]
    return [*accounts, Check(Group.STOCK, "Search index", index)]
