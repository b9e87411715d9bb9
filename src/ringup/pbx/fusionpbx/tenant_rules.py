"""What a tenant must look like before anything is written. ``Refused`` is the buyer's to mend,
``OurFault`` ours."""

from __future__ import annotations

import re

from ringup.core.failures import OurFault, Refused
from ringup.pbx.fusionpbx.number_forms import number_forms
from ringup.pbx.fusionpbx.settings_rules import (
    check_gateway_settings,
    check_inbound_settings,
    check_outbound_settings,
)
from ringup.pbx.port import Destination, Extension, Gateway, Tenant

_DOMAIN = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII
)
_RESERVED = frozenset({"public", "default", "global"})
_EXTENSION = re.compile(r"[1-9]\d{1,5}", re.ASCII)
_EMERGENCY = frozenset({"911", "933", "988"})
_SECRET = re.compile(r"[A-Za-z0-9]{12,}", re.ASCII)
_PIN = re.compile(r"\d{4,}", re.ASCII)
_BCRYPT = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}", re.ASCII)
# FusionPBX puts these into XML and does not escape all of them everywhere.
_XML = re.compile(r"[<>&\"'$\s]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TRANSPORTS = ("udp", "tcp", "tls")


def check_tenant(tenant: Tenant) -> None:
    """Raise for the first thing that is wrong. Never quotes a secret."""
    check_domain(tenant.domain)
    _check_administrator(tenant)
    seen: set[str] = set()
    for extension in tenant.extensions:
        _check_extension(extension)
        if extension.extension in seen:
            raise OurFault(f"extension {extension.extension} is asked for twice")
        seen.add(extension.extension)
    if not 0 < len(tenant.extensions) <= tenant.max_extensions:
        raise OurFault(
            f"{len(tenant.extensions)} extensions where {tenant.max_extensions} are sold"
        )
    if tenant.max_outbound_calls < 1:
        raise OurFault("a tenant needs at least one outbound call at a time")
    _check_gateway(tenant.gateway)
    check_outbound_settings(tenant.outbound)
    for destination in tenant.destinations:
        check_destination(destination, seen)
    number_forms(tenant.caller_id)
    if tenant.emergency_caller_id:
        number_forms(tenant.emergency_caller_id)
    for text in (tenant.company, tenant.time_zone, tenant.language):
        if _CONTROL.search(text):
            raise OurFault("a company name, time zone or language holds a control character")


def check_domain(domain: str) -> None:
    """A lower-case host name that FusionPBX takes for nothing else (reference section 2)."""
    taken_for_public = domain.endswith(".public") or domain.startswith("public@")
    if domain in _RESERVED or taken_for_public or not _DOMAIN.fullmatch(domain):
        raise Refused(
            f"{domain!r} cannot be a tenant's domain",
            user_message="That address cannot be used for a phone system. Nothing was charged. "
            "Choose letters, digits and hyphens, for example acme.",
        )


def check_destination(destination: Destination, extensions: set[str]) -> None:
    """The number, its settings, and an extension that is there."""
    number_forms(destination.e164)
    check_inbound_settings(destination.settings)
    if destination.extension not in extensions:
        raise Refused(
            f"{destination.e164} should ring {destination.extension}, which does not exist",
            user_message="The number should ring an extension that does not exist. "
            "Nothing was charged. Choose another extension.",
        )


def _check_administrator(tenant: Tenant) -> None:
    person = tenant.administrator
    if not _BCRYPT.fullmatch(person.password_hash):
        raise OurFault("the administrator's password is not a bcrypt hash")
    if not person.username or _XML.search(person.username) or _CONTROL.search(person.name):
        raise _unusable_name(person.username)
    if person.username.rpartition("@")[2] == tenant.domain:
        # The log-in page takes the part behind @ for a tenant's domain and cuts it off.
        raise _unusable_name(person.username)
    _check_email(person.email)


def _unusable_name(username: str) -> Refused:
    return Refused(
        f"{username!r} cannot be a user name",
        user_message="That user name cannot be used. Nothing was charged. "
        "Choose one of letters and digits.",
    )


def _check_extension(extension: Extension) -> None:
    number = extension.extension
    if not _EXTENSION.fullmatch(number) or number in _EMERGENCY:
        raise Refused(
            f"{number!r} cannot be an extension",
            user_message=f"{number} cannot be an extension. Nothing was charged. "
            "Choose two to six digits that are not an emergency number.",
        )
    if not _SECRET.fullmatch(extension.sip_password):
        raise OurFault(f"the SIP password of {number} must be 12 or more letters and digits")
    if not _PIN.fullmatch(extension.voicemail_pin):
        raise OurFault(f"the voicemail PIN of {number} must be four or more digits")
    if _CONTROL.search(extension.name):
        raise OurFault(f"the name of {number} holds a control character")
    if extension.email:
        _check_email(extension.email)


def _check_email(email: str) -> None:
    if "@" not in email or _XML.search(email.replace("'", "")):
        raise Refused(
            f"{email!r} cannot be an e-mail address on the PBX",
            user_message="An e-mail address cannot be used by the phone system. "
            "Nothing was charged. Choose another.",
        )


def _check_gateway(gateway: Gateway) -> None:
    if gateway.transport not in _TRANSPORTS:
        raise OurFault(f"a gateway speaks {', '.join(_TRANSPORTS)} and not {gateway.transport!r}")
    if not 0 < gateway.port < 65536:
        raise OurFault(f"{gateway.port} is not a port")
    for what, text in (
        ("host", gateway.host),
        ("user name", gateway.username),
        ("password", gateway.password),
    ):
        if not text or _XML.search(text):
            raise OurFault(
                f"the gateway's {what} is empty or holds a sign that XML would need to escape"
            )
    if not gateway.label or _CONTROL.search(gateway.label):
        raise OurFault("the gateway needs a name")
    check_gateway_settings(gateway.settings)
