"""The components of the design system as tags: icon, number, money, badge, field, hold, ring, time.

Each renders one small template or one element; no template chooses a colour or formats money.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField, CheckboxInput, Select, Textarea
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ringup.core.form_rendering import field_html, option_lines
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.core.sentences import place_name

register = template.Library()
register.filter("place", place_name)

SPRITE = "ringup/icons.svg"
# Kept beside the script that reads it: no style injected, no eval, no page kept in the browser's
# storage (it may hold credentials), and refusals (422, 429) are swapped in like any answer.
HTMX_CONFIG = {
    "includeIndicatorStyles": False,
    "allowEval": False,
    "allowScriptTags": False,
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "422", "swap": True},
        {"code": "429", "swap": True},
        {"code": "[45]..", "swap": False, "error": True},
    ],
}


class Badge(Protocol):
    """What ``{% badge %}`` shows: a tone of the stylesheet, an icon of the sprite, and the word for
    staff and for clients."""

    @property
    def tone(self) -> str: ...
    @property
    def icon(self) -> str: ...
    @property
    def word(self) -> str: ...
    @property
    def client_word(self) -> str: ...


@register.simple_tag
def htmx_config() -> str:
    """The content of the ``htmx-config`` meta tag."""
    return json.dumps(HTMX_CONFIG)


@register.simple_tag
def icon(name: str, *extra: str) -> SafeString:
    """``{% icon 'check' %}``, ``{% icon 'left' 'sm' 'flip' %}``. Hidden from screen readers."""
    return _icon(name, extra)


@lru_cache(maxsize=256)
def _icon(name: str, extra: tuple[str, ...]) -> SafeString:
    classes = " ".join(["icon", *(f"icon--{word}" for word in extra)])
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        classes,
        static(SPRITE),
        name,
    )


@register.filter
def num(e164: str | None) -> SafeString | str:
    """A telephone number grouped the national way, its country code quieter. Words that stand for
    one, whose digits nobody knows yet, stay as they are."""
    if not e164:
        return ""
    return marked_num(e164) if e164.startswith("+") else e164


@register.simple_tag
def marked_num(e164: str, digits: str = "", where: str = "contains") -> SafeString:
    """``num`` with ``digits`` marked in the national part, where a search found them:
    ``starts``, ``contains`` (the first place) or ``ends``."""
    code, _, rest = shown(e164).partition(" ")
    return format_html(
        '<span class="num"><span class="num__cc">{}</span>\N{NO-BREAK SPACE}{}</span>',
        code,
        _marked(rest.replace(" ", "\N{NO-BREAK SPACE}"), digits, where),
    )


def _marked(grouped: str, digits: str, where: str) -> SafeString | str:
    """``grouped`` with ``<mark>`` around ``digits``, which may run over a gap between groups."""
    places = [index for index, letter in enumerate(grouped) if letter.isdigit()]
    bare = "".join(grouped[place] for place in places)
    start = bare.rfind(digits) if where == "ends" else bare.find(digits)
    if not digits or start < 0:
        return grouped
    first, last = places[start], places[start + len(digits) - 1] + 1
    return format_html("{}<mark>{}</mark>{}", grouped[:first], grouped[first:last], grouped[last:])


@register.filter
def plain_num(e164: str | None) -> str:
    """``num`` as text, for a label or a sentence."""
    return shown(e164) if e164 else ""


@register.filter
def money(amount: Money | None) -> SafeString | str:
    """An amount with its symbol; nothing for None."""
    return "" if amount is None else format_html('<span class="money">{}</span>', str(amount))


@register.simple_tag
def badge(status: Badge, reader: str = "staff") -> SafeString:
    """``{% badge status %}`` with staff's word, ``{% badge status 'client' %}`` with the softer."""
    word = status.client_word if reader == "client" else status.word
    return plain_badge(status.tone, status.icon, word)


@register.simple_tag
def plain_badge(tone: str, icon_name: str, word: str) -> SafeString:
    """``{% plain_badge 'green' 'check-circle' 'Done' %}``: a state that no badge object names."""
    return format_html(
        '<span class="badge" data-tone="{}">{}{}</span>', tone, icon(icon_name), word
    )


@register.simple_tag
def ring(percent: float, size: str = "") -> SafeString:
    """The house mark, filled to ``percent``."""
    classes = f"ring ring--{size}" if size else "ring"
    return format_html(
        '<svg class="{}" viewBox="0 0 36 36" aria-hidden="true">'
        '<circle class="ring__track" cx="18" cy="18" r="15"/>'
        '<circle class="ring__bar" cx="18" cy="18" r="15" pathLength="100"'
        ' stroke-dasharray="{} 100"/></svg>',
        classes,
        round(min(max(percent, 0), 100), 1),
    )


@register.inclusion_tag("ringup/hold.html")
def hold(expires: datetime, minutes: int, text: str = "Held for you") -> dict[str, Any]:
    """The countdown of a hold of ``minutes`` that ends at ``expires``. The server owns the time."""
    left = max(0, int((expires - timezone.now()).total_seconds()))
    return {
        "text": text,
        "left": f"{left // 60:02}:{left % 60:02}",
        "total": minutes * 60,
        "percent": 100 * left / (minutes * 60),
        "state": "gone" if left == 0 else "low" if left < 120 else "",
    }


@register.simple_tag(takes_context=True)
def when(context: Context, moment: datetime | None, words: str = "") -> SafeString | str:
    """A moment in the reader's zone: "today 08:51", else weekday, date and time."""
    if moment is None:
        return ""
    local, now = moment.astimezone(zone := _zone(context)), timezone.now().astimezone(zone)
    days = (now.date() - local.date()).days
    if days == 0:
        text = f"today {local:%H:%M}"
    elif days == 1:
        text = f"yesterday {local:%H:%M}"
    else:
        year = "" if local.year == now.year else f" {local.year}"
        text = f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M}"
    return format_html(
        '<time datetime="{}" title="{}">{}{}</time>',
        moment.isoformat(timespec="seconds"),
        f"{local:%Y-%m-%d %H:%M %Z}",
        f"{words} " if words else "",
        text,
    )


def _zone(context: Context) -> tzinfo:
    """The context's ``time_zone`` (the client's), else the brand's, else the installation's."""
    brand = context.get("brand")
    name = context.get("time_zone") or getattr(brand, "time_zone", "") or settings.TIME_ZONE
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError):
        return timezone.get_default_timezone()


# -- forms ----------------------------------------------------------------------------------------


@register.simple_tag
def field(
    bound: BoundField, ok: str = "", help: str = "", suffix: str = "", optional: str = "auto"
) -> SafeString:
    """A label, its control and one message: the error, else ``ok``, else ``help`` or the field's
    own help text. Optional fields are marked, unless ``optional`` is ``no``."""
    described = f"{bound.id_for_label}-help"
    message = bound.errors[0] if bound.errors else ok or help or bound.help_text
    attributes = {"class": _control_class(bound)}
    if message:
        attributes["aria-describedby"] = described
    if bound.errors:
        attributes["aria-invalid"] = "true"
    kind = "err" if bound.errors else "ok" if ok else "help"
    return field_html(
        control=bound.as_widget(attrs=bound.field.widget.attrs | attributes),
        control_id=bound.id_for_label,
        label=str(bound.label),
        message=str(message),
        kind=kind,
        icon={"err": icon("alert"), "ok": icon("check")}.get(kind, ""),
        is_checkbox=isinstance(bound.field.widget, CheckboxInput),
        is_optional=optional != "no" and not bound.field.required,
        suffix=suffix,
    )


@register.simple_tag
def options(choices: Iterable[tuple[str, str]], chosen: str = "") -> SafeString:
    """The lines of a ``<select>`` beside any form: ``{% options countries filters.country %}``."""
    return option_lines(tuple(choices), frozenset([chosen]))


def _control_class(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, CheckboxInput):
        return ""
    if isinstance(widget, Select):
        return "select"
    return "textarea" if isinstance(widget, Textarea) else "input"


@register.inclusion_tag("ringup/errsum.html")
def errsum(
    form: BaseForm, lede: str = "Nothing was ordered or charged.", refusal: str = ""
) -> dict[str, Any]:
    """The summary of what to correct; nothing when the form has no error. It takes the focus."""
    rows = [(bound.id_for_label, _correction(bound)) for bound in form if bound.errors]
    plain = [("", str(text)) for text in form.non_field_errors()]
    if refusal:
        plain.append(("", refusal))
    return {"rows": plain + rows, "lede": lede}


def _correction(bound: BoundField) -> str:
    """The first error behind the label; alone where the label is a whole sentence."""
    text = str(bound.errors[0])
    if isinstance(bound.field.widget, CheckboxInput):
        return text
    return f"{bound.label}: {_small(text)}"


def _small(sentence: str) -> str:
    """The sentence as it stands behind a colon."""
    if sentence[1:2].isupper():
        return sentence
    return sentence[:1].lower() + sentence[1:]
