"""Numbers on sale as the list shows them: every row is ready text before the page is rendered, for
a page of them is rendered several times a second while somebody types."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ringup.catalog.pricing import NumberPrice
from ringup.core.money import Money
from ringup.core.phones import groups
from ringup.core.sentences import place_name
from ringup.core.templatetags.ringup import icon
from ringup.flows.finding import Found, FoundPlace
from ringup.numbers.index.compiling import calling_code, country_name
from ringup.numbers.packing import Kind
from ringup.numbers.patterns import Pattern
from ringup.shop.sellers import Seller

READY = "Ready in minutes"
WITH_PAPERS = "1 to 5 working days"
TYPES = {
    "geographic": "Local",
    "national": "National",
    "mobile": "Mobile",
    "toll-free": "Toll-free",
}
FEATURES = {"sms": "Text messages", "fax": "Fax", "emergency": "Emergency calls"}
GAP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Row:
    """One number, or a block of numbers that follow each other. ``value`` is what its button sends,
    ``key`` its id on the page, ``note`` what it is only sold with."""

    value: str
    key: str
    number: SafeString
    spoken: str
    place: SafeString
    when: SafeString
    price: SafeString
    note: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place whose numbers the carrier chooses."""

    name: str
    prefix: str
    place: SafeString
    when: SafeString
    price: SafeString
    plain_price: str
    stock: str
    ticket: str


def row_of(
    found: Found, pattern: Pattern, sellers: Mapping[int, Seller], chosen: Collection[str]
) -> Row:
    """``sellers`` are by account; ``chosen`` the numbers that the buyer has selected."""
    code = calling_code(found.kind.country)
    national = found.e164[1 + len(code) :]
    seller = sellers[found.account]
    spoken = f"+{code} {_plain(code, national)}"
    number = numbered(code, national, pattern)
    value = found.e164
    if found.block > 1:
        value += f"*{found.block}"
        last = str(int(national) + found.block - 1).zfill(len(national))
        number = _block(number, _plain(code, last), found.block)
        spoken = f"{found.block} numbers from {spoken}"
    return Row(
        value=value if len(sellers) == 1 else f"{value} {seller.slug}",
        key=found.e164[1:],
        number=number,
        spoken=spoken,
        place=_place(found.kind),
        when=_when(found.kind),
        price=_price(found.price, found.block),
        note="" if seller.takes_several else f"with {seller.name}",
        is_chosen=found.e164 in chosen,
    )


def place_row(found: FoundPlace, ticket: str) -> PlaceRow:
    """``ticket`` is how the place is named when somebody asks for a number of it."""
    code = calling_code(found.kind.country)
    stock = "in stock" if found.quantity is None else f"{found.quantity:,} available"
    return PlaceRow(
        name=place_words(found.kind),
        prefix=f"+{code} {found.prefix}".strip(),
        place=_place(found.kind),
        when=_when(found.kind),
        price=_price(found.price, 1),
        plain_price=f"{found.price.monthly} a month, {_setup_words(found.price.setup)}",
        stock=stock,
        ticket=ticket,
    )


# -- the number -----------------------------------------------------------------------------------


def numbered(code: str, national: str, pattern: Pattern) -> SafeString:
    """The number grouped the national way, its country code quieter, with what was searched marked:
    a mark may run over the gap between groups."""
    gaps, place = set(), 0
    for width in groups(code, national)[:-1]:
        place += width
        gaps.add(place)
    opens: dict[int, str] = {}
    closes: dict[int, str] = {}
    for start, end in pattern.spans(national):
        opens[start], closes[end] = "<mark>", "</mark>"
    parts = []
    for place, digit in enumerate(national):
        parts.append(closes.get(place, ""))
        parts.append(GAP if place in gaps else "")
        parts.append(opens.get(place, ""))
        parts.append(digit)
    parts.append(closes.get(len(national), ""))
    # Digits and marks of ours alone.
    digits = "".join(parts)
    return mark_safe(  # noqa: S308
        f'<span class="num"><span class="num__cc">+{code}</span>{GAP}{digits}</span>'
    )


def _plain(code: str, national: str) -> str:
    parts, place = [], 0
    for width in groups(code, national):
        parts.append(national[place : place + width])
        place += width
    return " ".join(parts)


def _block(first: SafeString, last: str, count: int) -> SafeString:
    return format_html(
        '{}<span class="sub">to {}, {} numbers</span>', first, last.replace(" ", GAP), count
    )


# -- what many numbers share: made once -----------------------------------------------------------


def place_words(kind: Kind) -> str:
    """``Toronto, Ontario``; with the country where there is no region, as for toll-free numbers."""
    region = kind.region_name or kind.region
    words = [place_name(part) for part in dict.fromkeys([kind.rate_centre, region]) if part]
    if not kind.region:
        words = [*(words or [TYPES.get(kind.number_type, "")]), country_name(kind.country)]
    return ", ".join(words)


@lru_cache(maxsize=20_000)
def _place(kind: Kind) -> SafeString:
    return format_html('<span class="cc">{}</span> {}', kind.country, place_words(kind))


@lru_cache(maxsize=1_000)
def _when_of(needs_papers: bool, features: tuple[str, ...]) -> SafeString:
    parts = []
    if needs_papers:
        badge = '<span class="badge" data-tone="purple">{}Papers needed</span>'
        parts.append(format_html(badge, icon("doc")))
    parts.append(format_html("<span>{}</span>", WITH_PAPERS if needs_papers else READY))
    if "sms" in features:
        parts.append(format_html('<span class="badge badge--plain">{}</span>', FEATURES["sms"]))
    return format_html_join("", "{}", ((part,) for part in parts))


def _when(kind: Kind) -> SafeString:
    return _when_of(kind.needs_papers, kind.features)


@lru_cache(maxsize=5_000)
def _price(price: NumberPrice, count: int) -> SafeString:
    """What one costs, or what ``count`` of them cost together."""
    each = f"{count} × {price.monthly}" if count > 1 else ""
    setup = _setup_words(price.setup * count)
    return format_html(
        '<span class="money">{}</span><span class="per">/mo</span><small>{}</small>',
        str(price.monthly * count),
        f"{each}, {setup}" if each else setup,
    )


def _setup_words(setup: Money) -> str:
    return f"{setup} set-up" if setup else "no set-up fee"
