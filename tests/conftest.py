"""The world in which tests live: sandbox carrier, sandbox PBX, a seeded catalogue, and people.

Alice owns Acme, Bob is a member there, Charlie belongs to another client, Sam is staff.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import bcrypt
import pytest
from django.conf import settings
from django.contrib.contenttypes.management import create_contenttypes
from django.core.cache import cache
from django.db.models.signals import post_migrate
from pytest_django import Settings

from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.numbers import current
from ringup.provisioning.steps import number_registration
from ringup.sandbox.postgres import PostgresServer, running_postgres
from tests.emptying import empty_quickly
from tests.regulated import Regulated, regulated_world
from tests.regulated_stages import RegulatedStages, make_ordered, make_waiting
from tests.stages import Stages
from tests.world import People, World, make_people, make_world

salt_of_any_cost = bcrypt.gensalt


def pytest_configure() -> None:
    # Four real hashes a page cost a second; what is tested is who may sign in, not PBKDF2.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Nor bcrypt: hashing at FusionPBX's cost takes 60 ms for every PBX that is ordered.
    bcrypt.gensalt = lambda rounds=12, prefix=b"2b": salt_of_any_cost(4, prefix)
    # Else every test's browser reads the list of all static files before its first page.
    settings.WHITENOISE_AUTOREFRESH = True
    # Each emptied database would be filled with rows for Django's own permissions, which nothing
    # of ours reads: 0.15 s after every test that needs real transactions.
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)
    empty_quickly()


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches beyond this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if host not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    cache.clear()


@pytest.fixture(autouse=True)
def _own_index() -> Iterator[None]:
    """Each test begins without a search index, each process of the run has its own, and nothing of
    the shop is remembered from one search to the next."""
    settings.RINGUP_SHELF_SECONDS = 0
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    settings.RINGUP_INDEX_FILE = settings.VAR / f"numbers-{worker}.index"
    yield
    for left in settings.VAR.glob(f"numbers-{worker}.index*"):
        left.unlink()
    current.forget()


@pytest.fixture
def full_bcrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    """bcrypt at the cost that is asked for."""
    monkeypatch.setattr(bcrypt, "gensalt", salt_of_any_cost)


@pytest.fixture(scope="session")
def pbx_postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL for the sandbox PBXes of all tests of a process."""
    with running_postgres(user="fusionpbx") as server:
        yield server


@pytest.fixture(scope="session")
def stages(pbx_postgres: PostgresServer) -> Iterator[Stages]:
    """The worlds that tests begin with."""
    stages = Stages(pbx_postgres)
    yield stages
    stages.close()


@pytest.fixture
def world(transactional_db: None, stages: Stages) -> Iterator[World]:
    """A seeded installation on fresh sandboxes. Ports may be opened: no transaction is around it."""
    with stages.at(make_world) as world:
        yield world


@pytest.fixture
def impatient(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried again soon, and so is what a carrier has not decided yet."""
    settings.RINGUP_SETTLE_SECONDS = 0.15
    settings.RINGUP_RETRY_SECONDS = 0.05
    monkeypatch.setattr(number_registration, "SOONEST", 0.2)


@pytest.fixture
def regulated(world: World, impatient: None) -> Iterator[Regulated]:
    """The same with a carrier that wants papers, and that does not call back."""
    with regulated_world(world) as regulated:
        regulated.callbacks(on=False)
        yield regulated


@pytest.fixture(scope="session")
def regulated_stages(stages: Stages) -> RegulatedStages:
    return RegulatedStages(stages)


@pytest.fixture
def ordered(
    transactional_db: None, regulated_stages: RegulatedStages, impatient: None
) -> Iterator[Regulated]:
    """The same with one order, which waits for a review; its papers are complete."""
    with regulated_stages.at(make_ordered) as regulated:
        yield regulated


@pytest.fixture
def waiting(
    transactional_db: None, regulated_stages: RegulatedStages, impatient: None
) -> Iterator[Regulated]:
    """The same with that order approved; its run waits for the carrier's look at the papers."""
    with regulated_stages.at(make_waiting) as regulated:
        yield regulated


@pytest.fixture
def people(world: World) -> People:
    return make_people()


@pytest.fixture
def work(world: World) -> Callable[[], int]:
    """Runs every job that is due, in this process, and says how many."""

    def until_idle() -> int:
        done = 0
        while run_one():
            done += 1
            assert done < 500, [job.name for job in Job.objects.all()]
        return done

    return until_idle
