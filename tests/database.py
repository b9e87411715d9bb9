"""Loaded before Django's settings: gives every test run a place of its own and a database.

SQLite by default; ``RINGUP_TEST_DATABASE=postgresql`` takes the server of
``RINGUP_SANDBOX_POSTGRES_URL`` or starts one of its own. Workers of pytest-xdist inherit both.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile

from ringup.sandbox.postgres import running_postgres

MEMORY = "/dev/shm"


def _work_in_memory() -> None:
    """Temporary files in memory where there is room: databases are made and dropped by the hundred,
    and SQLite waits for the disk at every commit, as it must."""
    try:
        roomy = shutil.disk_usage(MEMORY).free > 2 * 1024**3
    except OSError:
        return
    if roomy and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"] = tempfile.tempdir = MEMORY


def _keep_what_is_compiled() -> None:
    """Many tests start a process of Ringup's own: compiling all its files anew costs each 1.5 s."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def prepare() -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    _keep_what_is_compiled()
    _work_in_memory()
    var = tempfile.mkdtemp(prefix="ringup-test-")
    atexit.register(shutil.rmtree, var, ignore_errors=True)
    os.mkdir(os.path.join(var, "static"))  # WhiteNoise warns of a missing one
    os.environ["RINGUP_DEVELOPMENT"] = "true"
    os.environ["RINGUP_VAR"] = var
    os.environ["RINGUP_LOG_LEVEL"] = "WARNING"
    for name in ("RINGUP_DATABASE_URL", "RINGUP_SECRET_KEY", "RINGUP_URL", "RINGUP_HOSTS"):
        os.environ.pop(name, None)
    if os.environ.get("RINGUP_TEST_DATABASE", "sqlite") == "postgresql":
        context = running_postgres()
        server = context.__enter__()
        atexit.register(context.__exit__, None, None, None)
        os.environ["RINGUP_DATABASE_URL"] = server.dsn("postgres")


prepare()
