"""What mail providers tell later, in their own payloads: signed, unsigned, twice, and about strangers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.db import transaction
from django.test import Client as Browser
from pytest_django import Settings

from ringup.flows.health.mails import bounces
from ringup.mail.bouncing import bounced_addresses
from ringup.mail.events import all_events
from ringup.mail.models import Outbox
from ringup.mail.sending import compose, message_of, post

pytestmark = pytest.mark.django_db
SECRET = "name:a-long-secret"
WHY = "5.1.1 The email account that you tried to reach does not exist."


@pytest.fixture
def mail() -> Outbox:
    letter = compose(
        "security-notice", key="security/1", to="thandi@karoo.example", sender="s@ringup.example",
        brand_id=1, client_id=None, subject_of="user:1",
        context=all_events()["security-notice"].examples,
    )  # fmt: skip
    with transaction.atomic():
        row = post(letter)
    Outbox.objects.update(state="sent")
    row.refresh_from_db()
    return row


def mailgun(mail: Outbox, *, key: str = SECRET, **more: Any) -> dict[str, Any]:
    """As Mailgun posts a permanent failure: the signature stands in the body."""
    moment, token = "1534110422", "651869375b9df3c98fc15c4889b102119add1235c38fc92824"
    signature = hmac.new(key.encode(), f"{moment}{token}".encode(), hashlib.sha256).hexdigest()
    data = {
        "event": "failed", "severity": "permanent", "reason": "bounce", "recipient": mail.to,
        "timestamp": 1534110422.389832, "log-level": "error", "user-variables": {}, "tags": [],
        "message": {"headers": {
            "to": mail.to, "message-id": mail.message_id.strip("<>"), "from": mail.sender}},
        "delivery-status": {"tls": True, "attempt-no": 1, "description": "", "code": 550,
                            "message": WHY},
    }  # fmt: skip
    return {
        "signature": {"timestamp": moment, "token": token, "signature": signature},
        "event-data": data | more,
    }


def postmark(mail: Outbox, **more: Any) -> dict[str, Any]:
    """As Postmark posts a hard bounce: an id of its own, and the metadata of the mail's headers."""
    return {
        "RecordType": "Bounce", "ID": 901542550, "Type": "HardBounce", "TypeCode": 1, "ServerID": 23,
        "Name": "Hard bounce", "MessageID": "2706ee8a-737c-4285-b032-ccd317af53ed",
        "Metadata": {"mail": str(mail.uid)}, "Description": "The server was unable to deliver.",
        "Details": f"smtp;550 {WHY}", "Email": mail.to, "From": mail.sender,
        "BouncedAt": "2016-04-27T16:28:50.3963933-04:00", "Inactive": True, "Subject": "x",
    } | more  # fmt: skip


def brevo(mail: Outbox, **more: Any) -> dict[str, Any]:
    """As Brevo posts one."""
    return {
        "event": "hard_bounce", "email": mail.to, "id": 1, "date": "2020-10-09 00:00:00",
        "ts": 1604933619, "message-id": mail.message_id, "ts_event": 1604933654,
        "subject": "x", "reason": WHY, "ts_epoch": 1604933653000, "tags": [],
    } | more  # fmt: skip


def tell(settings: Settings, provider: str, payload: Any, *, auth: str = SECRET) -> int:
    settings.RINGUP_MAIL_PROVIDER = provider
    settings.RINGUP_MAIL_PROVIDER_SECRET = SECRET
    headers = {"Authorization": f"Basic {base64.b64encode(auth.encode()).decode()}"} if auth else {}
    answer = Browser().post(
        f"/hooks/mail/{provider}/", json.dumps(payload), "application/json", headers=headers
    )
    return answer.status_code


ALL = pytest.mark.parametrize(
    ("provider", "payload"), [("mailgun", mailgun), ("postmark", postmark), ("brevo", brevo)]
)


@ALL
def test_a_mail_that_came_back_is_noted_with_the_reason_once(
    settings: Settings, mail: Outbox, provider: str, payload: Any
) -> None:
    assert tell(settings, provider, payload(mail)) == 200
    row = Outbox.objects.get()
    assert row.state == Outbox.State.BOUNCED
    assert "does not exist" in row.bounce
    assert row.bounced is not None
    assert tell(settings, provider, payload(mail)) == 200
    again = Outbox.objects.get()
    assert (again.bounced, again.bounce) == (row.bounced, row.bounce)
    assert "came back: to thandi@karoo.example" in bounces().sentence or row.bounced.year < 2026
    assert list(bounced_addresses(["Thandi@karoo.example", "b@x.example"])) == [
        "thandi@karoo.example"
    ]


@ALL
def test_what_is_not_proved_changes_nothing(
    settings: Settings, mail: Outbox, provider: str, payload: Any
) -> None:
    wrong = payload(mail, key="other") if provider == "mailgun" else payload(mail)
    for auth in ("", "name:wrong", "a-long-secret"):
        assert tell(settings, provider, wrong, auth=auth) == 400
    assert Outbox.objects.get().state == Outbox.State.SENT


def test_without_a_provider_nobody_is_heard(settings: Settings, mail: Outbox) -> None:
    settings.RINGUP_MAIL_PROVIDER = ""
    for provider in ("mailgun", "postmark", "nobody"):
        answer = Browser().post(f"/hooks/mail/{provider}/", "{}", "application/json")
        assert answer.status_code == 404
    assert tell(settings, "mailgun", mailgun(mail)) == 200
    other = Browser().post("/hooks/mail/brevo/", "{}", "application/json")
    assert other.status_code == 404


def test_unsigned_nonsense_is_refused(settings: Settings, mail: Outbox) -> None:
    for payload in ({}, [], "x", {"signature": {}}, {"event-data": {"event": "failed"}}):
        assert tell(settings, "mailgun", payload) == 400
    for payload in ([], "x", 7):
        assert tell(settings, "postmark", payload) == 400


def test_a_delivery_and_a_passing_failure_change_nothing(settings: Settings, mail: Outbox) -> None:
    for more in ({"event": "delivered"}, {"severity": "temporary"}, {"event": "opened"}):
        assert tell(settings, "mailgun", mailgun(mail, **more)) == 200
    assert Outbox.objects.get().state == Outbox.State.SENT


def test_mails_that_are_not_ours_or_went_to_others_are_ignored(
    settings: Settings, mail: Outbox
) -> None:
    strange = {"message": {"headers": {"message-id": "strange@example.org"}}}
    assert tell(settings, "mailgun", mailgun(mail, **strange)) == 200
    assert tell(settings, "mailgun", mailgun(mail, recipient="eve@example.org")) == 200
    assert tell(settings, "postmark", postmark(mail, Metadata={"mail": "x"})) == 200
    assert Outbox.objects.get().state == Outbox.State.SENT


def test_a_complaint_is_noted_as_one(settings: Settings, mail: Outbox) -> None:
    payload = postmark(mail, RecordType="SpamComplaint", Type="SpamComplaint", Details="spam")
    assert tell(settings, "postmark", payload) == 200
    assert Outbox.objects.get().state == Outbox.State.COMPLAINED
    assert bounced_addresses([mail.to]) == {}


def test_postmark_finds_our_id_in_the_mail_s_headers(mail: Outbox) -> None:
    assert message_of(mail).extra_headers["X-PM-Metadata-mail"] == str(mail.uid)
