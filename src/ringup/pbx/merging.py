"""A template's values: checked when they are saved, merged with an order's when they are used.

Merging puts plain texts in place of ``{domain}`` and the like, and nothing else: no expression of a
template is ever evaluated, and none reaches into a value. No Django.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ringup.core.failures import OurFault
from ringup.pbx.custom_routes import BadRoutes, check_routes
from ringup.pbx.port import WIDEST_NETWORK, DialPattern
from ringup.pbx.template_fields import (
    FIELDS,
    GATEWAY,
    INBOUND,
    MERGE_FIELDS,
    OUTBOUND,
    FieldKind,
    TemplateField,
)
from ringup.pbx.tenant_settings import (
    CustomRoute,
    GatewaySettings,
    InboundSettings,
    OutboundSettings,
)

_MOST_NETWORKS = 200
_PLACE = re.compile(r"\{([^{}]*)\}")
# Quotes and brackets break dialplan XML, a backslash and a backtick what FreeSWITCH makes of it.
_UNSAFE = "<>&\"'`\\"
_NOT_IN_NAMES = re.compile(r"[^\w .,()/-]")


class BadValues(ValueError):
    """Values that cannot be a template. ``errors`` are sentences by field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in errors.items()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class OrderValues:
    """What an order brings for the merge fields. ``e164`` with ``+``; ``national`` its digits."""

    domain: str = ""
    company: str = ""
    username: str = ""
    host: str = ""
    port: int = 5060
    transport: str = "udp"
    e164: str = ""
    national: str = ""

    def by_name(self) -> dict[str, str]:
        """The text for each merge field."""
        found = {one.name: str(getattr(self, one.name)) for one in fields(self)}
        company = " ".join(_NOT_IN_NAMES.sub("", self.company.replace("&", " and ")).split())
        found |= {"number": self.e164, "company": company[:60].strip()}
        return {name: found[name] for name in MERGE_FIELDS}


# -- checking -------------------------------------------------------------------------------------


def checked(kind: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored, in JSON's types; what ``raw`` lacks has its default.

    ``BadValues`` names every field that is wrong.
    """
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for one in FIELDS[kind]:
        try:
            values[one.name] = _checked(one, raw.get(one.name, one.default))
        except ValueError as error:
            errors[one.name] = str(error)
    if not errors:
        errors = _checked_together(kind, values)
    if errors:
        raise BadValues(errors)
    return values


def _checked(one: TemplateField, value: Any) -> Any:
    if one.kind is FieldKind.YES_NO:
        return bool(value)
    if one.kind is FieldKind.NUMBER:
        return _number(one, value)
    if one.kind is FieldKind.SETS:
        known = [name for name, _ in one.choices]
        return [name for name in known if name in set(value or ())]
    if one.kind is FieldKind.ROUTES:
        return [{name: str(row[name]) for name in ("name", "expression", "sent")}
                for row in value or ()]  # fmt: skip
    if one.kind is FieldKind.NETWORKS:
        return networks(value)
    text = str(value or "").strip()
    if one.kind is FieldKind.CHOICE:
        if text not in {name for name, _ in one.choices}:
            raise ValueError("Choose one of the list.")
        return text
    return _text(one, text)


def _number(one: TemplateField, value: Any) -> int | None:
    if value is None or value == "":
        if one.required:
            raise ValueError(f"Type a whole number from {one.least} to {one.most}.")
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not one.least <= value <= one.most:
        raise ValueError(f"Type a whole number from {one.least} to {one.most}.")
    return int(value)


def _text(one: TemplateField, text: str) -> str:
    if one.required and not text:
        raise ValueError("This cannot be empty.")
    if len(text) > one.longest:
        raise ValueError(f"Use at most {one.longest} signs.")
    check_merge_fields(text, one.merges)
    _check_signs(one, text)
    if one.pattern and not re.fullmatch(one.pattern, text, re.ASCII):
        raise ValueError(_pattern_words(one))
    return text


def check_merge_fields(text: str, allowed: Iterable[str]) -> None:
    """Every ``{…}`` is a merge field of ``allowed``, every brace has its other half."""
    names = [name for name in MERGE_FIELDS if name in set(allowed)]
    usable = ", ".join(f"{{{name}}}" for name in names) or "none here"
    if "$" in text:
        raise ValueError(f"A $ cannot stand here: ${{…}} is for the PBX. Merge fields: {usable}.")
    rest = _PLACE.sub("", text)
    if "{" in rest or "}" in rest:
        raise ValueError(f"A brace has no other half. Merge fields: {usable}.")
    for name in _PLACE.findall(text):
        if name not in names:
            raise ValueError(f"{{{name[:30]}}} is no merge field. Merge fields: {usable}.")


def _check_signs(one: TemplateField, text: str) -> None:
    wrong = next((sign for sign in text if sign in _UNSAFE or not sign.isprintable()), "")
    if wrong:
        shown = wrong if wrong.isprintable() else "A control character"
        raise ValueError(f"{shown} cannot stand here: it would break what the PBX reads.")
    if one.kind is FieldKind.TOKEN and any(sign.isspace() for sign in text):
        raise ValueError("Write it without blanks.")


def _pattern_words(one: TemplateField) -> str:
    return f"This cannot be {one.label.lower()}. {one.help}"


def _checked_together(kind: str, values: Mapping[str, Any]) -> dict[str, str]:
    if kind == GATEWAY and (values["ping_min"] or 0) > (values["ping_max"] or 100):
        return {"ping_max": "This cannot be less than the number of answers above."}
    if kind == OUTBOUND:
        try:
            check_routes(_routes(values["routes"]), values["open"])
        except BadRoutes as error:
            return {"routes": str(error)}
    return {}


def networks(value: str | Sequence[str]) -> list[str]:
    """Networks as one writes them, sorted, each once, those inside of others left out.

    ``value`` is a list, a JSON list as text, or lines. ``ValueError`` with a sentence.
    """
    found = {_network(number, text) for number, text in enumerate(_entries(value), 1)}
    if not found:
        raise ValueError("Type at least one address.")
    if len(found) > _MOST_NETWORKS:
        raise ValueError(f"Use at most {_MOST_NETWORKS} addresses.")
    four = [one for one in found if isinstance(one, ipaddress.IPv4Network)]
    six = [one for one in found if isinstance(one, ipaddress.IPv6Network)]
    kept4 = [one for one in four if not any(one != wide and one.subnet_of(wide) for wide in four)]
    kept6 = [one for one in six if not any(one != wide and one.subnet_of(wide) for wide in six)]
    return [str(one) for one in (*sorted(kept4), *sorted(kept6))]


def _entries(value: str | Sequence[str]) -> list[str]:
    if not isinstance(value, str):
        return [str(one) for one in value]
    if value.lstrip().startswith("["):
        try:
            read = json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError('This is no JSON list. Write ["203.0.113.7"], or lines.') from None
        if not all(isinstance(one, str) for one in read):
            raise ValueError("A JSON list of addresses holds texts only.")
        return [str(one) for one in read]
    return [line.strip() for line in value.splitlines() if line.strip()]


def _network(number: int, text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    shown = text[:45]
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError(f"Address {number}: {shown!r} is no address or network.") from None
    if network.prefixlen < WIDEST_NETWORK[network.version]:
        raise ValueError(
            f"Address {number}: {network} is too wide. Whoever is in it would call without a "
            f"password; use /{WIDEST_NETWORK[network.version]} or longer."
        )
    if "/" in text and ipaddress.ip_interface(text.strip()).ip != network.network_address:
        raise ValueError(
            f"Address {number}: {shown!r} has bits behind its prefix. Did you mean {network}?"
        )
    if network.is_multicast or network.is_unspecified or network.is_loopback:
        raise ValueError(f"Address {number}: no carrier calls from {network}.")
    return network


# -- merging --------------------------------------------------------------------------------------


def merged(kind: str, values: Mapping[str, Any], order: OrderValues) -> dict[str, Any]:
    """All fields of the kind, with the order's values in place. What ``values`` lacks has its
    default; what the kind does not declare is left out, so that older copies stay usable."""
    texts = order.by_name()
    found: dict[str, Any] = {}
    for one in FIELDS[kind]:
        value = values.get(one.name, one.default)
        if one.kind in (FieldKind.TEXT, FieldKind.TOKEN):
            value = filled(str(value or ""), texts)
        found[one.name] = value
    return found


def filled(text: str, texts: Mapping[str, str]) -> str:
    """``text`` with each ``{name}`` replaced once; what stands in the values is not looked at."""
    unknown = [name for name in _PLACE.findall(text) if name not in texts]
    if unknown:
        raise OurFault(f"{unknown[0]!r} is no merge field of this release: correct the template")
    return _PLACE.sub(lambda place: texts[place[1]], text)


def gateway_settings(values: Mapping[str, Any], order: OrderValues) -> GatewaySettings:
    """What the port takes. The gateway's name is ``gateway_label``'s."""
    found = merged(GATEWAY, values, order)
    found.pop("gateway")
    inside = found["extension_in_contact"]
    found["extension_in_contact"] = inside == "true" if inside else None
    return GatewaySettings(**found)


def gateway_label(values: Mapping[str, Any], order: OrderValues) -> str:
    """The gateway's name; empty where the template leaves it to the order."""
    return str(merged(GATEWAY, values, order)["gateway"]).strip()


def inbound_settings(values: Mapping[str, Any], order: OrderValues) -> InboundSettings:
    """What the port takes."""
    return InboundSettings(**merged(INBOUND, values, order))


def outbound_settings(values: Mapping[str, Any], order: OrderValues) -> OutboundSettings:
    """What the port takes; open sets and calls at once belong to the tenant."""
    found = merged(OUTBOUND, values, order)
    del found["open"], found["calls"]
    return OutboundSettings(**(found | {"routes": _routes(found["routes"] or ())}))


def open_sets(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The sets that an outbound template opens, in the port's sequence."""
    wanted = set(merged(OUTBOUND, values, OrderValues())["open"])
    return tuple(pattern.value for pattern in DialPattern if pattern.value in wanted)


def _routes(rows: Sequence[Mapping[str, str]]) -> tuple[CustomRoute, ...]:
    return tuple(CustomRoute(row["name"], row["expression"], row["sent"]) for row in rows)
