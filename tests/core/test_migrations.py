"""Migrations, which other tests leave out: an empty database, and one of before prices had cycles."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

# Rows as they were written before, by the models of that time, and what became of them.
OLD = """
import gc
gc.disable()  # models are made by the thousand, and looking for unused ones is a fifth of the time
import django
django.setup()
from django.apps import apps as now
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

# Papers came later: their first migration stands on newer ones of others.
parts = [app.label for app in now.get_app_configs() if app.name.startswith("ringup")]
first = [(label, "0001_initial") for label in parts if label != "regulatory"]
known = MigrationExecutor(connection).loader.disk_migrations
executor = MigrationExecutor(connection)
executor.migrate([node for node in first if node in known])
old = executor.loader.project_state([node for node in first if node in known]).apps
old.get_model("accounts", "User").objects.create(username="sam", email="sam@x.test", is_staff=True)
group = old.get_model("catalog", "ProductGroup").objects.create(name="Shelf")
money = {"monthly_currency": "EUR", "setup_currency": "EUR", "setup_micros": 3_000_000}
seat = old.get_model("catalog", "Product").objects.create(
    group=group, slug="seat", name="Seat", kind="seats", monthly_micros=5_000_000, **money)
bundle = old.get_model("catalog", "Bundle").objects.create(
    group=group, slug="b", name="B", setup_currency="EUR", setup_micros=0,
    included_number_micros=0, included_number_currency="EUR")
old.get_model("catalog", "BundleItem").objects.create(bundle=bundle, product=seat, quantity=4)

call_command("migrate", verbosity=0)
from ringup.accounts.models import User
from ringup.catalog import selling
from ringup.catalog.models import Bundle, Price
from ringup.catalog.pricing import Cycle
print(User.objects.get().role)
print([(p.product.slug, p.cycle, str(p.amount), str(p.setup)) for p in Price.objects.all()])
bundle = Bundle.objects.get()
(item,) = selling.items_of(bundle, cycle=Cycle.MONTHLY, currency="EUR")
print(selling.seats_of(bundle), item.quantity, item.recurring)
"""


def test_an_installation_of_before_keeps_its_prices_and_its_owner(tmp_path: Path) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "ringup.config.settings",
        "RINGUP_DATABASE_URL": f"sqlite:///{tmp_path}/old.sqlite3",
        "RINGUP_VAR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", OLD], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.splitlines() == [
        "owner",
        "[('seat', 'monthly', '€5.00', '€3.00')]",
        "4 4 €5.00",
    ], done.stderr
