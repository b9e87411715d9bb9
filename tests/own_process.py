"""Processes of the product on the database of the test that starts them."""

from __future__ import annotations

import os

from django.db import connection


def environment(**more: str) -> dict[str, str]:
    """The variables with which a command finds this test's own database. It must be committed to:
    use ``transactional_db``."""
    name = str(connection.settings_dict["NAME"])
    server = os.environ.get("RINGUP_DATABASE_URL", "").rpartition("/")[0]
    url = f"{server}/{name}" if server else f"sqlite:///{name}"
    return os.environ | {"RINGUP_DATABASE_URL": url, **more}
