"""A low balance at a carrier is told once a day, and only where somebody wants to know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ringup.accounts.brands import default_brand
from ringup.carriers.models import CarrierAccount
from ringup.core.money import Money
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.mail.models import Outbox
from ringup.sandbox.voipms import running_voipms
from tests.factories import make_shop
from tests.world import make_user


def look() -> list[str]:
    """Run the job; to whom mails were written so far."""
    enqueue("carriers.balances")
    while Job.objects.filter(name="carriers.balances").exists():
        assert run_one()
    return sorted(Outbox.objects.filter(template="low-balance").values_list("to", flat=True))


@pytest.mark.django_db(transaction=True)
def test_who_is_told_and_when(monkeypatch: Any) -> None:
    account = make_shop().account
    for name, role in (("olga", "owner"), ("otto", "owner"), ("mia", "manager")):
        make_user(name, None, is_staff=True, role=role)
    away = CarrierAccount(
        kind="voipms", name="Away", url="http://127.0.0.1:1/", identity={"user": "x"}
    )
    away.low_balance = Money.of("5", "USD")
    away.save()
    with running_voipms() as sandbox:
        sandbox.state.balance = Decimal("4.99")
        account.url, account.identity = sandbox.url, {"user": sandbox.user}
        account.set_secrets({"password": sandbox.password})
        account.save()
        assert look() == [], "without a threshold nobody is asked"
        assert not sandbox.state.requests
        change: Callable[..., Any] = CarrierAccount.objects.filter(pk=account.pk).update
        change(low_balance_micros=4_990_000, low_balance_currency="USD")
        assert look() == [], "exactly the threshold is not below it"
        change(low_balance_currency="EUR", low_balance_micros=5_000_000)
        assert look() == [], "two currencies are never compared"
        change(low_balance_currency="USD", is_enabled=False)
        assert look() == [], "a disabled account is not called"
        change(is_enabled=True)
        owners = ["olga@example.com", "otto@example.com"]
        assert look() == owners, "and the other account, which is away, is in nobody's way"
        assert look() == owners, "once a day"
        change(low_balance_email="ops@example.com")
        assert look() == sorted([*owners, "ops@example.com"])
        monkeypatch.setattr("django.utils.timezone.now", _tomorrow)
        assert look() == sorted([*owners, *["ops@example.com"] * 2]), "and again tomorrow"
    mail = Outbox.objects.filter(template="low-balance").first()
    assert mail is not None
    assert mail.subject == "Low balance at VoIP.ms sandbox: $4.99"
    assert "$5.00" in mail.text
    assert mail.sender == default_brand().mail_from


def _tomorrow() -> Any:
    return datetime.now(UTC) + timedelta(days=1)
