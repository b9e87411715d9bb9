"""Plants for the contract tests: each test has a database of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ringup.sandbox.postgres import PostgresServer, running_postgres
from tests.jobs import chores as chores_module
from tests.jobs.plant import Caller, Plant

PlantMaker = Callable[..., Plant]

_numbers = count()


@pytest.fixture(scope="session")
def postgres_for_jobs() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/jobs.sqlite3"
        return
    yield request.getfixturevalue("postgres_url")


@pytest.fixture
def postgres_url(postgres_for_jobs: PostgresServer) -> Iterator[str]:
    """The address of an empty database on PostgreSQL."""
    name = f"jobs{next(_numbers)}"
    yield postgres_for_jobs.create_database(name)
    postgres_for_jobs.drop_database(name)


@pytest.fixture(scope="session")
def caller() -> Iterator[Caller]:
    caller = Caller()
    yield caller
    caller.close()


@pytest.fixture
def plant_at(tmp_path: Path, caller: Caller) -> Iterator[PlantMaker]:
    """Makes a plant on the database at an address; all its processes end with the test."""
    with ExitStack() as plants:

        def make(url: str, **options: Any) -> Plant:
            plant = Plant(url, tmp_path, caller, **options)
            plants.callback(plant.close)
            return plant

        yield make


@pytest.fixture
def plant(url: str, plant_at: PlantMaker) -> Plant:
    """A plant whose leases last a second."""
    return plant_at(url)


@pytest.fixture
def chores(settings: Any, db: None) -> list[object]:
    """Registers the chores as jobs; the list is what they remember."""
    settings.RINGUP_JOBS = chores_module.JOBS
    settings.RINGUP_SCHEDULES = {}
    chores_module.RAN.clear()
    return chores_module.RAN
