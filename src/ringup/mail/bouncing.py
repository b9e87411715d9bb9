"""What a mail provider tells later: a mail came back, or its reader called it spam.

The provider calls ``/hooks/mail/<provider>/``; django-anymail checks its signature or password, and
reads its words. Mails still leave by SMTP.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from anymail.exceptions import AnymailConfigurationError
from anymail.signals import AnymailTrackingEvent, EventType
from anymail.webhooks.base import AnymailCoreWebhookView
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ringup.jobs.enqueuing import enqueue
from ringup.mail.models import Outbox

log = logging.getLogger(__name__)
LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Provider:
    """How a provider is heard. ``secret`` is the name of its view's setting: a key with which it signs,
    or a "name:password" that it sends along."""

    view: type[AnymailCoreWebhookView]
    secret: str


PROVIDERS = {
    "mailgun": Provider(MailgunTrackingWebhookView, "webhook_signing_key"),
    "postmark": Provider(PostmarkTrackingWebhookView, "webhook_secret"),
    "brevo": Provider(BrevoTrackingWebhookView, "webhook_secret"),
}
_STATES = {
    EventType.BOUNCED: Outbox.State.BOUNCED,
    EventType.REJECTED: Outbox.State.BOUNCED,
    EventType.FAILED: Outbox.State.BOUNCED,
    EventType.COMPLAINED: Outbox.State.COMPLAINED,
}


@csrf_exempt
@require_http_methods(["HEAD", "POST"])
def heard(request: HttpRequest, provider: str) -> HttpResponse:
    """Take what the configured provider tells. 400 for what is not signed, or makes no sense."""
    found = PROVIDERS.get(provider)
    secret = settings.RINGUP_MAIL_PROVIDER_SECRET
    if found is None or provider != settings.RINGUP_MAIL_PROVIDER or not secret:
        raise Http404
    if request.method == "HEAD":
        return HttpResponse()
    for event in _events(found, secret, request):
        note(event)
    return HttpResponse()


def _events(found: Provider, secret: str, request: HttpRequest) -> Iterable[AnymailTrackingEvent]:
    """What is told, once its signature was found good. Raises ``SuspiciousOperation``."""
    view = found.view(**{found.secret: secret})
    try:
        view.run_validators(request)
        events: list[AnymailTrackingEvent] = view.parse_events(request)
    except (ValueError, KeyError, TypeError, AttributeError, AnymailConfigurationError) as error:
        raise SuspiciousOperation(f"{view.esp_name} tells what cannot be read: {error}") from error
    return events


def note(event: AnymailTrackingEvent) -> None:
    """Write down that a mail came back. Told twice, or of a mail that is not ours, it changes nothing.

    A complaint comes after a delivery; a mail that came back cannot be called spam any more.
    """
    state = _STATES.get(event.event_type)
    if state is None:
        return
    row = _mail_of(event)
    if row is None:
        log.info("a mail provider tells of a mail that is not ours")
        return
    earlier = [Outbox.State.WAITING, Outbox.State.SENT]
    if state == Outbox.State.BOUNCED:
        earlier.append(Outbox.State.FAILED)
    with transaction.atomic():
        changed = Outbox.objects.filter(pk=row.pk, state__in=earlier, bounced=None).update(
            state=state, bounced=_moment(event.timestamp), bounce=_reason(event)
        )
        if changed:
            enqueue("mail.failed", key=f"mail/{row.pk}/failed", mail=row.pk)


def _mail_of(event: AnymailTrackingEvent) -> Outbox | None:
    """The row by its Message-ID, or by our own id that came back; only if it went to who is named."""
    rows = Outbox.objects.defer("text_sealed", "html_sealed", "secrets_sealed")
    message_id = str(event.message_id or "").strip()
    row = rows.filter(message_id=f"<{message_id.strip('<>')}>").first() if message_id else None
    if row is None and (uid := _uid(event.metadata)):
        row = rows.filter(uid=uid).first()
    if row is None or (event.recipient and row.to.lower() != str(event.recipient).lower()):
        return None
    return row


def _uid(metadata: Any) -> UUID | None:
    try:
        return UUID(str(metadata["mail"]))
    except (KeyError, TypeError, ValueError):
        return None


def _reason(event: AnymailTrackingEvent) -> str:
    parts = [event.mta_response, event.description, event.reject_reason, event.event_type]
    words = next((" ".join(str(part).split()) for part in parts if part), "")
    return words.replace("\x00", "")[:LONGEST_REASON]


def _moment(told: datetime | None) -> datetime:
    now = timezone.now()
    return min(told, now) if told and timezone.is_aware(told) else now


def bounced_addresses(addresses: Iterable[str]) -> dict[str, str]:
    """Which of these addresses the last mail came back from, in small letters, each with the reason."""
    found: dict[str, str] = {}
    for address in {address.lower() for address in addresses if address}:
        last = (
            Outbox.objects.alias(address=Lower("to")).filter(address=address)
            .exclude(state=Outbox.State.WAITING).order_by("-pk").only("state", "bounce", "error")
            .first()
        )  # fmt: skip
        if last is not None and last.state in (Outbox.State.BOUNCED, Outbox.State.FAILED):
            found[address] = last.bounce or last.error
    return found
