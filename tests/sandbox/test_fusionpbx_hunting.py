"""Dialplans are walked through as FreeSWITCH's XML dialplan does it."""

from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring

from ringup.sandbox.fusionpbx.hunting import Channel, hunt

pytestmark = pytest.mark.once


def walked(body: str, number: str = "1001", **variables: str) -> tuple[list[str], dict[str, str]]:
    """The actions collected in a context, as ``application data``, and the variables afterwards."""
    channel = Channel(number, "acme.example", dict(variables), {"upper": str.upper})
    actions = hunt(fromstring(f"<context>{body}</context>"), channel)
    texts = [f"{one.application} {channel.expand(one.data)}".strip() for one in actions]
    return texts, dict(channel.variables)


def extension(*conditions: str, continues: str = "false") -> str:
    return f'<extension name="x" continue="{continues}">{"".join(conditions)}</extension>'


def condition(field: str, expression: str, *actions: str, stop: str = "") -> str:
    more = f' break="{stop}"' if stop else ""
    head = f'<condition field="{field}" expression="{expression}"{more}>'
    return f"{head}{''.join(actions)}</condition>"


def action(application: str, data: str = "", *, inline: str = "", tag: str = "action") -> str:
    more = f' inline="{inline}"' if inline else ""
    return f'<{tag} application="{application}" data="{data}"{more}/>'


def test_the_first_matching_extension_ends_the_hunt_unless_it_continues() -> None:
    first = condition("destination_number", "^1001$", action("answer"))
    second = condition("destination_number", "^10", action("echo"))
    assert walked(extension(first) + extension(second))[0] == ["answer"]
    for word in ("true", "1"):
        found = walked(extension(first, continues=word) + extension(second))[0]
        assert found == ["answer", "echo"]
    assert walked(extension(first, continues="") + extension(second))[0] == ["answer"]


@pytest.mark.parametrize(
    ("first", "stop", "expected"),
    [
        ("^1001$", "", ["one", "two"]),
        ("^2$", "", []),
        ("^2$", "never", ["two"]),
        ("^1001$", "on-true", ["one"]),
        ("^2$", "on-true", ["two"]),
        ("^1001$", "always", ["one"]),
        ("^2$", "always", []),
    ],
)
def test_break_says_after_which_result_no_further_condition_is_tried(
    first: str, stop: str, expected: list[str]
) -> None:
    body = extension(
        condition("destination_number", first, action("one"), stop=stop),
        condition("destination_number", "^1001$", action("two")),
    )
    assert walked(body)[0] == expected


def test_inline_actions_decide_later_conditions_and_others_wait() -> None:
    body = extension(
        condition("", "", action("set", "a=1", inline="true"), action("set", "b=1")),
        condition("${a}", "^1$", action("saw", "a")),
        condition("${b}", "^1$", action("saw", "b")),
    )
    found, variables = walked(body)
    assert found == ["set b=1", "saw a"]
    assert variables == {"a": "1"}


def test_anti_actions_run_where_a_condition_fails() -> None:
    body = extension(
        condition(
            "${call_direction}",
            "^(inbound|outbound)$",
            action("export", "call_direction=local", inline="true", tag="anti-action"),
            stop="never",
        ),
    )
    assert walked(body)[1] == {"call_direction": "local"}
    assert walked(body, call_direction="inbound")[1] == {"call_direction": "inbound"}


def test_captured_digits_go_where_the_dollar_stands() -> None:
    body = extension(
        condition("destination_number", r"^9(\d{3})(\d)?$", action("dial", "1$1-$2-$3"))
    )
    assert walked(body, "9123")[0] == ["dial 1123--"]
    plain = extension(condition("destination_number", "^9123$", action("dial", "$1")))
    assert walked(plain, "9123")[0] == ["dial $1"]


def test_variables_and_functions_are_filled_in_from_the_inside_out() -> None:
    body = extension(
        condition("", "", action("say", "${upper x${name}} $${name} ${context}${none}"))
    )
    assert walked(body, name="acme")[0] == ["say XACME acme acme.example"]


def test_quoted_parts_of_an_expression_are_literal() -> None:
    body = extension(condition("destination_number", r"^\Q*98\E$", action("check")))
    assert walked(body, "*98")[0] == ["check"]
    assert walked(body, "98")[0] == []


def test_an_expression_that_is_none_matches_nothing() -> None:
    body = extension(condition("destination_number", "^(1001$", action("answer")))
    assert walked(body)[0] == []


@pytest.mark.parametrize(
    "given",
    ['<condition wday="2-6"/>', '<condition regex="all"/>', "<condition><condition/></condition>"],
)
def test_conditions_of_kinds_that_are_not_imitated_are_refused(given: str) -> None:
    with pytest.raises(ValueError, match="cannot judge"):
        walked(extension(given))
