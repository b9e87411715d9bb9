"""Retention: old words go, rows stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from ringup.jobs.enqueuing import enqueue
from ringup.mail.models import Outbox
from tests.factories import make_mail
from tests.world import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)


def test_words_are_erased_after_their_time_and_what_waits_keeps_them(settings: Settings) -> None:
    settings.RINGUP_MAIL_DAYS = 30
    old, young, waiting = (
        make_mail("order:1", subject=str(n), state=state)
        for n, state in enumerate(("sent", "failed", "waiting"))
    )
    long_ago = timezone.now() - timedelta(days=31)
    Outbox.objects.filter(pk__in=[old.pk, waiting.pk]).update(created=long_ago)
    for _ in range(2):
        enqueue("mail.erase")
        run_jobs()
    for row in (old, young, waiting):
        row.refresh_from_db()
    assert (old.text, old.html, old.secrets) == ("", "", "")
    assert (old.to, old.subject, old.state) == ("thandi@karoo.example", "0", "sent")
    assert old.erased is not None
    assert (young.text, young.erased) == ("text", None)
    assert (waiting.text, waiting.erased) == ("text", None)
