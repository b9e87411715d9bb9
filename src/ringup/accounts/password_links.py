"""Links to choose a new password, for who has forgotten it.

The page does the same whether the address has a login or not: it leaves a job. What the job finds is
told by mail alone.
"""

from __future__ import annotations

import time

from django.db import transaction

from ringup.accounts.brands import url_of
from ringup.accounts.letters import compose
from ringup.accounts.models import Brand, User
from ringup.accounts.passwords import set_password_path
from ringup.core.limiting import Limit, count
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.tickets import Ticket
from ringup.mail.sending import Letter, post

BY_ADDRESS = Limit("forgotten-address", times=10, seconds=3600)
BY_ACCOUNT = Limit("forgotten-account", times=3, seconds=3600)
JOB = "accounts.password_link"


def ask(email: str, *, at: Brand, is_house: bool) -> None:
    """Somebody asks for a link at a host where ``at`` speaks; ``is_house``: at the house's address.
    However often it is asked for, there is one mail in five minutes and three in an hour."""
    email = email.lower()
    if not count(BY_ACCOUNT, email):
        return
    with transaction.atomic():
        enqueue(JOB, email=email, brand=at.pk, is_house=is_house, asked=int(time.time() // 300))


def send(ticket: Ticket, *, email: str, brand: int, is_house: bool, asked: int) -> None:
    """Job: mail the link, where the address has a login that is at home there."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    sender = None if user is None else _brand_for(user, brand, is_house=is_house)
    if user is None or sender is None:
        return
    letter = _letter(user, sender, key=f"password-link/{user.pk}/{asked}")
    with ticket.fenced():
        post(letter)


def _brand_for(user: User, brand: int, *, is_house: bool) -> Brand | None:
    """Under which brand the login is written to; None where it is not at home (``brands.welcomes``)."""
    clients = user.clients.select_related("brand").order_by("memberships__pk")
    brands = [client.brand for client in clients]
    if not is_house:
        return next((one for one in brands if one.pk == brand), None)
    if user.is_staff or not brands:
        return Brand.objects.filter(is_default=True).first()
    return next((one for one in brands if one.is_default or not one.domain), None)


def _letter(user: User, brand: Brand, *, key: str) -> Letter:
    client = user.clients.filter(brand=brand).first()
    return compose(
        "password-link",
        key=key,
        to=user.email,
        brand=brand,
        client_id=client.pk if client else None,
        subject_of=f"user:{user.uid}",
        context={
            "set_password_url": url_of(brand) + set_password_path(user),
            "contact": user.get_full_name() or user.email,
        },
    )
