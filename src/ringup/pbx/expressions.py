"""Expressions of dialled numbers that staff may write, and which numbers two of them share.

A small part of regular expressions, understood exactly: digits, ``*``, ``+`` and ``#``, ``\\d``,
``.``, sets, groups and counts. So that what an expression reaches can be computed instead of
tried with samples. No Django.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

ALPHABET = "0123456789*+#"
DIGITS = frozenset("0123456789")
LONGEST = 200
_MOST_STATES = 4000
_MOST_TIMES = 30
_MOST_PAIRS = 2_000


class BadExpression(ValueError):
    """The expression is none that can be written. The message says why, as a sentence."""


@dataclass(slots=True)
class _Machine:
    """A nondeterministic automaton, grown piece by piece."""

    steps: list[list[tuple[frozenset[str], int]]] = field(default_factory=list)
    jumps: list[list[int]] = field(default_factory=list)

    def state(self) -> int:
        if len(self.steps) >= _MOST_STATES:
            raise BadExpression("The expression is too long. Write it shorter.")
        self.steps.append([])
        self.jumps.append([])
        return len(self.steps) - 1


class Language:
    """A set of numbers, possibly endless. Made of an expression in ``written``."""

    def __init__(self, machine: _Machine, start: int, end: int) -> None:
        self._machine, self._start, self._end = machine, start, end

    def shared_with(self, other: Language) -> str | None:
        """The shortest number that both hold, or None when they share none. ``BadExpression`` when
        that takes too long to find out."""
        first = (self._closure([self._start]), other._closure([other._start]))
        seen, waiting = {first}, deque([(first, "")])
        while waiting:
            (mine, theirs), text = waiting.popleft()
            if self._end in mine and other._end in theirs:
                return text
            for sign in ALPHABET:
                both = (self._after(mine, sign), other._after(theirs, sign))
                if all(both) and both not in seen:
                    if len(seen) > _MOST_PAIRS:
                        raise BadExpression("The expression is too intricate. Write it plainer.")
                    seen.add(both)
                    waiting.append((both, text + sign))
        return None

    def __contains__(self, number: str) -> bool:
        states = self._closure([self._start])
        for sign in number:
            states = self._after(states, sign)
        return self._end in states

    def _after(self, states: frozenset[int], sign: str) -> frozenset[int]:
        return self._closure(
            target
            for state in states
            for signs, target in self._machine.steps[state]
            if sign in signs
        )

    def _closure(self, states: Iterable[int]) -> frozenset[int]:
        found = set(states)
        waiting = list(found)
        while waiting:
            for target in self._machine.jumps[waiting.pop()]:
                if target not in found:
                    found.add(target)
                    waiting.append(target)
        return frozenset(found)


@dataclass(frozen=True)
class Expression:
    """``^…$`` with exactly one group whose digits go to the carrier as ``$1``."""

    text: str

    def __post_init__(self) -> None:
        _ = self.dialled, self.captured

    @cached_property
    def dialled(self) -> Language:
        """Every number that it matches."""
        return written(self._body)

    @cached_property
    def captured(self) -> Language:
        """Every number that its group can hold."""
        return written(self._group)

    def sent(self, pattern: str) -> Language:
        """Every number that goes out, where ``$1`` in ``pattern`` stands for the group."""
        before, found, behind = pattern.partition("$1")
        middle = f"(?:{self._group})" if found else ""
        return written(literally(before) + middle + literally(behind))

    @property
    def _body(self) -> str:
        if len(self.text) > LONGEST:
            raise BadExpression(f"Use at most {LONGEST} signs in an expression.")
        if not (self.text.startswith("^") and self.text.endswith("$")):
            raise BadExpression("An expression begins with ^ and ends with $.")
        return self.text[1:-1]

    @cached_property
    def _group(self) -> str:
        """The text inside the one group that captures. It stands by itself, not in another."""
        body, depth, found = self._body, 0, []
        for place, sign in _signs(body):
            if sign == "(":
                if not body.startswith("(?:", place):
                    found.append((place, depth))
                depth += 1
            elif sign == ")":
                depth -= 1
            elif sign == "|" and depth == 0:
                raise BadExpression("Put alternatives into a group: ^(211|311)$.")
        if len(found) != 1 or found[0][1]:
            raise BadExpression(
                "An expression has exactly one group, (…), with the digits that are sent, "
                "by itself and not inside another. Write (?:…) for others."
            )
        start = found[0][0]
        inside = body[start + 1 : _closing(body, start)]
        if body[start + len(inside) + 2 :][:1] in ("?", "*", "+", "{"):
            raise BadExpression("The group with the digits cannot be optional or repeated.")
        return inside


def literally(digits: str) -> str:
    """``digits`` as an expression that matches them alone."""
    return "".join(f"\\{sign}" if sign in "*+" else sign for sign in digits)


def written(text: str) -> Language:
    """The language of an expression without ``^`` and ``$``. Raises ``BadExpression``."""
    machine = _Machine()
    start, end = _Reader(text, machine).read()
    return Language(machine, start, end)


def _signs(text: str) -> Iterator[tuple[int, str]]:
    """The signs with their places, without what is escaped or in a set."""
    place = 0
    while place < len(text):
        if text[place] == "\\":
            place += 2
            continue
        if text[place] == "[":
            place = max(text.find("]", place), place) + 1
            continue
        yield place, text[place]
        place += 1


def _closing(text: str, start: int) -> int:
    depth = 0
    for place, sign in _signs(text):
        if place >= start:
            depth += {"(": 1, ")": -1}.get(sign, 0)
            if depth == 0:
                return place
    raise BadExpression("A group is not closed.")


class _Reader:
    """Reads one expression from left to right and grows a machine."""

    def __init__(self, text: str, machine: _Machine) -> None:
        self.text, self.machine, self.place = text, machine, 0

    def read(self) -> tuple[int, int]:
        made = self._either()
        if self.place < len(self.text):
            raise BadExpression("A group is closed that was not opened.")
        return made

    @property
    def _next(self) -> str:
        return self.text[self.place : self.place + 1]

    def _either(self) -> tuple[int, int]:
        start, end = self.machine.state(), self.machine.state()
        while True:
            first, last = self._sequence()
            self.machine.jumps[start].append(first)
            self.machine.jumps[last].append(end)
            if self._next != "|":
                return start, end
            self.place += 1

    def _sequence(self) -> tuple[int, int]:
        start = end = self.machine.state()
        while self._next and self._next not in "|)":
            begin = self.place
            first = self._atom()
            least, most = self._times(is_group=self.text[begin] == "(")
            behind = self.place
            needed = least + 1 if most is None else most
            copies = [first, *(self._again(begin) for _ in range(needed - 1))][:needed]
            end = self._joined(end, copies, least=least, endless=most is None)
            self.place = behind
        return start, end

    def _joined(self, end: int, copies: list[tuple[int, int]], *, least: int, endless: bool) -> int:
        """Put the copies of an atom one behind the other; those after ``least`` may be left out,
        and the last may come again and again if ``endless``."""
        jumps = self.machine.jumps
        for number, (first, last) in enumerate(copies):
            behind = self.machine.state()
            jumps[end].append(first)
            if number >= least:
                jumps[end].append(behind)
            if endless and number >= least:
                jumps[last].append(first)
            jumps[last].append(behind)
            end = behind
        return end

    def _again(self, begin: int) -> tuple[int, int]:
        """Another copy of the atom that begins there."""
        self.place = begin
        return self._atom()

    def _atom(self) -> tuple[int, int]:
        sign = self._next
        self.place += 1
        if sign == "(":
            return self._inner()
        start, end = self.machine.state(), self.machine.state()
        self.machine.steps[start].append((self._set_of(sign), end))
        return start, end

    def _inner(self) -> tuple[int, int]:
        if self._next == "?":
            if not self.text.startswith("?:", self.place):
                raise BadExpression("Of the groups that begin with (? only (?:…) can be used here.")
            self.place += 2
        made = self._either()
        if self._next != ")":
            raise BadExpression("A group is not closed.")
        self.place += 1
        return made

    def _set_of(self, sign: str) -> frozenset[str]:
        if sign in DIGITS or sign == "#":
            return frozenset(sign)
        if sign == ".":
            return frozenset(ALPHABET)
        if sign == "[":
            return self._bracketed()
        if sign == "\\":
            escaped = self._next
            self.place += 1
            if escaped == "d":
                return DIGITS
            if escaped and escaped in "*+#":
                return frozenset(escaped)
            raise BadExpression(f"\\{escaped} cannot be used here; \\d, \\+ and \\* can.")
        raise BadExpression(
            f"{sign!r} cannot stand there. Use digits, \\d, \\+, \\*, #, sets such as [2-9], "
            "groups and counts such as {4}."
        )

    def _bracketed(self) -> frozenset[str]:
        end = self.text.find("]", self.place)
        inside = self.text[self.place : end]
        if end < 0 or not inside.removeprefix("^"):
            raise BadExpression("A set [ ] is empty or not closed.")
        self.place = end + 1
        signs = inside.removeprefix("^").replace("\\d", "0-9")
        found: set[str] = set()
        place = 0
        while place < len(signs):
            if signs[place + 1 : place + 2] == "-" and place + 2 < len(signs):
                low, high = signs[place], signs[place + 2]
                if not (low in DIGITS and high in DIGITS and low <= high):
                    raise BadExpression(f"[{inside}] is no set of digits.")
                found |= {str(digit) for digit in range(int(low), int(high) + 1)}
                place += 3
            elif signs[place] in ALPHABET:
                found.add(signs[place])
                place += 1
            else:
                raise BadExpression(f"[{inside}] holds something else than digits, *, + and #.")
        return frozenset(ALPHABET) - found if inside.startswith("^") else frozenset(found)

    def _times(self, *, is_group: bool) -> tuple[int, int | None]:
        """How often the atom before stands: least, and most or None."""
        sign = self._next
        if sign not in ("?", "*", "+", "{") or not sign:
            return 1, 1
        self.place += 1
        if is_group and sign != "?":
            raise BadExpression("A group may be followed by ?, not be repeated.")
        found = {"?": (0, 1), "*": (0, None), "+": (1, None)}.get(sign) or self._counted()
        if self._next and self._next in "?*+{":
            raise BadExpression("One count cannot follow another.")
        return found

    def _counted(self) -> tuple[int, int | None]:
        end = self.text.find("}", self.place)
        low, comma, high = self.text[self.place : max(end, self.place)].partition(",")
        numbers = [low] + ([high] if high else [])
        if end < 0 or any(
            not (one.isascii() and one.isdigit() and len(one) < 3) for one in numbers
        ):
            raise BadExpression("A count is written {4} or {7,15}.")
        self.place = end + 1
        least, most = int(low), int(high) if high else (None if comma else int(low))
        if least > _MOST_TIMES or (most or 0) > _MOST_TIMES or (most is not None and most < least):
            raise BadExpression(f"A count goes from 0 to {_MOST_TIMES}, the smaller number first.")
        return least, most
