"""Making and changing brands: what each is called, its look, its address, its terms.

A change of the terms is a new version; the older ones stay readable, since buyers accepted them.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError
from django.http.request import validate_host

from ringup.accounts.brands import forget_domains
from ringup.accounts.logos import Picture
from ringup.accounts.models import Brand, Logo, TermsVersion
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal

EXAMPLE = "@ringup.example"
# Labels of letters, digits and hyphens, at least two, the last of which begins with a letter.
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")

NO_DOMAIN = "Type a host name alone, for example shop.karoo.example. Nothing was changed."
DOMAIN_TAKEN = (
    "Another brand has this domain already. Take it away there first. Nothing was changed."
)
OUR_DOMAIN = (
    "This is the address of the installation itself, where the default brand speaks. Choose another "
    "host name. Nothing was changed."
)
STAYS = "{name} is the default brand, which stays. Nothing was deleted."
IN_USE = "{name} has clients, orders or mails. Nothing was deleted."


def checked_domain(text: str, *, is_default: bool) -> str:
    """A host name in small letters, as browsers send it; empty stays empty."""
    name = text.strip().rstrip(".").lower()
    if not name:
        return ""
    try:
        name = name.encode("idna").decode()
    except UnicodeError as error:
        raise Refusal(NO_DOMAIN, field="domain") from error
    if len(name) > 190 or not DOMAIN.fullmatch(name) or _is_address(name):
        raise Refusal(NO_DOMAIN, field="domain")
    if not is_default and (validate_host(name, settings.RINGUP_HOSTS) or name == _house()):
        raise Refusal(OUR_DOMAIN, field="domain")
    return name


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _house() -> str | None:
    return urlsplit(settings.RINGUP_URL).hostname


def save_brand(
    brand: Brand, *, changes: dict[str, Any], actor: Actor, logo: Picture | None = None
) -> None:
    """Save a new or changed brand. ``changes`` are ``{"name": [before, after]}`` for the log; its
    ``logo_digest`` is to be that of ``logo``, where that is given."""
    if not changes and brand.pk is not None:
        return
    what = "changed the brand" if brand.pk is not None else "made the brand"
    try:
        with transaction.atomic():
            terms = _new_terms(brand)
            if logo is not None:
                Logo.objects.get_or_create(
                    digest=logo.digest,
                    defaults={"content_type": logo.content_type, "data": logo.data},
                )
            brand.save()
            if terms is not None:
                terms.brand = brand
                terms.save()
            Activity.record(actor, f"brand:{brand.uid}", what, **changes)
    except IntegrityError as error:
        raise Refusal(DOMAIN_TAKEN, field="domain") from error
    forget_domains()


def _new_terms(brand: Brand) -> TermsVersion | None:
    """The next version when the text is another one. Of two who save at once, one waits here."""
    stored = Brand.objects.select_for_update().filter(pk=brand.pk).first()
    before, version = (stored.terms, stored.terms_version) if stored else ("", 0)
    brand.terms_version = version
    if brand.terms == before:
        return None
    if not brand.terms:
        brand.terms_version = 0
        return None
    # Terms that were taken away and came back do not begin to count anew.
    last = TermsVersion.objects.filter(brand=stored).aggregate(last=Max("version"))["last"] or 0
    brand.terms_version = last + 1
    return TermsVersion(version=brand.terms_version, text=brand.terms)


def delete_brand(brand: Brand, *, actor: Actor) -> None:
    """Delete a brand that nobody has met yet."""
    if brand.is_default:
        raise Refusal(STAYS.format(name=brand.name))
    try:
        with transaction.atomic():
            Activity.record(actor, f"brand:{brand.uid}", f"deleted the brand {brand.name}")
            brand.delete()
    except (ProtectedError, IntegrityError) as error:
        raise Refusal(IN_USE.format(name=brand.name)) from error
    forget_domains()


def is_named(brand: Brand) -> bool:
    """Whether somebody has put in real addresses instead of the examples of a new installation."""
    return EXAMPLE not in brand.mail_from + brand.support_email
