"""Settings of the processes that the contract tests start: the jobs and nothing else of Ringup."""

import json
import os

import dj_database_url

SECRET_KEY = "test-only"
INSTALLED_APPS = ["ringup.jobs", "ringup.cli"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": dj_database_url.parse(os.environ["RINGUP_DATABASE_URL"])}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }

RINGUP_JOBS = {
    name: f"tests.jobs.work.{name}"
    for name in ("mark", "hold", "nap", "hold_fenced", "die", "die_once", "chain", "book", "slot")
}
RINGUP_SCHEDULES = {
    name: tuple(entry) for name, entry in json.loads(os.environ.get("TEST_SCHEDULES", "{}")).items()
}
RINGUP_LEASE_SECONDS = float(os.environ.get("RINGUP_LEASE_SECONDS", "2"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(process)d %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
