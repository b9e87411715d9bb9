"""Whatever stands in the box or in the address: a list or a sentence, and never an error page."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, urlencode

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringup.numbers.index.groups import Place
from ringup.numbers.index.query import Cursor
from tests.shop.buying import Buyer, text_of

PARTS = ("q", "country", "region", "centre", "type", "feature", "ready", "row", "sort", "after",
         "centres", "centre_like", "for", "was")  # fmt: skip
# What numbers, patterns and attacks are made of, beside any text at all.
SCRAPS = [
    *(
        "5",
        "55",
        "416",
        "*",
        "?",
        "+",
        "1",
        "+1",
        "00",
        "ring",
        "%",
        "_",
        "\\",
        "'",
        '"',
        "--",
        ";",
    ),
    *(
        "<b>",
        "\x00",
        "\u202e",
        "\u200f",
        "٣",
        "\U0001d7d8",
        "é",
        " ",
        "\n",
        "(",
        ")",
        "US",
        "NY",
        "-1",
    ),
    *("BUFFALO", "999999999999", "now", "best", "price", "e" * 300),
]
PIECES = st.lists(st.sampled_from(SCRAPS), max_size=8).map("".join)
NUMBERS = st.integers(-(2**70), 2**70)
CURSORS = st.tuples(
    st.lists(NUMBERS, min_size=4, max_size=5), st.lists(st.text(max_size=5), min_size=4, max_size=5)
).map(lambda parts: _packed([*parts[0], *parts[1]]))
TEXT = st.one_of(st.text(max_size=60), PIECES, CURSORS)


def _packed(row: list[object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(row).encode()).decode()


ADDRESSES = st.lists(st.tuples(st.sampled_from(PARTS), TEXT), max_size=6)


@pytest.fixture
def patient() -> object:
    with override_settings(
        RINGUP_SEARCHES_PER_ADDRESS=0, RINGUP_SEARCHES_PER_BROWSER=0, RINGUP_SHELF_SECONDS=60
    ):
        yield None


@pytest.mark.usefixtures("patient")
def test_any_address_gives_a_page_or_a_fragment(buyer: Buyer) -> None:
    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ADDRESSES, st.sampled_from([True, True, True, True, True, False]))
    def holds(address: list[tuple[str, str]], is_fragment: bool) -> None:
        query = urlencode(address, errors="replace")
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/?{query}"}
        answer = buyer.browser.get(f"/?{query}", headers=headers if is_fragment else {})
        assert answer.status_code == 200, query
        assert b"<b>" not in answer.content.partition(b"find__results")[2], query

    holds()


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    "address",
    [
        "q=" + "5" * 10_000,
        "q=" + "*?" * 5_000,
        "q=" + quote("\u202e+1 416\u200f"),
        "q=%00%00&country=%00&after=%00",
        "q=%25_%25&centre=%25",
        "q=%ff%fe%ED%A0%80",
        "country=XX&region=%3Cscript%3E&centre=%27",
        "after=-1&page=-1",
        "after=" + "A" * 5_000,
        "row=-5&row=5&row=99999999999999999999",
        "feature=" + "&feature=".join(map(str, range(300))),
        "centres=all&centre_like=" + "x" * 9_000,
        "for=no-such-thing&sort=&type=",
        "q=1&q=2&q=3",
    ],
)
def test_these_addresses_too(buyer: Buyer, address: str) -> None:
    for headers in ({}, {"HX-Request": "true", "HX-Current-URL": f"http://testserver/?{address}"}):
        answer = buyer.browser.get(f"/?{address}", headers=headers)
        assert answer.status_code == 200
        assert b"<script>" not in answer.content.partition(b"find__results")[2]
        assert len(answer.content) < 200_000


@pytest.mark.usefixtures("patient")
def test_a_cursor_of_another_list_leads_somewhere_or_says_that_it_is_over(buyer: Buyer) -> None:
    behind = str(
        Cursor(2**52, 0, 0, 2**52, 0, Place("United States", "New York", "BUFFALO", "US", "NY"))
    )
    assert Cursor.read(behind)

    page = buyer.get("/", after=behind, sort="price")

    assert page.status_code == 200
    assert "There are no more numbers" in text_of(page)
    assert buyer.get("/", after=behind, q="212").status_code == 200


@pytest.mark.usefixtures("patient")
def test_what_is_sent_with_a_choice_is_no_more_trusted(buyer: Buyer) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(TEXT, TEXT, TEXT)
    def holds(e164: str, slug: str, query: str) -> None:
        data = {"e164": e164, "slug": slug, "query": query}
        for more in ({}, {"drop": e164}):
            back = buyer.browser.post("/select/", data | more)
            assert back.status_code == 302
            assert back["Location"].startswith("/"), "never to another site"
            assert not back["Location"].startswith("//")

    holds()
