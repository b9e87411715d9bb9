"""Tenant domains: proposed from the company's name, checked, and claimed once per PBX server."""

from __future__ import annotations

import re
import unicodedata

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from ringup.core.sentences import Refusal
from ringup.pbx.models import PbxServer
from ringup.services.models import DomainClaim, Service

LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
LONGEST_LABEL = 40
# Letters that do not fall apart into a Latin one and an accent.
_LETTERS = str.maketrans(
    dict(zip("ßæœøłđðþı", "ss ae oe o l d d th i".split(), strict=True))
    | dict(
        zip(
            "абвгдежзиклмнопрстуфхцчшщыэюяєіґ",
            "a b v g d e zh z i k l m n o p r s t u f kh ts ch sh shch y e yu ya ye i g".split(),
            strict=True,
        )
    )
    | dict(
        zip(
            "αβγδεζηθικλμνξοπρσςτυφχψω",
            "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split(),
            strict=True,
        )
    )
)
# Words that mean something to a PBX, to DNS or to mail; never a tenant's name.
RESERVED = frozenset(
    "admin administrator api autoconfig autodiscover default fax ftp global host localhost mail mx "
    "ns1 ns2 pbx postmaster public ringup root sip smtp sips staging stun template test turn "
    "voicemail webmail www".split()
)
COMPANY_FORMS = frozenset(
    "ag bv co corp corporation gmbh inc incorporated limited llc ltd nv plc pty sa sarl srl".split()
)


class ServerFull(Refusal):
    """The server has no room for the tenant, or takes no more tenants. Another one may."""


def propose_label(company: str) -> str:
    """``karoofreight`` from "Karoo Freight (Pty) Ltd"; empty when no letter or digit is left."""
    plain = unicodedata.normalize("NFKD", company.lower()).translate(_LETTERS)
    ascii_text = plain.encode("ascii", "ignore").decode().replace("'", "").replace(".", "")
    words = re.findall(r"[a-z0-9]+", ascii_text)
    kept = [word for word in words if word not in COMPANY_FORMS] or words
    return "".join(kept)[:LONGEST_LABEL]


def tenant_domain(label: str, server: PbxServer) -> str:
    """The full domain of a tenant on a server."""
    return f"{label}.{server.domain_suffix}".lower()


def check_label(label: str, server: PbxServer, *, field: str) -> str:
    """The domain for ``label``, or a refusal that says what to do. Looks at our claims only; the
    PBX itself is asked when the plan is made."""
    label = label.strip().lower()
    if not LABEL.fullmatch(label):
        raise Refusal(
            "Use 1 to 40 letters, digits or hyphens, for example acme-toronto. "
            "It begins and ends with a letter or digit.",
            field=field,
        )
    if label[2:4] == "--":
        # xn--… is how other scripts are written in DNS: browsers would show a name of lookalikes.
        raise Refusal(
            "Leave out one of the two hyphens behind the second letter: such names have a special "
            "meaning on the internet.",
            field=field,
        )
    if label in RESERVED:
        raise Refusal(
            f"The name {label} is reserved. Add a word, for example {label}-company.", field=field
        )
    domain = tenant_domain(label, server)
    if DomainClaim.objects.filter(server=server, domain=domain).exists():
        raise Refusal(
            f"{domain} is taken by another company. Add a word, for example your city: {label}-city.",
            field=field,
        )
    return domain


def claim(domain: str, *, server: PbxServer, service: Service) -> DomainClaim:
    """Claim a domain and the room for a service, in the caller's transaction; refuses when another
    was first, and with ``ServerFull`` when there is no room."""
    extensions = len(service.wanted["extensions"])
    _take_room(server, extensions)
    try:
        with transaction.atomic():
            return DomainClaim.objects.create(
                server=server, domain=domain, service=service, extensions=extensions
            )
    except IntegrityError as error:
        raise Refusal(
            f"{domain} was just taken by another company. Nothing was ordered. Choose another name.",
            field="label",
        ) from error


def move_claim(service: Service, domain: str) -> None:
    """Claim another domain on the same server instead, in the caller's transaction; the room stays.
    Refuses when another company was first."""
    try:
        with transaction.atomic():
            DomainClaim.objects.filter(service=service).update(domain=domain)
    except IntegrityError as error:
        raise Refusal(
            f"{domain} was just taken by another company. Nothing was changed. Choose another name.",
            field="label",
        ) from error


def _take_room(server: PbxServer, extensions: int) -> None:
    """Count the tenant in, by one conditional update: the last place is given once, and only on the
    server that the buyer saw."""
    others = server.last_test
    room = PbxServer.objects.filter(
        pk=server.pk,
        is_enabled=True,
        environment=server.environment,
        domain_suffix=server.domain_suffix,
        claimed_tenants__lt=F("max_tenants") - others.others_tenants,
        claimed_extensions__lte=F("max_extensions") - others.others_extensions - extensions,
    )
    more = {
        "claimed_tenants": F("claimed_tenants") + 1,
        "claimed_extensions": F("claimed_extensions") + extensions,
    }
    if room.update(**more) != 1:
        raise ServerFull(
            "The last place on our telephone server was just taken. Nothing was ordered or charged, "
            "and your answers are kept. Write to us, and we will make room."
        )


def release(service: Service) -> None:
    """Give the service's domain and its room back, in the caller's transaction."""
    for held in DomainClaim.objects.filter(service=service):
        if DomainClaim.objects.filter(pk=held.pk).delete()[0]:
            PbxServer.objects.filter(pk=held.server_id).update(
                claimed_tenants=Greatest(F("claimed_tenants") - 1, 0),
                claimed_extensions=Greatest(F("claimed_extensions") - held.extensions, 0),
            )
