"""Finds what a dialplan does with a number, as FreeSWITCH's XML dialplan hunts through it.

Conditions are tried in order; inline actions run at once and can decide later conditions, the
others are collected for execution (FreeSWITCH: mod_dialplan_xml).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

_TRUE = frozenset({"yes", "on", "true", "t", "enabled", "active", "allow", "1"})
_INNERMOST = re.compile(r"\$\{([^${}]*)\}")
_LITERAL = re.compile(r"\\Q(.*?)(?:\\E|$)")
_HANDLED = frozenset({"field", "expression", "break"})
_EXPANSIONS = 200

Function = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Action:
    """One application with its argument, variables not yet filled in."""

    application: str
    data: str


@dataclass(slots=True)
class Channel:
    """The caller's side of a call: what was dialled, variables, and the functions in ``${…}``."""

    number: str
    context: str
    variables: MutableMapping[str, str]
    functions: Mapping[str, Function] = field(default_factory=dict)

    def expand(self, text: str) -> str:
        """``text`` with its ``${variables}`` and ``${functions of words}``, the innermost first."""
        text = text.replace("$${", "${")
        for _ in range(_EXPANSIONS):
            expanded = _INNERMOST.sub(lambda match: self._value(match[1]), text, count=1)
            if expanded == text:
                return text
            text = expanded
        return text

    def field_value(self, name: str) -> str:
        """What a condition looks at: an expression with ``$``, or a field of the caller's profile."""
        if "$" in name:
            return self.expand(name)
        profile = {"destination_number": self.number, "context": self.context, "dialplan": "XML"}
        return profile.get(name, self.variables.get(name, "") if name else "")

    def apply(self, action: Action) -> None:
        """Run ``set``, ``export`` and ``unset``; other applications change no variable."""
        data = self.expand(action.data)
        name, _, value = data.partition("=")
        if action.application in ("set", "export"):
            self.variables[name.removeprefix("nolocal:")] = value
        elif action.application == "unset":
            self.variables.pop(data, None)

    def _value(self, inside: str) -> str:
        name, _, words = inside.partition(" ")
        if words and name in self.functions:
            return self.functions[name](words)
        special = {"destination_number": self.number, "context": self.context}
        return special.get(inside, self.variables.get(inside, ""))


def hunt(context: Element, channel: Channel) -> list[Action]:
    """The actions that ``context`` collects for the call of ``channel``, in order."""
    collected: list[Action] = []
    for extension in context.iter("extension"):
        matched = _try(extension, channel, collected)
        if matched and extension.attrib.get("continue", "").lower() not in _TRUE:
            break
    return collected


def _try(extension: Element, channel: Channel, collected: list[Action]) -> bool:
    """Walk the conditions. True as FreeSWITCH means it: the last one tried held, or acted."""
    proceed = False
    for condition in extension.findall("condition"):
        unknown = set(condition.attrib) - _HANDLED
        if unknown or condition.find("condition") is not None:
            raise ValueError(f"this sandbox cannot judge a condition with {sorted(unknown)}")
        expression = channel.expand(condition.attrib.get("expression", ""))
        value = channel.field_value(condition.attrib.get("field", ""))
        match = _search(expression, value)
        proceed = match is not None
        for element in condition.findall("action" if match else "anti-action"):
            _take(element, match if "(" in expression else None, channel, collected)
            proceed = True
        stop = condition.attrib.get("break", "on-false")
        if stop == "always" or stop == ("on-true" if match else "on-false"):
            break
    return proceed


def _search(expression: str, value: str) -> re.Match[str] | None:
    """Match as PCRE does; an expression that is none matches nothing, as in FreeSWITCH."""
    literal = _LITERAL.sub(lambda found: re.escape(found[1]), expression)
    try:
        return re.search(literal, value)
    except re.error:
        return None


def _take(
    element: Element, match: re.Match[str] | None, channel: Channel, collected: list[Action]
) -> None:
    data = element.attrib.get("data", "")
    if match is not None:
        data = re.sub(r"\$(\d)", lambda found: _part(match, int(found[1])), data)
    action = Action(element.attrib["application"], data)
    if element.attrib.get("inline", "").lower() in _TRUE:
        channel.apply(action)
    else:
        collected.append(action)


def _part(match: re.Match[str], number: int) -> str:
    return (match[number] or "") if number <= match.re.groups else ""
