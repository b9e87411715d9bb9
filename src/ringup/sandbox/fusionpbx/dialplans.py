"""FusionPBX dialplans: read from our own text form, and turned into XML as FusionPBX does it.

The rows of ``v_dialplan_details`` feed FusionPBX's editor; calls use ``v_dialplans.dialplan_xml``.
Both come from the same rows here, so they agree (reference: section 6.3).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import groupby
from xml.sax.saxutils import escape

PUBLIC = "public"
GLOBAL = "global"
_TAG_ORDER = ("condition", "regex", "action", "anti-action")
_CONDITION = re.compile(
    r"(?:if|and) (?:always|(?P<field>\S+) ~ (?P<regex>.+?)(?: ; (?P<break>\S+))?)$"
)
_ACTION = re.compile(
    r"(?P<idle>idle )?(?P<verb>do|else)(?P<inline>!?) (?P<app>\S+)(?: (?P<data>.*))?$"
)


@dataclass(frozen=True, slots=True)
class Detail:
    """One row of ``v_dialplan_details``; fields are named as its columns, without the prefix."""

    tag: str
    type: str | None
    data: str | None
    group: int
    order: int
    break_: str | None = None
    inline: str | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Dialplan:
    """One row of ``v_dialplans`` with its details. ``continue_`` None: the column is NULL."""

    name: str
    order: int
    number: str | None
    app_uuid: str
    context: str
    continue_: bool | None
    enabled: bool
    details: tuple[Detail, ...]


@functools.cache
def tenant_dialplans() -> tuple[Dialplan, ...]:
    """The default dialplans of a tenant, with ``{domain}`` and ``{pin}`` still to be filled in."""
    return _load("dialplans_tenant.txt", context="{domain}")


@functools.cache
def global_dialplans() -> tuple[Dialplan, ...]:
    """The dialplans that belong to no tenant."""
    return _load("dialplans_global.txt", context=GLOBAL)


def xml(
    name: str,
    uuid: str,
    says_continue: str,
    details: Iterable[Detail],
    *,
    first: Sequence[str] = (),
) -> str:
    """The XML that FusionPBX makes of ``details``; disabled rows leave no trace in it.

    ``first`` are the ``name=value`` pairs that public contexts get before the first action.
    """
    kept = sorted(
        (row for row in details if row.enabled),
        key=lambda row: (row.group, _TAG_ORDER.index(row.tag), row.order),
    )
    lines = [f'<extension name={_quoted(name)} continue="{says_continue}" uuid="{uuid}">']
    inserted = list(first)
    for _, rows in groupby(kept, key=lambda row: row.group):
        lines += _group(list(rows), inserted)
    return "\n".join([*lines, "</extension>"])


def inbound_first(domain_uuid: str | None, domain_name: str | None) -> list[str]:
    """What FusionPBX puts before the first action in a public context, so that a call has a tenant."""
    pairs = [("domain_uuid", domain_uuid), ("domain_name", domain_name)]
    return ["call_direction=inbound", *(f"{name}={value}" for name, value in pairs if value)]


def _group(rows: list[Detail], first: list[str]) -> list[str]:
    conditions = [row for row in rows if row.tag == "condition"]
    actions = [row for row in rows if row.tag != "condition"]
    heads = [_condition(row) for row in conditions]
    if not actions:
        return [f"\t<{head}/>" for head in heads]
    lines = [f"\t<{head}/>" for head in heads[:-1]] + [f"\t<{head}>" for head in heads[-1:]]
    for row in actions:
        if row.tag == "action" and first:
            lines += [_inline_set(pair) for pair in first]
            first.clear()
        inline = f" inline={_quoted(row.inline)}" if row.inline else ""
        application, data = _quoted(row.type or ""), _quoted(row.data or "")
        lines.append(f"\t\t<{row.tag} application={application} data={data}{inline}/>")
    return [*lines, "\t</condition>"] if heads else lines


def _condition(row: Detail) -> str:
    stop = f" break={_quoted(row.break_)}" if row.break_ else ""
    return f"condition field={_quoted(row.type or '')} expression={_quoted(row.data or '')}{stop}"


def _inline_set(pair: str) -> str:
    application = "export" if pair.startswith("call_direction=") else "set"
    return f'\t\t<action application="{application}" data={_quoted(pair)} inline="true"/>'


def _quoted(text: str) -> str:
    # Always double quotes, as FusionPBX writes them; the library's quoteattr chooses.
    return f'"{escape(text, {chr(34): "&quot;"})}"'


def _load(file: str, *, context: str) -> tuple[Dialplan, ...]:
    text = resources.files(__package__).joinpath(file).read_text()
    blocks = re.split(r"\n{2,}", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
    return tuple(_dialplan(block.splitlines(), context) for block in blocks)


def _dialplan(lines: list[str], context: str) -> Dialplan:
    title, number, app_uuid, flags = (part.strip() for part in lines[0].split("|"))
    order, name = title.split(maxsplit=1)
    words = flags.split()
    if "public" in words:
        context = PUBLIC
    if "xfer" in words:
        context = f"conf-xfer@{context}"
    return Dialplan(
        name=name,
        order=int(order),
        number=number or None,
        app_uuid=app_uuid,
        context=context,
        continue_=None if "unsaid" in words else "continue" in words,
        enabled="off" not in words,
        details=_details(lines[1:]),
    )


def _details(lines: list[str]) -> tuple[Detail, ...]:
    details: list[Detail] = []
    group = -1
    for number, line in enumerate(lines, start=1):
        group += line.startswith("if ")
        details.append(_detail(line, group=group, order=number * 5))
    return tuple(details)


def _detail(line: str, *, group: int, order: int) -> Detail:
    condition = _CONDITION.match(line)
    if condition is not None:
        field, regex = condition["field"], condition["regex"]
        return Detail("condition", field, regex, group, order, break_=condition["break"])
    action = _ACTION.match(line)
    if action is None:
        raise ValueError(f"not a line of a dialplan: {line!r}")
    return Detail(
        tag="action" if action["verb"] == "do" else "anti-action",
        type=action["app"],
        data=action["data"] or "",
        group=group,
        order=order,
        inline="true" if action["inline"] else None,
        enabled=not action["idle"],
    )
