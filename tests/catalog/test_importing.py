"""Products and prices as CSV: what comes out goes in again, and what is broken changes nothing."""

from __future__ import annotations

import csv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Barrier, local
from typing import Any

import pytest
from django.db import connection

from ringup.backoffice.spreadsheet import FORMULA_STARTS, csv_lines
from ringup.catalog.csv import writing
from ringup.catalog.csv.columns import COLUMNS
from ringup.catalog.csv.exporting import catalogue_rows
from ringup.catalog.csv.importing import ImportPlan, plan_import
from ringup.catalog.csv.reading import guarded, read_sheet, unguarded
from ringup.catalog.csv.writing import PreviewAgain, import_file
from ringup.catalog.models import Bundle, Price, Product, ProductGroup
from ringup.core.actors import Actor
from ringup.core.fields import money_columns
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from tests.factories import Shop, make_shop

MAYA = Actor("staff:9", "Maya")


@pytest.fixture
def shop(db: None) -> Shop:
    shop = make_shop()
    seat = Product.objects.get(slug="seat")
    for cycle, amount in (("monthly", "5"), ("annual", "50")):
        columns = money_columns(setup=Money.of("0", "USD"), amount=Money.of(amount, "USD"))
        Price.objects.update_or_create(product=seat, cycle=cycle, currency="USD", defaults=columns)
    return shop


def never(product: Product) -> bool:
    return False


def plan(
    text: str | bytes, *, currency: str = "USD", is_ordered: Callable[[Product], bool] = never
) -> ImportPlan:
    data = text.encode() if isinstance(text, str) else text
    return plan_import(data, currency=currency, is_ordered=is_ordered)


def bring_in(text: str, *, groups: bool = False, seen: str = "") -> ImportPlan:
    return import_file(
        text.encode(),
        seen=seen or plan(text).mark,
        may_make_groups=groups,
        currency="USD",
        is_ordered=never,
        actor=MAYA,
    )


def exported() -> str:
    return "".join(csv_lines(COLUMNS, catalogue_rows()))


def state() -> list[Any]:
    """Everything that an import may touch."""
    return [
        list(model.objects.order_by("pk").values_list())
        for model in (ProductGroup, Product, Bundle, Price, Bundle.products.through, Activity)
    ]


def faults(text: str, **more: Any) -> list[tuple[int, str, str]]:
    return [
        (row.line, column, sentence)
        for row in plan(text, **more).rows
        for column, sentence in row.faults
    ]


# -- out and in -----------------------------------------------------------------------------------


def test_what_was_exported_changes_nothing(shop: Shop) -> None:
    product = Product.objects.get(slug="seat")
    product.name, product.description, product.stock = "=Seat", '\'@twice, "quoted"; ünïcode', 7
    product.save()
    Product.objects.create(slug="no-price", name="No price", kind="add-on", group=product.group)
    text = exported()
    rows = list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))
    assert tuple(rows[0]) == COLUMNS
    (line,) = [row for row in rows if row["slug"] == "no-price"]
    assert (line["cycle"], line["currency"], line["amount"]) == ("", "", "")
    bundle = [row for row in rows if row["kind"] == "bundle"]
    assert [(row["cycle"], row["amount"]) for row in bundle] == [
        ("monthly", "79.00"),
        ("annual", "790.00"),
    ]
    assert bundle[0]["contents"] == "hosted-pbx:1;pbx-number:1;seat:10"
    assert bundle[0]["included_number"] == "2.50 USD"
    assert bundle[0]["id"] == shop.bundle.code
    found = plan(text)
    assert found.counts == {"create": 0, "change": 0, "same": len(rows), "broken": 0}
    with pytest.raises(PreviewAgain, match="changes nothing"):
        bring_in(text)
    semicolons = text.replace("\ufeff", "")
    table = list(csv.reader(StringIO(semicolons)))
    for separator in (";", "\t"):
        buffer = StringIO()
        csv.writer(buffer, delimiter=separator, lineterminator="\n").writerows(table)
        assert plan(f"sep={separator}\n" + buffer.getvalue()).counts == found.counts


@pytest.mark.once
def test_the_guard_against_formulas_comes_off_again() -> None:
    cells = [f"{quotes}{start}x" for quotes in ("", "'", "''") for start in FORMULA_STARTS]
    cells += ["'", "plain", "'plain", "a=b", ""]
    lines = list(csv_lines(["name"], [[guarded(cell)] for cell in cells]))
    back = [row[0] for row in csv.reader(StringIO("".join(lines[2:]), newline=""))]
    assert [unguarded(cell) for cell in back] == cells
    for cell, written in zip(cells, back, strict=True):
        assert not written.startswith(FORMULA_STARTS), cell


# -- changing -------------------------------------------------------------------------------------


def test_a_file_creates_and_changes_products_bundles_and_prices(shop: Shop) -> None:
    text = (
        (
            "slug;kind;group;name;seats;cycle;currency;setup;amount;contents;included_number\n"
            "seat;;;Seat, renamed;;monthly;USD;;5,50;;\n"
            "seat;;;Seat, renamed;;quarterly;USD;1;15;;\n"
            "recording;add-on;Extras;Call recording;;one-time;EUR;;9,90;;\n"
            "starter;bundle;Extras;Starter;;;;;;hosted-pbx:1;3,00 EUR\n"
            "hosted-pbx-10;;;;;;;;;hosted-pbx:1;recording:1|seat:12\n"
        )
        .replace("hosted-pbx:1;recording", '"hosted-pbx:1;recording')
        .replace("seat:12", 'seat:12";')
    )
    found = plan(text)
    assert found.broken == []
    assert [row.action for row in found.rows] == ["change", "change", "create", "create", "change"]
    assert found.rows[0].changes == [
        ("name", "Seat", "Seat, renamed"),
        ("amount monthly USD", "5.00", "5.50"),
    ]
    assert found.rows[4].changes == [
        ("contents", "hosted-pbx:1;pbx-number:1;seat:10", "hosted-pbx:1;recording:1;seat:12")
    ]
    before = state()
    with pytest.raises(PreviewAgain, match="groups that do not exist"):
        bring_in(text)
    assert state() == before
    bring_in(text, groups=True)

    seat = Product.objects.get(slug="seat")
    assert seat.name == "Seat, renamed"
    assert {(p.cycle, p.setup, p.amount) for p in seat.prices.all()} == {
        ("monthly", Money.of("0", "USD"), Money.of("5.50", "USD")),
        ("quarterly", Money.of("1", "USD"), Money.of("15", "USD")),
        ("annual", Money.of("0", "USD"), Money.of("50", "USD")),
    }
    recording = Product.objects.get(slug="recording")
    assert (recording.group.name, recording.kind, recording.tax_class) == (
        "Extras",
        "add-on",
        "telecom",
    )
    starter = Bundle.objects.get(slug="starter")
    assert starter.included_number == Money.of("3", "EUR")
    assert [(i.product.slug, i.quantity) for i in starter.items.all()] == [("hosted-pbx", 1)]
    held = {item.product.slug: item.quantity for item in shop.bundle.items.all()}
    assert held == {"hosted-pbx": 1, "recording": 1, "seat": 12}
    assert plan(text).counts == {"create": 0, "change": 0, "same": 5, "broken": 0}
    (row,) = Activity.objects.filter(subject="catalogue:import")
    assert row.detail == {"create": 2, "change": 3, "same": 0, "broken": 0}
    history = Activity.objects.get(subject=f"product:{seat.uid}")
    assert history.detail["amount monthly USD"] == ["5.00", "5.50"]


def test_columns_and_cells_that_are_left_out_stay_as_they_are(shop: Shop) -> None:
    Product.objects.filter(slug="seat").update(description="Extension", stock=5)
    before = state()[:5]
    assert plan("SLUG,Seats,Tax Class,hidden,retired\nseat,,,,\n").counts["same"] == 1
    # Only what can be empty is emptied.
    bring_in("id,description,stock\n" + Product.objects.get(slug="seat").code + ",,\n")
    seat = Product.objects.get(slug="seat")
    assert (seat.description, seat.stock, seat.name) == ("", None, "Seat")
    Product.objects.filter(slug="seat").update(description="Extension", stock=5)
    assert state()[:5] == before
    # Without a column for the currency, the shop's is meant; an empty amount is left.
    assert plan("slug,cycle,setup\nseat,monthly,2.00\n").rows[0].changes == [
        ("setup monthly USD", "0.00", "2.00")
    ]
    assert plan("slug,cycle,amount\nseat,Semi-annual,30\n", currency="EUR").rows[0].changes == [
        ("amount semi-annual EUR", "", "30.00")
    ]


def test_a_slug_can_be_changed_by_id_and_is_never_given_twice(shop: Shop) -> None:
    seat, number = Product.objects.get(slug="seat"), shop.number
    bring_in(f"id,slug\n{seat.code},extension\n")
    assert Product.objects.get(pk=seat.pk).slug == "extension"
    text = f"id,slug\n{seat.code},number\n{number.code},hosted-pbx-10\n"
    assert faults(text) == [
        (2, "slug", f"number belongs to {number.code}. Choose another."),
        (3, "slug", f"hosted-pbx-10 belongs to {shop.bundle.code}. Choose another."),
    ]
    text = f"id,slug,kind,group,name\n{seat.code},fresh,,,\n,fresh,add-on,Telephone service,Fresh\n"
    assert [(line, column) for line, column, _ in faults(text)] == [(3, "slug")]


# -- broken rows ----------------------------------------------------------------------------------

BROKEN = [
    ("id,name\nP-99999,x\n", "id", "There is no P-99999"),
    ("id,slug,name\n,,x\n", "slug", "Give the id or the slug"),
    ("slug,name,group\nfresh,Fresh,Telephone service\n", "kind", "say what it is"),
    ("slug,kind,group\nfresh,number,Telephone service\n", "name", "needs a name"),
    ("slug,kind,name\nfresh,number,Fresh\n", "group", "needs a group"),
    ("slug,kind\nseat,chair\n", "kind", "Write one of: number"),
    ("slug,kind\nseat,bundle\n", "kind", "is a product, and stays one"),
    ("slug,kind\nhosted-pbx-10,seats\n", "kind", "is a bundle, and stays one"),
    ("slug,kind,group,name\nno good,number,Telephone service,X\n", "slug", "letters a to z"),
    ("slug,name\nseat," + "x" * 81 + "\n", "name", "at most 80 characters; these are 81"),
    ("slug,description\nseat," + "x" * 10_000 + "\n", "description", "at most 250"),
    ("slug,seats\nseat,-1\n", "seats", "whole number"),
    ("slug,seats\nseat,٣\n", "seats", "whole number"),
    ("slug,seats\nseat,99999999999999999999\n", "seats", "whole number"),
    ("slug,seats\nhosted-pbx-10,5\n", "seats", "seats of its products"),
    ("slug,stock\nseat,many\n", "stock", "whole number"),
    ("slug,hidden\nseat,maybe\n", "hidden", "yes or no"),
    ("slug,tax_class\nseat,tax class\n", "tax_class", "for example telecom"),
    ("slug,cycle,amount\nseat,weekly,5\n", "cycle", "Nobody knows this cycle"),
    ("slug,amount\nseat,5\n", "cycle", "Say how often"),
    ("slug,cycle,currency,amount\nseat,monthly,,5\n", "currency", "three letters"),
    ("slug,cycle,currency,amount\nseat,monthly,XYZ,5\n", "currency", "three letters"),
    ("slug,cycle,amount\nseat,monthly,$5\n", "amount", "digits alone"),
    ("slug,cycle,amount\nseat,monthly,-5\n", "amount", "digits alone"),
    ("slug,cycle,amount\nseat,monthly,1e5\n", "amount", "digits alone"),
    ("slug,cycle,amount\nseat,monthly,٥\n", "amount", "digits alone"),
    ("slug,cycle,amount\nseat,monthly,0.0000001\n", "amount", "six digits"),
    ("slug,cycle,amount\nseat,monthly,999999999999\n", "amount", "at most 100,000,000"),
    ('slug,cycle,amount\nseat,monthly,"5,50"\n', "amount", "Write 5.50, with a point"),
    ("slug;cycle;amount\nseat;monthly;1,234\n", "amount", "Write 1234 or 1.234"),
    ("slug,cycle\nseat,quarterly\n", "amount", "needs an amount"),
    ("slug,cycle,amount\nseat,free,5\n", "amount", "Free has no amounts"),
    ("slug,cycle,amount\nseat,one-time,5\n", "cycle", "free, one-time or recurring"),
    ("slug,contents\nseat,number:1\n", "contents", "Only a bundle"),
    ("slug,contents\nhosted-pbx-10,nothing:1\n", "contents", "no product nothing"),
    ("slug,contents\nhosted-pbx-10,hosted-pbx-10:1\n", "contents", "is a bundle"),
    ("slug,contents\nhosted-pbx-10,seat:0\n", "contents", "no slug:quantity"),
    ("slug,contents\nhosted-pbx-10,seat:1;seat:2\n", "contents", "twice"),
    ("slug,contents\nhosted-pbx-10,number:1\n", "contents", "retired"),
    ("slug,retired\nnumber,no\n", "retired", "Bring it back on its page"),
    ("slug,included_number\nseat,2 USD\n", "included_number", "Only a bundle"),
    ("slug,included_number\nhosted-pbx-10,2 XYZ\n", "included_number", "for example 2.50 USD"),
    ("slug,hidden\nhosted-pbx,no\n", "seats", "needs seats"),
    ("slug,name\nseat\n", "", "The line has 1 cells, the header 2"),
    ("slug,name\nseat,a,b\n", "", "The line has 3 cells, the header 2"),
    ('slug,name\nseat,"a\nb"\n', "", "line break or a control character in name"),
]


def test_each_broken_line_is_a_sentence_at_its_column(shop: Shop) -> None:
    Product.objects.filter(slug="number").update(is_retired=True)
    before = state()
    for text, column, words in BROKEN:
        found = faults(text)
        assert [line for line, _, _ in found] == [2], (text, found)
        assert found[0][1] == column, (text, found)
        assert words in found[0][2], (text, found)
    for text, _, _ in BROKEN[::9]:
        with pytest.raises(PreviewAgain, match="1 lines are broken"):
            bring_in(text)
    assert state() == before


def test_one_broken_line_keeps_the_whole_file_out(shop: Shop) -> None:
    text = (
        "slug,cycle,amount,name\r\n"
        "seat,monthly,6.00,\r\n"
        "\r\n"
        "seat,monthly,7.00,\r\n"
        "number,weekly,7.00,\r\n"
        "hosted-pbx,,,One name\r\n"
        "hosted-pbx,annual,1,Another name\r\n"
        "hosted-pbx,,,One name\r\n"
        "fresh,monthly,1,Fresh\r\n"
        "fresh,annual,1,Fresh\r\n"
    )
    before = state()
    assert [(line, column) for line, column, _ in faults(text)] == [
        (4, "cycle"),
        (5, "cycle"),
        (7, "name"),
        (8, ""),
        (9, "kind"),
        (10, "slug"),
    ]
    assert "Line 2 has this cycle" in faults(text)[0][2]
    assert "Line 6 says “One name”" in faults(text)[2][2]
    with pytest.raises(PreviewAgain, match="Nothing was imported"):
        bring_in(text)
    assert state() == before


def test_a_product_that_was_ordered_keeps_its_kind(shop: Shop) -> None:
    text = "slug,kind\nseat,add-on\n"
    assert faults(text) == []
    (fault,) = faults(text, is_ordered=lambda product: product.slug == "seat")
    assert fault[1:] == (
        "kind",
        f"{Product.objects.get(slug='seat').code} was ordered already, so it keeps its kind. "
        "Add another product.",
    )


@pytest.mark.once
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "is empty"),
        (b"slug,name\n", "a header and no lines"),
        (b"slug,name\n,\n", "a header and no lines"),
        (b"seat,5.00\n", "must name the columns"),
        (b"slug,nmae\nseat,x\n", "Nobody knows the column “nmae”"),
        (b"slug,slug\nseat,x\n", "is there twice"),
        (b"slug,name\nseat,caf\xe9\n", "not text in UTF-8"),
        ("slug,name\nseat,x\n".encode("utf-16"), "not text in UTF-8"),
        (b"slug,name\nseat,a\x00b\n", "not a CSV file"),
        (b"PK\x03\x04\x14\x00\x06\x00", "a workbook"),
        (bytes(range(1, 256)), "not text in UTF-8"),
        (b"\x01\x02\x03\x04", "must name the columns"),
        (b'slug,name\nseat,"never ends\n', "quotes do not match"),
        (b'slug,name\nseat,"a"b\n', "Behind line 1 the quotes"),
        (b"slug,name\nseat," + b"x" * 140_000 + b"\n", "a cell is too long"),
        (b"slug,name\n" + b"seat,x\n" * 20_001, "more than 20,000 lines"),
        (b"slug,name\n" + b"x" * 2_000_000, "larger than 2 MB"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_sheet(data, COLUMNS)
    assert words in str(refused.value)
    assert "Nothing was changed." in str(refused.value)
    assert refused.value.field == "file"


@pytest.mark.once
def test_headers_and_lines_as_spreadsheets_write_them() -> None:
    sheet = read_sheet(
        b"\xef\xbb\xbfName;Tax-Class; SLUG ;;\r\n x ;;a;;\r\n;;;;\r\n;;b;;\r\n", COLUMNS
    )
    assert sheet.columns == ("name", "tax_class", "slug")
    assert sheet.has_decimal_commas
    assert [(line.number, line.cells["slug"], line.fault) for line in sheet.lines] == [
        (2, "a", ""),
        (4, "b", ""),
    ]
    assert sheet.lines[0].cells["name"] == "x"


def test_a_file_without_id_and_slug_is_refused(shop: Shop) -> None:
    with pytest.raises(Refusal, match="needs the column id or slug"):
        plan("name,kind\nSeat,seats\n")


# -- two people at once ---------------------------------------------------------------------------


def test_a_catalogue_that_changed_shows_the_preview_again(shop: Shop) -> None:
    text = "slug,cycle,amount\nseat,monthly,6.00\nnumber,monthly,1.00\n"
    seen = plan(text).mark
    Product.objects.filter(slug="hosted-pbx").update(name="Not in the file")
    assert plan(text).mark == seen
    assert plan(text.replace("6.00", "6.10")).mark != seen
    Price.objects.filter(product__slug="seat", cycle="monthly").update(amount_micros=5_500_000)
    before = state()
    with pytest.raises(PreviewAgain, match="Nothing was imported") as again:
        bring_in(text, seen=seen)
    assert again.value.plan.rows[0].changes == [("amount monthly USD", "5.50", "6.00")]
    assert state() == before
    bring_in(text, seen=again.value.plan.mark)
    assert Price.objects.get(product__slug="seat", cycle="monthly").amount == Money.of("6", "USD")


def test_a_change_between_comparing_and_writing_is_never_overwritten(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order takes one from the stock right behind the comparison: it is compared once more."""
    Product.objects.filter(slug="seat").update(stock=9)
    planned: list[ImportPlan] = []

    def plan_then_sell(data: bytes, **more: Any) -> ImportPlan:
        planned.append(plan_import(data, **more))
        if len(planned) <= 2:
            Product.objects.filter(slug="seat").update(stock=9 - len(planned))
        return planned[-1]

    text = "slug,name\nseat,Chair\n"
    seen = plan(text).mark
    monkeypatch.setattr(writing, "plan_import", plan_then_sell)
    bring_in(text, seen=seen)
    seat = Product.objects.get(slug="seat")
    assert (seat.name, seat.stock, len(planned)) == ("Chair", 7, 3)


def test_a_slug_taken_meanwhile_rolls_everything_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "slug,kind,group,name\nseat,,,Chair\nfresh,add-on,Telephone service,Fresh\n"
    seen, planned = plan(text).mark, []

    def plan_then_take(data: bytes, **more: Any) -> ImportPlan:
        planned.append(plan_import(data, **more))
        if len(planned) == 1:
            group = ProductGroup.objects.get(name="Telephone service")
            Product.objects.create(slug="fresh", name="Mine", kind="add-on", group=group)
        return planned[-1]

    monkeypatch.setattr(writing, "plan_import", plan_then_take)
    with pytest.raises(PreviewAgain):
        bring_in(text, seen=seen)
    assert Product.objects.get(slug="seat").name == "Seat"
    assert Product.objects.get(slug="fresh").name == "Mine"


def test_importing_takes_as_few_queries_for_many_as_for_one(
    shop: Shop, django_assert_max_num_queries: Any
) -> None:
    group = shop.number.group.name
    head = "slug,kind,group,name,cycle,currency,amount\n"
    text = head + "".join(
        f"p{n},add-on,{group},Product {n},monthly,USD,{n}.50\n" for n in range(120)
    )
    with django_assert_max_num_queries(45):
        bring_in(text)
    assert Product.objects.filter(slug__startswith="p", prices__currency="USD").count() >= 120
    cheaper = text.replace(".50", ".40")
    with django_assert_max_num_queries(45):
        bring_in(cheaper)
    assert Price.objects.get(product__slug="p7").amount == Money.of("7.40", "USD")


@pytest.mark.django_db(transaction=True)
def test_of_two_imports_at_once_one_sees_what_the_other_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both compare before either writes; the rows' locks let one of them go first."""
    make_shop()
    texts = ["slug,name\nseat,Chair\n", "slug,name\nseat,Stool\n"]
    marks = [plan(text).mark for text in texts]
    both_compared, compared = Barrier(2, timeout=20), local()

    def plan_together(data: bytes, **more: Any) -> ImportPlan:
        found = plan_import(data, **more)
        if not getattr(compared, "once", False):
            compared.once = True
            both_compared.wait()
        return found

    monkeypatch.setattr(writing, "plan_import", plan_together)

    def work(place: int) -> str:
        try:
            bring_in(texts[place], seen=marks[place])
        except PreviewAgain as again:
            return again.plan.rows[0].changes[0][1]
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(2) as pool:
        seen = list(pool.map(work, [0, 1]))
    name = Product.objects.get(slug="seat").name
    assert sorted(seen) == sorted(["", name])
    assert Activity.objects.filter(subject="catalogue:import").count() == 1
