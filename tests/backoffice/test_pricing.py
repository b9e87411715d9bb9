"""Number prices, exchange rates and the CSV of the catalogue, as pages."""

from __future__ import annotations

import base64
import csv
import html
import zlib
from datetime import timedelta
from io import StringIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import ExchangeRate, NumberPriceRule, Price, Product, ProductGroup
from ringup.core.models import Activity
from ringup.core.money import Money
from tests.factories import Shop, make_pbx_order
from tests.world import People, make_user

RULES, RATES = "office:price-rules", "office:exchange-rates"
RULE = {"country": "us", "number_type": "toll-free", "currency": "usd", "percent": "40"}


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:3000]
    return html.unescape(answer.content.decode())


def page(browser: Browser, name: str, *args: Any, **query: str) -> str:
    return text_of(browser.get(reverse(name, args=args), query))


def reader(role: str) -> Browser:
    browser = Browser()
    browser.force_login(make_user("robin", None, is_staff=True, role=role))
    return browser


# -- rules ----------------------------------------------------------------------------------------


def test_rules_are_listed_by_precedence_and_can_be_filtered(staff: Browser, shop: Shop) -> None:
    for country, kind in (("US", ""), ("", "toll-free"), ("US", "toll-free"), ("CA", "")):
        rule = NumberPriceRule(account=shop.account, country=country, number_type=kind)
        rule.addition = rule.floor = rule.rounding = Money.zero("USD")
        rule.fixed = Money.of("3.50", "USD") if kind and country else None
        rule.save()
    answer = staff.get(reverse(RULES))
    covers = [rule.covers for rule in answer.context["rules"]]
    assert covers == [
        "US, toll-free",
        "US, every type",
        "CA, every type",
        "Every country, toll-free",
        "Every number",
    ]
    text = text_of(answer)
    assert "The most specific rule wins" in text
    assert "Below cost where the carrier asks more than $3.50." in text
    assert text.count("May sell below cost") == 1
    listed = staff.get(reverse(RULES), {"country": "ca", "provider": shop.account.name})
    assert [rule.covers for rule in listed.context["rules"]] == [
        "CA, every type",
        "Every country, toll-free",
        "Every number",
    ]
    assert "No rule matches" in page(staff, RULES, provider="Nobody\x00")
    lines = staff.get(reverse("office:price-rules-export"), {"country": "US"}).content.decode()
    rows = list(csv.DictReader(StringIO(lines.removeprefix("\ufeff"))))
    assert [(row["country"], row["number_type"], row["fixed"]) for row in rows] == [
        ("US", "toll-free", "3.50"),
        ("US", "", ""),
        ("", "toll-free", ""),
        ("", "", ""),
    ]


def test_a_rule_is_written_changed_and_deleted(staff: Browser, shop: Shop) -> None:
    new = reverse("office:price-rule-new")
    assert f'value="{shop.account.pk}" selected' in page(
        staff, "office:price-rule-new", provider=shop.account.name
    )
    sent = RULE | {"account": str(shop.account.pk), "rounding": "0,10", "floor": "2.00"}
    assert staff.post(new, sent)["Location"] == reverse(RULES)
    rule = NumberPriceRule.objects.get(country="US")
    assert (rule.number_type, rule.currency, rule.percent) == ("toll-free", "USD", 40)
    assert (rule.rounding, rule.floor, rule.fixed) == (
        Money.of("0.10", "USD"),
        Money.of("2", "USD"),
        None,
    )
    assert "There is a rule for this provider" in text_of(staff.post(new, sent), 422)
    where = reverse("office:price-rule", args=[rule.pk])
    assert 'value="0.10"' in text_of(staff.get(where))
    changed = RULE | {"rounding": "0.1", "floor": "2.5", "fixed_setup": "0"}
    assert staff.post(where, changed).status_code == 302
    rule.refresh_from_db()
    assert (rule.floor, rule.fixed_setup) == (Money.of("2.50", "USD"), Money.zero("USD"))
    newest = Activity.objects.filter(subject=f"price-rule:{rule.pk}").latest("pk")
    assert newest.detail["floor"] == ["2", "2.5"]
    assert "rounding" not in newest.detail
    assert "“Every number” says: Cost + 60 % + $0.50" in page(
        staff, "office:price-rule-delete", rule.pk
    )
    assert staff.post(reverse("office:price-rule-delete", args=[rule.pk])).status_code == 302
    (last,) = NumberPriceRule.objects.all()
    assert "not on sale any more" in page(staff, "office:price-rule-delete", last.pk)
    assert NumberPriceRule.objects.count() == 1


NO_RULES = [
    ("account", "999999999999999999999", "Select a valid choice"),
    ("country", "XX", "two letters of a country"),
    ("country", "U\x00", "Null characters are not allowed"),
    ("number_type", "satellite", "Select a valid choice"),
    ("currency", "UDS", "three letters of a currency"),
    ("currency", "", "This field is required"),
    ("percent", "-1", "greater than or equal to 0"),
    ("percent", "9" * 5000, "Enter a whole number"),
    ("percent", "1001", "less than or equal to 1000"),
    ("floor", "1.505", "fraction of a coin in USD"),
    ("rounding", "0.005", "fraction of a coin in USD"),
    ("floor", "-1", "digits alone"),
    ("floor", "1e3", "digits alone"),
    ("floor", "٣", "digits alone"),
    ("addition", "x" * 10_000, "digits alone"),
    ("addition", "0.0000001", "six digits"),
    ("addition", "1000001", "at most 1,000,000"),
    ("fixed", "2.00", "does not look at the cost"),
]


def test_what_is_no_rule_is_a_sentence_at_its_field(staff: Browser, shop: Shop) -> None:
    for field, typed, words in NO_RULES:
        sent = RULE | {"account": str(shop.account.pk), field: typed}
        text = text_of(staff.post(reverse("office:price-rule-new"), sent), 422)
        assert words in text, (field, typed[:40])
    assert NumberPriceRule.objects.count() == 1


def test_the_calculator_says_which_rule_applies_and_what_is_left(
    staff: Browser, shop: Shop
) -> None:
    asked = {
        "try-provider": str(shop.account.pk),
        "try-country": "us",
        "try-number_type": "geographic",
        "try-cost": "0,85",
        "try-setup": "0.40",
    }
    whole = page(staff, RULES, **asked)
    fragment = text_of(staff.get(reverse(RULES), asked, headers={"HX-Request": "true"}))
    assert "<html" in whole
    assert "<html" not in fragment
    for text in (whole, fragment):
        # 0.85 + 60 % + 0.50 = 1.86, up to 1.90; set-up 0.40 + 50 %.
        assert "$1.90" in text
        assert "$1.05" in text
        assert "By the rule “Every number”" in text
        assert "$0.60" in text
    assert "no exchange rate from EUR to USD" in page(
        staff, RULES, **asked, **{"try-cost_currency": "EUR"}
    )
    assert "No rule of" in page(staff, RULES, **asked, **{"try-currency": "EUR"})
    assert "Cost a month: Write the amount" in page(staff, RULES, **asked | {"try-cost": "many"})
    NumberPriceRule.objects.update(fixed_micros=500_000, fixed_currency="USD", floor_micros=0)
    assert "This sells below cost." in page(staff, RULES, **asked)
    CarrierAccount.objects.update(countries=["CA"])
    assert "does not sell in US" in page(staff, RULES, **asked)


def test_a_rule_can_be_tried_before_it_is_saved(staff: Browser, shop: Shop) -> None:
    where = reverse("office:price-rule", args=[NumberPriceRule.objects.get().pk])
    sent = {"currency": "USD", "percent": "100", "cost": "1.00", "try": "yes"}
    for headers in ({}, {"HX-Request": "true"}):
        text = text_of(staff.post(where, sent, headers=headers))
        assert ("<html" in text) == (not headers)
        assert "$2.00" in text
    assert "Country: Type the two letters" in text_of(
        staff.post(where, sent | {"country": "XX"}, headers={"HX-Request": "true"})
    )
    assert NumberPriceRule.objects.get().percent == 60


def test_what_nobody_can_buy_is_told_with_the_way_out(staff: Browser, shop: Shop) -> None:
    assert "Numbers that nobody can buy" not in page(staff, RULES)
    CarrierAccount.objects.update(currency="EUR")
    for name in (RULES, RATES):
        text = page(staff, name)
        assert "charges in EUR, and no rate leads to USD" in text
        assert f"{reverse('office:exchange-rate-set')}?base=EUR&quote=USD" in text
    NumberPriceRule.objects.all().delete()
    assert "has no price rule in USD" in page(staff, RULES)
    assert "No number has a price yet" in page(staff, RULES)


def test_hundreds_of_rules_take_few_queries(
    staff: Browser, shop: Shop, django_assert_max_num_queries: Any
) -> None:
    zero = {f"{name}_{part}": value for name in ("addition", "floor", "rounding")
            for part, value in (("micros", 0), ("currency", "USD"))}  # fmt: skip
    NumberPriceRule.objects.bulk_create(
        NumberPriceRule(account=shop.account, country=a + b, **zero)
        for a in "ABCDEFGHIJ" for b in "KLMNOPQRST"
    )  # fmt: skip
    with django_assert_max_num_queries(15):
        text = page(staff, RULES)
    assert "1 to 50 of 101" in text


# -- exchange rates -------------------------------------------------------------------------------


def test_rates_are_set_changed_and_deleted(staff: Browser, shop: Shop, people: People) -> None:
    put = reverse("office:exchange-rate-set")
    sent = {"base": "eur", "rate": "1,0825", "quote": "USD"}
    assert staff.post(put, sent)["Location"] == reverse(RATES)
    text = page(staff, RATES)
    assert "1 EUR = 1.0825 USD" in text
    assert "1 USD = 0.923788 EUR" in text
    assert f"by {people.sam.get_full_name() or 'Sam'}" in text
    assert ">Old<" not in text
    ExchangeRate.objects.update(changed=timezone.now() - timedelta(days=31))
    assert "Old" in page(staff, RATES)
    assert "Old exchange rate: EUR to USD" in page(staff, RULES)
    assert 'value="1.0825"' in page(staff, "office:exchange-rate-set", base="EUR", quote="USD")
    staff.post(put, sent | {"rate": "1.1"})
    row = ExchangeRate.objects.get()
    assert row.rate_micros == 1_100_000
    refused = text_of(staff.post(put, {"base": "USD", "rate": "1.2", "quote": "EUR"}), 422)
    assert "1 EUR = 1.1 USD is stored as well" in refused
    for field, typed, words in (
        ("rate", "0", "more than zero"),
        ("rate", "1.0000001", "six digits"),
        ("rate", "9999999999", "at most"),
        ("base", "EURO", "three letters"),
        ("base", "US1", "three letters"),
        ("quote", "EUR", "two different currencies"),
    ):
        assert words in text_of(staff.post(put, sent | {field: typed}), 422), (field, typed)
    assert ExchangeRate.objects.get() == row
    assert "not on sale any more" in page(staff, "office:exchange-rate-delete", row.pk)
    assert staff.post(reverse("office:exchange-rate-delete", args=[row.pk])).status_code == 302
    assert not ExchangeRate.objects.exists()
    assert "No exchange rate yet" in page(staff, RATES)


def test_who_may_not_change_prices_only_reads(shop: Shop) -> None:
    browser = reader("read-only")
    for name in (RULES, RATES):
        text = page(browser, name)
        assert reverse("office:price-rule-new") not in text
        assert reverse("office:exchange-rate-set") not in text
    assert browser.get(reverse("office:catalogue-export")).status_code == 200
    for name in ("office:price-rule-new", "office:exchange-rate-set", "office:catalogue-import"):
        assert browser.post(reverse(name), {}).status_code == 403


# -- CSV ------------------------------------------------------------------------------------------

IMPORT = "office:catalogue-import"
FILE = "slug,name,cycle,currency,amount\nnumber,Number,monthly,USD,1.50\n"


def upload(browser: Browser, data: str | bytes) -> Any:
    raw = data.encode() if isinstance(data, str) else data
    return browser.post(reverse(IMPORT), {"file": SimpleUploadedFile("x.csv", raw)})


def confirm(browser: Browser, preview: Any, **more: str) -> Any:
    sent = {"packed": preview.context["packed"], "seen": preview.context["plan"].mark}
    return browser.post(reverse(IMPORT), sent | more)


def test_a_file_is_shown_first_and_imported_then(staff: Browser, shop: Shop) -> None:
    preview = upload(staff, FILE)
    text = text_of(preview)
    assert "<del>Phone number</del> <ins>Number</ins>" in text
    assert "<del>0.00</del> <ins>1.50</ins>" in text
    assert Product.objects.get(slug="number").name == "Phone number"
    rows = confirm(staff, preview, download="yes").content.decode().splitlines()
    assert rows[1] == f"2,change,{shop.number.code},Number,name,Phone number,Number,"
    assert Product.objects.get(slug="number").name == "Phone number"
    done = confirm(staff, preview)
    assert done["Location"] == reverse("office:products")
    assert Price.objects.get(product=shop.number, cycle="monthly").amount == Money.of("1.50", "USD")
    assert "Nothing: everything in the file is so already." in text_of(upload(staff, FILE))
    assert "changes nothing" in text_of(confirm(staff, upload(staff, FILE)), 422)
    whole = staff.get(reverse("office:catalogue-export")).content
    assert upload(staff, whole).context["counts"]["same"] == whole.count(b"\r\n") - 1


def test_a_changed_catalogue_shows_the_differences_again(staff: Browser, shop: Shop) -> None:
    preview = upload(staff, FILE)
    Product.objects.filter(slug="number").update(name="Another name")
    again = confirm(staff, preview)
    text = text_of(again, 422)
    assert "not what the preview was made from. Nothing was imported." in text
    assert "<del>Another name</del> <ins>Number</ins>" in text
    assert Product.objects.get(slug="number").name == "Another name"
    assert confirm(staff, again).status_code == 302
    other = {"packed": upload(staff, FILE.replace("1.50", "9.50")).context["packed"]}
    other["seen"] = upload(staff, FILE.replace("1.50", "2.50")).context["plan"].mark
    assert "Nothing was imported" in text_of(staff.post(reverse(IMPORT), other), 422)


def test_new_groups_are_made_when_somebody_says_so(staff: Browser, shop: Shop) -> None:
    preview = upload(staff, "slug,kind,group,name\nfax,add-on,Extras <b>,Fax\n")
    assert b"Extras &lt;b&gt;" in preview.content
    refused = confirm(staff, preview)
    assert "names groups that do not exist" in text_of(refused, 422)
    assert not ProductGroup.objects.filter(name="Extras <b>").exists()
    assert confirm(staff, refused, make_groups="yes").status_code == 302
    assert Product.objects.get(slug="fax").group.name == "Extras <b>"


def test_broken_lines_are_all_listed_and_nothing_can_be_imported(
    staff: Browser, shop: Shop, people: People
) -> None:
    make_pbx_order(shop, people.acme)
    broken = "".join(f"nobody-{n},number,monthly,USD,1\n" for n in range(700))
    preview = upload(
        staff, f"slug,kind,cycle,currency,amount\nseat,add-on,monthly,USD,-1\n{broken}"
    )
    text = text_of(preview)
    assert "701 of 701 lines are broken" in text
    assert "was ordered already" in text
    assert [row.line for row in preview.context["broken"]] == list(range(2, 703))
    assert "nobody-699 is new and needs a group" in text
    assert "Import 0" not in text
    assert "701 lines are broken" in text_of(confirm(staff, preview), 422)


def test_what_is_no_file_is_a_sentence(staff: Browser, shop: Shop) -> None:
    for data, words in (
        (b"", "The file is empty."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not text in UTF-8"),
        (b"slug;name\n" + b"x" * 2_100_000, "larger than 2 MB"),
        (b"a,b\n1,2\n", "must name the columns"),
    ):
        assert words in text_of(upload(staff, data), 422)
    assert "Choose a CSV file." in text_of(staff.post(reverse(IMPORT), {}), 422)


def test_a_preview_that_was_tampered_with_is_refused(staff: Browser, shop: Shop) -> None:
    bomb = base64.b64encode(zlib.compress(b"slug\n" + b"x" * 5_000_000)).decode()
    for packed, words in [
        *((each, "did not come back whole") for each in ("", "no base64", "AAAA", "eJw=", "é")),
        (bomb, "larger than 2 MB"),
    ]:
        answer = staff.post(reverse(IMPORT), {"packed": packed, "seen": "x"})
        assert words in text_of(answer, 422), packed[:20]
