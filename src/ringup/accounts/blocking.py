"""Who may not order: rules about e-mail addresses, mail domains, networks and telephones.

A buyer who is refused never learns by which rule, nor that there are any; staff reads and removes them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from ringup.accounts.models import BlockRule
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.phones import NotANumber, to_e164
from ringup.core.sentences import Refusal

Kind = BlockRule.Kind
DOMAIN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
# A rule about more of the network than this is a slip of the pen.
WIDEST = {4: 8, 6: 19}

NO_EMAIL = "Type one e-mail address, for example anna@example.com. Nothing was changed."
NO_DOMAIN = "Type the part behind the @, for example example.com. Nothing was changed."
NO_NETWORK = (
    "Type an address or a network, for example 203.0.113.7, 203.0.113.0/24 or 2001:db8::/48. "
    "Nothing was changed."
)
TOO_WIDE = "This network is so wide that it would block whole countries. Nothing was changed."
KNOWN = "There is a rule for this already. Nothing was changed."


def plain_email(text: str) -> str:
    """One mailbox, one text: small letters, and without what stands behind a plus sign."""
    name, _, domain = text.strip().casefold().rpartition("@")
    return f"{name.partition('+')[0] or name}@{_plain_domain(domain)}"


def _plain_domain(text: str) -> str:
    """As it stands in the domain system. What cannot stand there stays, and fits no rule."""
    name = text.strip().rstrip(".").casefold()
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name


def plain_value(kind: str, text: str) -> str:
    """The plain form of what a rule is about. Refuses what is none."""
    text = text.strip()
    match kind:
        case Kind.EMAIL:
            return _email(text)
        case Kind.DOMAIN:
            return _domain(text)
        case Kind.NETWORK:
            return _network(text)
        case Kind.PHONE:
            return _phone(text)
    raise Refusal("Choose what the rule is about. Nothing was changed.", field="kind")


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise Refusal(NO_EMAIL, field="value") from error
    return plain_email(text)


def _domain(text: str) -> str:
    name = _plain_domain(text.removeprefix("@").removeprefix("*."))
    if len(name) > 253 or not DOMAIN.fullmatch(name):
        raise Refusal(NO_DOMAIN, field="value")
    return name


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise Refusal(NO_NETWORK, field="value") from error
    if network.prefixlen < WIDEST[network.version]:
        raise Refusal(TOO_WIDE, field="value")
    return str(network)


def _phone(text: str) -> str:
    try:
        return to_e164(text)
    except NotANumber as error:
        raise Refusal(f"{error} Nothing was changed.", field="value") from error


def block(*, kind: str, value: str, reason: str, actor: Actor) -> BlockRule:
    """A new rule. It counts for the next order."""
    rule = BlockRule(kind=kind, value=plain_value(kind, value), reason=reason)
    try:
        with transaction.atomic():
            rule.save()
            detail = {"kind": kind, "value": rule.value, "reason": reason}
            Activity.record(actor, f"block:{rule.uid}", "blocked buyers", **detail)
    except IntegrityError as error:
        raise Refusal(KNOWN, field="value") from error
    return rule


def unblock(rule: BlockRule, *, actor: Actor) -> None:
    """Take a rule away. Taken away twice, it is away."""
    with transaction.atomic():
        gone, _ = BlockRule.objects.filter(pk=rule.pk).delete()
        if gone:
            detail = {"kind": rule.kind, "value": rule.value}
            Activity.record(actor, f"block:{rule.uid}", "unblocked buyers", **detail)


def rule_for(*, emails: list[str], phones: list[str], network: str = "") -> BlockRule | None:
    """The first rule that keeps such a buyer from ordering. ``network`` is as
    ``core.limiting.address_of`` has it: an address, or the /64 of one; empty: unknown."""
    wanted = _values_of(emails, phones)
    rows = list(_rules_about(wanted, Q(kind=Kind.NETWORK) if network else Q()))
    plain = (rule for rule in rows if (rule.kind, rule.value) in wanted)
    return next(plain, None) or _rule_for_network(rows, network)


def blocked(buyers: Sequence[tuple[str, str]]) -> list[bool]:
    """Of each of these buyers, an e-mail address and a telephone, whether a rule blocks him. One query
    for all."""
    wanted = [_values_of([email], [phone]) for email, phone in buyers]
    if not wanted:
        return []
    rows = _rules_about(set().union(*wanted), Q())
    known = {(rule.kind, rule.value) for rule in rows}
    return [not known.isdisjoint(one) for one in wanted]


def _values_of(emails: Iterable[str], phones: Iterable[str]) -> set[tuple[str, str]]:
    """Kind and value of each rule that would be about such a buyer."""
    plain = {plain_email(email) for email in emails if email}
    domains = {part for email in plain for part in _and_above(email.rpartition("@")[2])}
    found = {(Kind.EMAIL.value, email) for email in plain}
    found |= {(Kind.DOMAIN.value, domain) for domain in domains}
    return found | {(Kind.PHONE.value, phone) for phone in phones if phone}


def _rules_about(wanted: set[tuple[str, str]], besides: Q) -> QuerySet[BlockRule]:
    """These rules, perhaps one more of the same value, and some ``besides``; oldest first."""
    fitting = Q(value__in=sorted({value for _, value in wanted})) | besides
    return BlockRule.objects.filter(fitting).order_by("pk")


def _and_above(domain: str) -> list[str]:
    """``a.b.example``, ``b.example``, ``example``."""
    labels = domain.split(".")
    return [".".join(labels[place:]) for place in range(len(labels))]


def _rule_for_network(rules: Iterable[BlockRule], text: str) -> BlockRule | None:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    for rule in rules:
        # A rule about one IPv6 address counts for the /64 in which it is: one customer's.
        is_network = rule.kind == Kind.NETWORK
        if is_network and ipaddress.ip_network(rule.value).overlaps(network):
            return rule
    return None
