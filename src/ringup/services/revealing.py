"""One-time links to a service's credentials: issued, opened with a button, spent, issued again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from ringup.core.fields import keyring
from ringup.core.sentences import Refusal
from ringup.services.models import SecretLink, Service
from ringup.services.wanted import WantedTenant

LINK_DAYS = 14
SPENT = (
    "This link was already used, or is older than 14 days. Your service is not affected. "
    "Sign in and ask for a new link on the page of your service."
)


@dataclass(frozen=True, slots=True)
class ExtensionSecret:
    """What a phone needs to register one extension. ``name`` is who sits there, if that is known."""

    extension: str
    password: str = field(repr=False)
    voicemail_pin: str = field(repr=False)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """All that the page behind a link shows. For a lone number ``account_password`` is set."""

    service: Service
    extensions: tuple[ExtensionSecret, ...] = ()
    account_password: str = field(repr=False, default="")


def _digest(token: str) -> str:
    return keyring().digest(token, purpose="secret-link")


def new_token() -> str:
    """A token for a link that is still to be issued: the mail is written before."""
    return secrets.token_urlsafe(24)


def issue_link(service: Service, token: str) -> None:
    """Make ``token`` open the credentials, in the caller's transaction; earlier links end."""
    end_links(service)
    expires = timezone.now() + timedelta(days=LINK_DAYS)
    SecretLink.objects.create(service=service, token_digest=_digest(token), expires=expires)


def end_links(service: Service) -> None:
    """No link to this service's credentials works any more."""
    SecretLink.objects.filter(service=service, opened=None).update(expires=timezone.now())


def find_link(token: str) -> SecretLink | None:
    """The link behind a token while it can be used. Looking does not spend it: mail scanners look."""
    rows = SecretLink.objects.select_related("service", "service__client", "service__server")
    return rows.filter(token_digest=_digest(token), opened=None, expires__gt=timezone.now()).first()


def reveal(token: str) -> Credentials:
    """Spend the link and open the credentials. Two at once: one gets them, the other a refusal."""
    link = find_link(token)
    if link is None:
        raise Refusal(SPENT)
    with transaction.atomic():
        if SecretLink.objects.filter(pk=link.pk, opened=None).update(opened=timezone.now()) != 1:
            raise Refusal(SPENT)
    return credentials_of(link.service)


def _names(service: Service) -> dict[str, str]:
    """By extension: those that were given."""
    wanted = WantedTenant.from_data(service.wanted)
    return {one.extension: one.name for one in wanted.extensions if one.is_named}


def credentials_of(service: Service) -> Credentials:
    """The credentials themselves. The caller has checked who asks."""
    opened = service.open_secrets()
    names = _names(service) if service.kind == Service.Kind.TENANT else {}
    extensions = tuple(
        ExtensionSecret(extension, row["sip"], row["pin"], names.get(extension, ""))
        for extension, row in opened.get("extensions", {}).items()
    )
    if service.kind == Service.Kind.TENANT:
        return Credentials(service, extensions)
    return Credentials(service, account_password=opened.get("trunk_password", ""))
