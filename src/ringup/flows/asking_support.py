"""A client's question about a service, mailed to the brand's support."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from ringup.accounts.letters import compose
from ringup.accounts.models import User
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.mail.sending import post
from ringup.services.models import Service

MOST_LETTERS = 4000


def ask_support(service: Service, question: str, *, asker: User, actor: Actor) -> None:
    """Mail the question to the support address of the service's brand, with who asks and where to
    answer. What the client is told is that it was sent: the answer comes by mail."""
    text = question.strip()
    if not text:
        raise Refusal("Type your question first. Nothing was sent.", field="question")
    if len(text) > MOST_LETTERS:
        raise Refusal(
            f"Use at most {MOST_LETTERS:,} characters. Nothing was sent.", field="question"
        )
    letter = compose(
        "support-question",
        key=f"support-question/{service.uid}/{uuid.uuid4().hex}",
        to=service.brand.support_email,
        brand=service.brand,
        client_id=service.client_id,
        subject_of=f"service:{service.uid}",
        context={
            "client": service.client.name,
            "service": service.name,
            "asker": asker.get_full_name() or asker.email,
            "asker_email": asker.email,
            "question": text,
            "office_url": settings.RINGUP_URL + reverse("office:client", args=[service.client.uid]),
        },
    )
    with transaction.atomic():
        Activity.record(actor, f"service:{service.uid}", "asked the support a question")
        post(letter)
