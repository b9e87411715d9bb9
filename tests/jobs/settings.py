"""Settings of the processes that the contract tests start: the jobs and nothing else of Ringup."""

import json
import os
from typing import Any

import dj_database_url

SECRET_KEY = "test-only"
INSTALLED_APPS = ["ringup.jobs", "ringup.cli"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def database_at(url: str) -> Any:
    """What Django is told of the database at this address."""
    found: Any = dj_database_url.parse(url)
    if found["ENGINE"].endswith("sqlite3"):
        found["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
    return found


DATABASES = {"default": database_at(os.environ.get("RINGUP_DATABASE_URL", "sqlite://"))}

RINGUP_JOBS = {
    name: f"tests.jobs.work.{name}"
    for name in ("mark", "hold", "nap", "hold_fenced", "die", "die_once", "chain", "book", "slot")
}
RINGUP_SCHEDULES = {
    name: tuple(entry) for name, entry in json.loads(os.environ.get("TEST_SCHEDULES", "{}")).items()
}
# Whoever waits for a worker to look, or to be replaced, waits a tenth as long as outside.
RINGUP_JOB_LOOK_SECONDS = 0.1
RINGUP_RESTART_SECONDS = 0.1
RINGUP_LEASE_SECONDS = float(os.environ.get("RINGUP_LEASE_SECONDS", "1"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(process)d %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
