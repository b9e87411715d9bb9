"""One description of a dialplan, from which its row, its detail rows and its XML are made.

Calls follow ``dialplan_xml``; FusionPBX's editor shows the detail rows and builds the XML anew
from them when somebody saves (reference section 6.3). Made from one description, they agree.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from ringup.pbx.fusionpbx.identifiers import Identifiers
from ringup.pbx.fusionpbx.rows.table_rows import Row

_UNSAFE = re.compile(r"[<>&\"\x00-\x1f]|\$\$")
PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Line:
    """One detail row: a condition (``type`` is the field, ``data`` the expression) or an action.

    Stored but without effect when not ``enabled``, as FusionPBX's own pages keep optional lines.
    ``inline`` is the attribute's text: ``true``, ``false``, or empty for none.
    """

    tag: str
    type: str
    data: str
    order: int
    inline: str = ""
    enabled: bool = True
    group: int = 0
    break_on: str = ""


def condition(variable: str, expression: str, order: int) -> Line:
    """A condition that must hold: ``variable`` matches the regular expression."""
    return Line("condition", variable, _safe(expression), order)


def action(
    application: str,
    data: str,
    order: int,
    *,
    inline: bool | None = None,
    enabled: bool = True,
    group: int = 0,
) -> Line:
    """Something to do when all conditions of the group hold: at once if ``inline``, else when all
    are collected, which FusionPBX's pages say with or without a word (``False`` or None)."""
    word = "" if inline is None else str(inline).lower()
    return Line(
        "action", application, _safe(data), order, inline=word, enabled=enabled, group=group
    )


def _safe(text: str) -> str:
    if _UNSAFE.search(text):
        # FusionPBX's pages would write it into XML unescaped on the next save.
        raise ValueError(f"{text!r} cannot stand in a dialplan")
    return text


@dataclass(frozen=True, slots=True)
class Dialplan:
    """One row of v_dialplans. ``domain_name`` is the tenant's; ``key`` names it among ours."""

    key: str
    uuid: str
    domain_uuid: str
    domain_name: str
    app_uuid: str
    context: str
    name: str
    order: int
    lines: tuple[Line, ...]
    number: str | None = None
    goes_on: bool = False
    description: str | None = None

    def row(self) -> Row:
        """The row of v_dialplans, with its XML."""
        return {
            "dialplan_uuid": self.uuid,
            "domain_uuid": self.domain_uuid,
            "app_uuid": self.app_uuid,
            "dialplan_context": self.context,
            "dialplan_name": self.name,
            "dialplan_number": self.number,
            "dialplan_continue": self.goes_on,
            # As the editor fills it, so that saving unchanged changes nothing.
            "dialplan_destination": False,
            "dialplan_order": self.order,
            "dialplan_enabled": True,
            "dialplan_description": self.description,
            "dialplan_xml": self.xml(),
        }

    def details(self, ids: Identifiers) -> list[Row]:
        """The rows of v_dialplan_details, disabled ones too."""
        return [
            {
                "dialplan_detail_uuid": ids.of("dialplan-detail", f"{self.key}/{number}"),
                "domain_uuid": self.domain_uuid,
                "dialplan_uuid": self.uuid,
                "dialplan_detail_tag": line.tag,
                "dialplan_detail_type": line.type or None,
                "dialplan_detail_data": line.data or None,
                "dialplan_detail_break": line.break_on or None,
                "dialplan_detail_inline": line.inline or None,
                "dialplan_detail_group": line.group,
                "dialplan_detail_order": line.order,
                "dialplan_detail_enabled": line.enabled,
            }
            for number, line in enumerate(self.lines)
        ]

    def xml(self) -> str:
        """The XML of the enabled lines, tab-indented, without declaration."""
        enabled = sorted(
            (line for line in self.lines if line.enabled),
            key=lambda line: (line.group, line.tag != "condition", line.order),
        )
        goes_on = "true" if self.goes_on else "false"
        head = f'<extension name={quoteattr(self.name)} continue="{goes_on}" uuid="{self.uuid}">'
        body = itertools.chain.from_iterable(
            self._group(list(lines))
            for _, lines in itertools.groupby(enabled, key=lambda line: line.group)
        )
        return "\n".join([head, *body, "</extension>"])

    def _group(self, lines: Sequence[Line]) -> Iterator[str]:
        conditions = [line for line in lines if line.tag == "condition"]
        actions = [line for line in lines if line.tag != "condition"]
        for line in conditions[:-1] if actions else conditions:
            yield f"\t<condition {_tested(line)}/>"
        if not actions:
            return
        if not conditions:
            raise ValueError(f"dialplan {self.name} has actions without a condition")
        yield f"\t<condition {_tested(conditions[-1])}>"
        if self.context == PUBLIC:
            yield from self._attribution()
        for line in actions:
            inline = f' inline="{line.inline}"' if line.inline else ""
            yield f"\t\t<{line.tag} {_done(line)}{inline}/>"
        yield "\t</condition>"

    def _attribution(self) -> Iterator[str]:
        # What makes a call from outside the tenant's: without it the call record has no tenant.
        for application, data in (
            ("export", "call_direction=inbound"),
            ("set", f"domain_uuid={self.domain_uuid}"),
            ("set", f"domain_name={self.domain_name}"),
        ):
            yield f'\t\t<action application="{application}" data="{data}" inline="true"/>'


def _tested(line: Line) -> str:
    stop = f" break={quoteattr(line.break_on)}" if line.break_on else ""
    return f"field={quoteattr(line.type)} expression={quoteattr(line.data)}{stop}"


def _done(line: Line) -> str:
    return f"application={quoteattr(line.type)} data={quoteattr(line.data)}"
