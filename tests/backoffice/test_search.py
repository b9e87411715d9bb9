"""One search over everything: by what people know, for whom it is meant, and harmless."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ringup.accounts import roles
from ringup.accounts.roles import Can, Role
from tests.factories import Shop, make_pbx_order
from tests.world import People, make_user


def found(browser: Browser, words: str) -> dict[str, list[str]]:
    """What stands below the box, by group."""
    answer = browser.get(reverse("office:search"), {"q": words}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    return {group.title: [hit.text for hit in group.hits] for group in answer.context["groups"]}


def test_each_thing_is_found_by_what_people_know(
    staff: Browser, shop: Shop, people: People
) -> None:
    order = make_pbx_order(shop, people.acme, domain="karoo.pbx.example", e164="+16465550177")
    assert found(staff, order.label) == {"Orders": [order.label]}
    assert found(staff, order.label.lower().replace("-", ""))["Orders"] == [order.label]
    assert found(staff, "ACME con") == {"Clients": ["Acme"]}
    assert found(staff, "alice@") == {"People": ["Alice, alice@example.com"]}
    for typed in ("+1 (646) 555-0177", "555 0177", "6465550", "16465550177"):
        assert found(staff, typed)["Numbers"] == ["+1 646 555 0177"], typed
    assert found(staff, "Karoo.pbx") == {"Services": ["karoo.pbx.example"]}


def test_every_hit_leads_somewhere(staff: Browser, shop: Shop, people: People) -> None:
    order = make_pbx_order(shop, people.acme, domain="acme.pbx.example", e164="+16465550177")
    for words in ("acme", "alice", "0177", order.label):
        answer = staff.get(reverse("office:search"), {"q": words}, headers={"HX-Request": "true"})
        for group in answer.context["groups"]:
            for hit in group.hits:
                assert staff.get(hit.url).status_code == 200, hit


def test_the_page_leads_on_where_there_is_one_thing(
    staff: Browser, shop: Shop, people: People
) -> None:
    order = make_pbx_order(shop, people.acme, domain="acme.pbx.example")
    answer = staff.get(reverse("office:search"), {"q": order.label})
    assert answer["Location"] == reverse("office:order", args=[order.uid])
    text = staff.get(reverse("office:search"), {"q": "acme"}).content.decode()
    assert "acme.pbx.example" in text
    assert "Nothing found" in staff.get(reverse("office:search"), {"q": "zzz"}).content.decode()


@pytest.mark.parametrize(
    "words",
    ["", "a", "%%", "__", "'; DROP TABLE x; --", "\\\\", "\x00\x00", "9" * 300, "R-" + "9" * 12],
)
def test_odd_words_find_nothing_and_do_no_harm(
    staff: Browser, shop: Shop, people: People, words: str
) -> None:
    make_pbx_order(shop, people.acme)
    assert found(staff, words) == {}
    assert staff.get(reverse("office:search"), {"q": words}).status_code == 200


def test_what_is_found_is_escaped(staff: Browser, shop: Shop, people: People) -> None:
    people.acme.name = "<script>alert(1)</script>"
    people.acme.save()
    query = {"q": "<script>"}
    for headers in ({}, {"HX-Request": "true"}):
        answer = staff.get(reverse("office:search"), query, headers=headers, follow=True)
        assert "<script>alert" not in answer.content.decode()


def test_a_role_finds_only_what_it_may_see(
    shop: Shop, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_pbx_order(shop, people.acme, domain="acme.pbx.example", e164="+16465550177")
    browser = Browser()
    browser.force_login(make_user("robin", None, is_staff=True, role=Role.SUPPORT))
    assert set(found(browser, "0177")) == {"Numbers"}
    monkeypatch.setitem(roles.CAPABILITIES, Role.SUPPORT, frozenset({Can.SEE_CLIENTS}))
    assert found(browser, "0177") == found(browser, order.label) == {}
    assert set(found(browser, "acme")) == {"Clients", "Services"}
    monkeypatch.setitem(roles.CAPABILITIES, Role.SUPPORT, frozenset({Can.SEE_ORDERS}))
    assert browser.get(reverse("office:search"), {"q": "acme"}).status_code == 403


def test_the_box_stands_on_every_page(staff: Browser, shop: Shop, people: People) -> None:
    make_pbx_order(shop, people.acme)
    for page in ("office:home", "office:queue", "office:clients", "office:health"):
        assert "data-finds" in staff.get(reverse(page)).content.decode()
