"""A number price rule in words: what it makes of a cost, and what it leaves us."""

from __future__ import annotations

from dataclasses import dataclass

from ringup.catalog.models import NumberPriceRule


@dataclass(frozen=True, slots=True)
class RuleWords:
    """One line of the list. ``may_lose`` marks a margin that can be below zero."""

    row: NumberPriceRule
    covers: str
    monthly: str
    setup: str
    margin: str
    may_lose: bool


def words_of(rule: NumberPriceRule) -> RuleWords:
    """The rule as people read it."""
    return RuleWords(
        row=rule,
        covers=covers(rule),
        monthly=_monthly(rule),
        setup=_setup(rule),
        margin=_margin(rule),
        may_lose=rule.fixed is not None or rule.fixed_setup is not None,
    )


def covers(rule: NumberPriceRule) -> str:
    """``US, toll-free``; ``Every number`` where nothing narrows it."""
    where, what = rule.country, rule.number_type
    if not where and not what:
        return "Every number"
    return f"{where or 'Every country'}, {what or 'every type'}"


def _monthly(rule: NumberPriceRule) -> str:
    if rule.fixed is not None:
        text = str(rule.fixed)
    else:
        parts = ["Cost"]
        if rule.percent:
            parts.append(f"{rule.percent} %")
        if rule.addition:
            parts.append(str(rule.addition))
        text = " + ".join(parts)
        if rule.rounding:
            text += f", up to a full {rule.rounding}"
    return f"{text}, at least {rule.floor}" if rule.floor else text


def _setup(rule: NumberPriceRule) -> str:
    if rule.fixed_setup is not None:
        return str(rule.fixed_setup) if rule.fixed_setup else "Free"
    return f"Cost + {rule.setup_percent} %" if rule.setup_percent else "Cost"


def _margin(rule: NumberPriceRule) -> str:
    sentences = [_monthly_margin(rule)]
    if rule.fixed_setup is not None:
        sentences.append(f"Set-up below cost where the carrier asks more than {rule.fixed_setup}.")
    return " ".join(sentences)


def _monthly_margin(rule: NumberPriceRule) -> str:
    if rule.fixed is not None:
        return f"Below cost where the carrier asks more than {max(rule.fixed, rule.floor)}."
    parts = [f"{rule.percent} % of the cost"] if rule.percent else []
    if rule.addition:
        parts.append(str(rule.addition))
    if parts:
        return f"At least {' + '.join(parts)}."
    return "None but for rounding and floor: sold at cost."
