"""Sending from the outbox over a real socket: a mail server that is away loses no mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from ringup.jobs.models import Job
from ringup.mail.models import Outbox
from ringup.mail.sending import PATIENCE, compose, post
from ringup.sandbox.smtp import SmtpSandbox, running_smtp
from tests.world import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)

CONTEXT = {
    "brand_name": "Ringup", "support_email": "help@ringup.example", "contact": "Alice",
    "service": "acme.pbx.example", "secrets_url": "https://ringup.example/x", "secrets_days": 14,
}  # fmt: skip


@pytest.fixture
def smtp(settings: Settings) -> Iterator[SmtpSandbox]:
    with running_smtp() as sandbox:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = sandbox.host, sandbox.port
        yield sandbox


def a_mail() -> Outbox:
    letter = compose(
        "secrets-link", key="secrets-link/1", to="alice@example.org",
        sender="office@example.com", brand_id=1, client_id=None, subject_of="service:1",
        context=CONTEXT,
    )  # fmt: skip
    with transaction.atomic():
        return post(letter)


def come_again() -> None:
    """As if the pause were over."""
    Job.objects.update(due=timezone.now() - timedelta(minutes=1))
    run_jobs()


@pytest.mark.parametrize("kind", ["451", "reply_lost_before"])
def test_a_mail_server_that_is_away_for_long_gets_the_mail_in_the_end(
    smtp: SmtpSandbox, settings: Settings, kind: str
) -> None:
    mail = a_mail()
    smtp.faults.add(kind, at="rcpt" if kind == "451" else "data", times=-1)
    for _ in range(settings.RINGUP_JOB_TRIES + 2):
        come_again()
    mail.refresh_from_db()
    assert (mail.state, smtp.mailbox.all()) == (Outbox.State.WAITING, [])
    assert mail.error
    smtp.faults.clear()
    come_again()
    mail.refresh_from_db()
    assert (mail.state, mail.error) == (Outbox.State.SENT, "")
    assert len(smtp.mailbox.all()) == 1
    assert not Job.objects.exists()


def test_a_recipient_that_is_refused_for_good_is_not_tried_again(smtp: SmtpSandbox) -> None:
    mail = a_mail()
    smtp.faults.add("550")
    run_jobs()
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (Outbox.State.FAILED, 1)
    assert not Job.objects.exists()


def test_a_mail_that_nobody_takes_for_days_is_given_up(smtp: SmtpSandbox) -> None:
    mail = a_mail()
    Outbox.objects.update(created=timezone.now() - PATIENCE - timedelta(minutes=1))
    smtp.faults.add("451", times=-1)
    run_jobs()
    mail.refresh_from_db()
    assert mail.state == Outbox.State.FAILED
    assert not Job.objects.exists()
