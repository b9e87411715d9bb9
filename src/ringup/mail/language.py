"""The language of mail templates: ``{{ field }}``, a few filters, ``{% if %}`` and ``{% for %}``.

It is Django's, cut down: no other tag or filter exists, a name that is not declared is refused before
anything is rendered, and what is rendered are plain texts, numbers, lists and dicts. So no template
reaches a model, a setting or a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.template import Context, Engine, Template, TemplateSyntaxError
from django.template.base import FilterExpression, Node, NodeList, TextNode, Variable, VariableNode
from django.template.defaulttags import ForNode, IfNode, TemplateLiteral

from ringup.mail.events import MergeField

LONGEST = 20_000
# Lists in lists grow by multiplication.
DEEPEST_LOOP = 2
LOOP_NAMES = {"counter", "counter0", "first", "last"}
TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a template cannot be saved. ``line`` counts from 1."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"


class _Engine(Engine):
    """Only what ``allowed`` offers, instead of all that Django has built in."""

    default_builtins = ["ringup.mail.allowed"]


_TEXT = _Engine(dirs=[], app_dirs=False, loaders=[], autoescape=False)
_HTML = _Engine(dirs=[], app_dirs=False, loaders=[], autoescape=True)


class BadTemplate(ValueError):
    """A template that is not of this language. ``faults`` says where and why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = list(faults)


def render(
    source: str, values: Mapping[str, Any], fields: Sequence[MergeField], *, html: bool
) -> str:
    """Fill in ``values``; those that are not declared are not there. HTML is escaped, text is not.

    Raises ``BadTemplate``, also for what was stored before a field was taken away.
    """
    found = _parsed(source, fields, html=html)
    offered = {field.name: plain(values.get(field.name, "")) for field in fields}
    return str(found.render(Context(offered, autoescape=html)))


def faults_of(source: str, fields: Sequence[MergeField]) -> list[Fault]:
    """Everything that is wrong with a template; nothing for a good one."""
    try:
        _parsed(source, fields, html=True)
    except BadTemplate as bad:
        return bad.faults
    return []


def plain(value: Any) -> Any:
    """The value as template code may touch it: nothing that has a model, a setting or a method of
    ours behind it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, datetime):
        return f"{value.day} {value:%B %Y, %H:%M %Z}".strip()
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    # Never a SafeString: it would not be escaped.
    return "".join(str(value))


def _parsed(source: str, fields: Sequence[MergeField], *, html: bool) -> Template:
    if len(source) > LONGEST:
        raise BadTemplate([Fault(1, f"This is longer than {LONGEST} characters.")])
    try:
        found = Template(source, engine=_HTML if html else _TEXT)
    except TemplateSyntaxError as error:
        token = getattr(error, "token", None)
        raise BadTemplate([Fault(getattr(token, "lineno", 1), _words_of(error))]) from error
    faults = list(_Reader(fields).walk(found.nodelist))
    if faults:
        raise BadTemplate(sorted(set(faults), key=lambda fault: (fault.line, fault.reason)))
    return found


def _words_of(error: TemplateSyntaxError) -> str:
    text = " ".join(str(error).split())
    text = text.replace(" Did you forget to register or load this tag?", "")
    if "Invalid block tag" in text:
        found = re.search(r"'([^']*)'", text)
        tag = found.group(1) if found else "this"
        return f"There is no tag {tag!r} here: only if and for, each with its end."
    if "Invalid filter" in text:
        found = re.search(r"'([^']*)'", text)
        return f"There is no filter {found.group(1) if found else ''!r} here."
    return text.rstrip(".") + "."


class _Reader:
    """Walks a parsed template and holds every name against the declared merge fields."""

    def __init__(self, fields: Sequence[MergeField]) -> None:
        self.fields = {field.name: field for field in fields}

    def walk(self, nodes: NodeList) -> Iterator[Fault]:
        yield from self._nodes(nodes, {}, 0)

    def _nodes(self, nodes: NodeList, scope: dict[str, MergeField], depth: int) -> Iterator[Fault]:
        for node in nodes:
            if isinstance(node, TextNode):
                continue
            if isinstance(node, VariableNode):
                yield from self._expression(node.filter_expression, scope, depth, _line(node))
            elif isinstance(node, IfNode):
                for condition, inner in node.conditions_nodelists:
                    yield from self._condition(condition, scope, depth, _line(node))
                    yield from self._nodes(inner, scope, depth)
            elif isinstance(node, ForNode):
                yield from self._loop(node, scope, depth)
            else:
                yield Fault(_line(node), "Only merge fields, if and for may stand here.")

    def _loop(self, node: ForNode, scope: dict[str, MergeField], depth: int) -> Iterator[Fault]:
        line = _line(node)
        if depth >= DEEPEST_LOOP:
            yield Fault(line, "A loop may hold one other loop, not more.")
            return
        field = self._field(node.sequence, scope)
        if field is None or not field.is_list or len(node.loopvars) != 1:
            lists = ", ".join(name for name, field in self.fields.items() if field.is_list)
            yield Fault(line, f"A loop goes over one list. Lists here: {lists or 'none'}.")
            return
        inner: Any = (node.nodelist_loop, node.nodelist_empty)
        yield from self._nodes(inner[0], {**scope, node.loopvars[0]: field}, depth + 1)
        yield from self._nodes(inner[1], scope, depth)

    def _field(self, found: Any, scope: dict[str, MergeField]) -> MergeField | None:
        """The declared list that a bare name stands for."""
        if found.filters or not isinstance(found.var, Variable) or found.var.lookups is None:
            return None
        first, *rest = found.var.lookups
        return None if rest or first in scope else self.fields.get(first)

    def _condition(
        self, part: Any, scope: dict[str, MergeField], depth: int, line: int
    ) -> Iterator[Fault]:
        if part is None:  # else
            return
        if isinstance(part, TemplateLiteral):
            yield from self._expression(cast("FilterExpression", part.value), scope, depth, line)
            return
        for side in (part.first, part.second):
            yield from self._condition(side, scope, depth, line)

    def _expression(
        self, found: FilterExpression, scope: dict[str, MergeField], depth: int, line: int
    ) -> Iterator[Fault]:
        names = [found.var]
        names += [value for _, args in found.filters for is_name, value in args if is_name]
        for name in names:
            if isinstance(name, Variable) and name.lookups is not None:
                reason = self._wrong(name.lookups, scope, depth)
                if reason:
                    yield Fault(line, reason)

    def _wrong(self, path: tuple[str, ...], scope: dict[str, MergeField], depth: int) -> str:
        """Why a name with its dots may not stand here; empty if it may."""
        first, *rest = path
        if first in {"True", "False", "None"} and not rest:
            return ""
        if first == "forloop" and depth:
            return "" if len(rest) == 1 and rest[0] in LOOP_NAMES else _unknown(path)
        field = scope.get(first) or self.fields.get(first)
        if field is None:
            return _unknown(path)
        if first not in scope and field.is_list:  # a list, or one row of it by its number
            if rest and not rest[0].isdigit():
                return _unknown(path)
            rest = rest[1:]
        if len(rest) > 1 or (rest and rest[0] not in {part.name for part in field.parts}):
            return _unknown(path)
        return ""


def _unknown(path: Sequence[str]) -> str:
    return f"There is no merge field {'.'.join(path)!r} in this mail."


def _line(node: Node) -> int:
    return int(getattr(getattr(node, "token", None), "lineno", 1) or 1)
