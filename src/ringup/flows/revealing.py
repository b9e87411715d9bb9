"""Credentials behind a one-time link: looked at, spent once, issued again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.db import transaction
from django.urls import reverse

from ringup.accounts.brands import url_of
from ringup.accounts.letters import compose
from ringup.accounts.models import User
from ringup.carriers.opening import carrier_for
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.mail.sending import post
from ringup.provisioning.steps.trunk import trunk_reference
from ringup.services import revealing
from ringup.services.models import SecretLink, Service
from ringup.services.revealing import ExtensionSecret


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the page shows. A tenant has ``extensions``; a lone number has ``username`` and
    ``password`` at ``sip_host``."""

    name: str
    sip_host: str
    sip_port: int
    tls_port: int
    domain: str = ""
    username: str = ""
    password: str = field(repr=False, default="")
    extensions: tuple[ExtensionSecret, ...] = ()


def open_link(token: str) -> SecretLink | None:
    """The link while it can be used. Looking does not spend it."""
    return revealing.find_link(token)


def reveal(token: str, *, actor: Actor) -> Credentials:
    """Spend the link. What the carrier must tell is asked first, so that nothing is spent in vain."""
    link = revealing.find_link(token)
    if link is None:
        raise Refusal(revealing.SPENT)
    service = link.service
    trunk = _trunk(service) if service.kind == Service.Kind.NUMBER else None
    found = revealing.reveal(token)
    Activity.record(actor, f"service:{service.uid}", "opened the credentials")
    if trunk is not None:
        username, host, port = trunk
        return Credentials(
            service.name, host, port, port, username=username, password=found.account_password
        )
    server = service.server
    assert server is not None  # a tenant lives on one
    return Credentials(
        name=service.name,
        sip_host=server.sip_host,
        sip_port=server.sip_port,
        tls_port=server.sip_tls_port,
        domain=service.name,
        extensions=found.extensions,
    )


def _trunk(service: Service) -> tuple[str, str, int]:
    with carrier_for(service.account) as carrier:
        trunk = carrier.trunk(trunk_reference(service))
    if trunk is None:
        raise Refusal("This number has no SIP account at the moment. Ask our support.")
    return trunk.username, trunk.host, trunk.port


def reissue(service: Service, *, actor: Actor, asker: User | None = None) -> str:
    """Mail a new link; every earlier one ends. It goes to who asks, if his address is proved, else to
    the client's own. Returns the address."""
    token = revealing.new_token()
    to, contact = service.client.email, service.client.contact_name
    if asker is not None and asker.is_verified:
        to, contact = asker.email, asker.get_full_name() or asker.email
    letter = compose(
        "secrets-link",
        key=f"secrets-link/{service.uid}/{uuid.uuid4().hex}",
        to=to,
        brand=service.brand,
        client_id=service.client_id,
        subject_of=f"service:{service.uid}",
        context={
            "contact": contact,
            "service": service.name,
            "secrets_url": url_of(service.brand) + reverse("portal:secrets", args=[token]),
            "secrets_days": revealing.LINK_DAYS,
        },
    )
    with transaction.atomic():
        revealing.issue_link(service, token)
        Activity.record(actor, f"service:{service.uid}", "asked for a new link to the credentials")
        post(letter)
    return to
