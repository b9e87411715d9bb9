"""Numbers on sale as the list shows them: every row is made here and not by a template, for a page
of them is made several times a second while somebody types."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ringup.catalog.pricing import NumberPrice
from ringup.core.money import Money
from ringup.core.phones import calling_code, country_code, country_name, groups
from ringup.core.sentences import place_name
from ringup.core.templatetags.ringup import icon
from ringup.flows.checkout import choosing_places
from ringup.flows.finding import Found, FoundPlace
from ringup.numbers.models import a_number_in, names_kind
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
class PlaceRow:
    """A place whose numbers the carrier chooses; ``title`` is one of them in words. ``value`` is what
    the button sends that chooses one; empty where one can only be asked for. ``note`` says what it is
    sold with."""

    title: str
    name: str
    prefix: str
    place: SafeString
    when: SafeString
    price: SafeString
    plain_price: str
    stock: str
    ticket: str
    value: str = ""
    note: str = ""

    @property
    def inside(self) -> str:
        """Its title inside a sentence."""
        return f"a{self.title[1:]}"


def row_of(
    found: Found, pattern: Pattern, sellers: Mapping[int, Seller], chosen: Collection[str]
) -> SafeString:
    """The row of one number, or of a block of numbers that follow each other. ``sellers`` are by
    account; ``chosen`` the numbers that the buyer has selected."""
    code, national = _split(found.e164, found.kind.country)
    seller = sellers[found.account]
    spoken = f"+{code} {_plain(code, national)}"
    number = numbered(code, national, pattern)
    value = found.e164
    if found.block > 1:
        last = str(int(national) + found.block - 1).zfill(len(national))
        number = _block(number, _plain(code, last), found.block)
        spoken = f"{found.block} numbers from {spoken}"
        value += f"*{found.block}"
    if len(sellers) > 1:
        value += f" {escape(seller.slug)}"
    if is_chosen := found.block == 1 and found.e164 in chosen:
        # Pressed once more, it lets the number go.
        button = (
            f'btn--on" name="drop" value="{found.e164}" aria-label="Selected: {spoken}. Let it go'
        )
    else:
        button = f'" name="e164" value="{value}" aria-label="Select {spoken}'
    note = "" if seller.takes_several else f"with {seller.name}"
    # Words of ours, digits, and parts that are escaped where they are made.
    return mark_safe(  # noqa: S308
        f'<article class="result"{" data-held" if is_chosen else ""}>'
        f'<div class="result__num">{number}</div>'
        f"{_facts(found.kind, found.price, found.block, note)}"
        f'<div class="result__do"><button id="n{found.e164[1:]}" class="btn btn--sm {button}">'
        f"{_selected() if is_chosen else 'Select'}</button></div></article>"
    )


@cache
def _selected() -> SafeString:
    return format_html("{}Selected", icon("check", "sm"))


def place_row(
    found: FoundPlace, ticket: str, sellers: Mapping[int, Seller] | None = None
) -> PlaceRow:
    """``ticket`` is how the place is named when somebody chooses or asks for a number of it. Without
    ``sellers`` (by account) it can only be asked for."""
    seller = (sellers or {}).get(found.account)
    value = note = ""
    if seller and choosing_places.can_order(seller.account, needs_papers=found.kind.needs_papers):
        value = f"~{ticket} {seller.slug}" if len(sellers or {}) > 1 else f"~{ticket}"
        note = "" if seller.takes_several else f"with {seller.name}"
    code = calling_code(found.kind.country)
    stock = "in stock" if found.quantity is None else f"{found.quantity:,} available"
    return PlaceRow(
        title=_title(found.kind),
        name=place_words(found.kind),
        prefix=f"+{code} {found.prefix}".strip(),
        place=format_html('<span class="cc">{}</span> {}', found.kind.country, stock),
        when=_when(found.kind),
        price=_price(found.price, 1),
        plain_price=f"{found.price.monthly} a month, {_setup_words(found.price.setup)}",
        stock=stock,
        ticket=ticket,
        value=value,
        note=note,
    )


def _split(e164: str, country: str) -> tuple[str, str]:
    """Its calling code and the digits behind it. Some carriers file a number under a country that is
    not its own."""
    code = calling_code(country)
    if not code or not e164.startswith(f"+{code}"):
        code = country_code(e164)
    return code, e164[1 + len(code) :]


# -- the number -----------------------------------------------------------------------------------


def numbered(code: str, national: str, pattern: Pattern) -> SafeString:
    """The number grouped the national way, its country code quieter, with what was searched marked:
    a mark may run over the gap between groups."""
    widths, spans = groups(code, national), pattern.spans(national)
    digits = _marked(national, widths, spans) if spans else _grouped(national, widths, GAP)
    # Digits and marks of ours alone.
    return mark_safe(  # noqa: S308
        f'<span class="num"><span class="num__cc">+{code}</span>{GAP}{digits}</span>'
    )


def _marked(national: str, widths: tuple[int, ...], spans: list[tuple[int, int]]) -> str:
    gaps = {sum(widths[: n + 1]) for n in range(len(widths) - 1)}
    opens, closes = {start for start, _ in spans}, {end for _, end in spans}
    parts = []
    for place, digit in enumerate(national):
        before = "</mark>" if place in closes else ""
        gap = GAP if place in gaps else ""
        parts.append(f"{before}{gap}{'<mark>' if place in opens else ''}{digit}")
    return "".join([*parts, "</mark>" if len(national) in closes else ""])


def _grouped(national: str, widths: tuple[int, ...], gap: str) -> str:
    parts, place = [], 0
    for width in widths:
        parts.append(national[place : place + width])
        place += width
    return gap.join(parts)


def _plain(code: str, national: str) -> str:
    return _grouped(national, groups(code, national), " ")


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


def _title(kind: Kind) -> str:
    """``A number in Toronto, Ontario``, ``A mobile number in the United Kingdom``."""
    if names_kind(kind.rate_centre):
        return a_number_in(kind.rate_centre, kind.country)
    return f"A number in {place_words(kind)}"


def _place(kind: Kind) -> SafeString:
    return format_html('<span class="cc">{}</span> {}', kind.country, place_words(kind))


def _when(kind: Kind) -> SafeString:
    parts = []
    if kind.needs_papers:
        badge = '<span class="badge" data-tone="purple">{}Papers needed</span>'
        parts.append(format_html(badge, icon("doc")))
    parts.append(format_html("<span>{}</span>", WITH_PAPERS if kind.needs_papers else READY))
    if "sms" in kind.features:
        parts.append(format_html('<span class="badge badge--plain">{}</span>', FEATURES["sms"]))
    return format_html_join("", "{}", ((part,) for part in parts))


@lru_cache(maxsize=20_000)
def _facts(kind: Kind, price: NumberPrice, block: int, note: str) -> SafeString:
    """What a row says besides its number: the same for all numbers of a place and price."""
    return format_html(
        '<div class="result__place">{}</div><div class="result__when">{}{}</div>'
        '<div class="result__price">{}</div>',
        _place(kind),
        _when(kind),
        format_html('<span class="faint">{}</span>', note) if note else "",
        _price(price, block),
    )


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
