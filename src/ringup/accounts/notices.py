"""Mails that tell a login what happened to its sign-in, so that nobody changes it unseen."""

from __future__ import annotations

import uuid

from django.urls import reverse

from ringup.accounts.brands import brand_of_login, url_of
from ringup.accounts.letters import compose
from ringup.accounts.models import User
from ringup.mail.sending import Letter


def notice(user: User, what: str) -> Letter:
    """ "``what`` happened to your sign-in": composed before the transaction in which it happens."""
    client, brand = user.clients.first(), brand_of_login(user)
    return compose(
        "security-notice",
        key=f"security/{user.pk}/{uuid.uuid4().hex}",
        to=user.email,
        brand=brand,
        client_id=client.pk if client else None,
        subject_of=f"user:{user.uid}",
        context={
            "contact": user.get_full_name() or user.email,
            "what": what,
            "two_step_url": url_of(brand) + reverse("accounts:two-step"),
        },
    )
