"""Own stock as CSV: what comes out goes in again, what is broken changes nothing of the others, and
what was confirmed is what happens."""

from __future__ import annotations

import csv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from ringup.backoffice.spreadsheet import csv_lines
from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import CarrierNumber, NumberOffer
from ringup.carriers.port import Stock as OnSale
from ringup.core.actors import Actor
from ringup.core.failures import NothingHappened
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.flows.importing_numbers import writing
from ringup.flows.importing_numbers.columns import COLUMNS
from ringup.flows.importing_numbers.exporting import shelf_rows
from ringup.flows.importing_numbers.planning import MOST_BYTES, Options, plan_import
from ringup.flows.importing_numbers.row import ImportPlan
from ringup.flows.importing_numbers.writing import (
    BadLine,
    Outcome,
    PreviewAgain,
    import_file,
    mark_of,
    save_one,
)
from ringup.numbers import own_stock
from ringup.numbers.models import OwnedNumber, OwnStock, Stock
from ringup.numbers.packing import pack
from tests.carriers.toy import Toy
from tests.factories import Shop, make_number, make_shop
from tests.world import make_client

pytestmark = pytest.mark.django_db
MAYA = Actor("staff:9", "Maya")
NY, ON = "+12125550147", "+14165550142"
FILE = f"""number,provider,monthly_cost,note
{NY},VoIP.ms sandbox,0.85,front desk
{ON},VoIP.ms sandbox,1.10,
"""


class Holder(Toy):
    """A carrier whose account holds what ``INVENTORY`` says."""

    def inventory(self) -> list[CarrierNumber]:
        if INVENTORY is None:
            raise NothingHappened("it is down for the night.")
        return INVENTORY


INVENTORY: list[CarrierNumber] | None = []


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def holding(shop: Shop, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says what the carrier's account holds; None: it does not answer."""
    settings.RINGUP_CARRIERS = {"voipms": f"{__name__}.Holder"}
    shop.account.url = Toy.sandbox_url
    shop.account.save()

    def hold(*e164s: str, answers: bool = True, monthly: Money | None = None) -> None:
        held = [CarrierNumber(e164, "", "", monthly) for e164 in e164s]
        monkeypatch.setitem(globals(), "INVENTORY", held if answers else None)

    return hold


def plan(text: str | bytes, **options: Any) -> ImportPlan:
    data = text.encode() if isinstance(text, str) else text
    return plan_import(data, Options(**options))


def bring_in(text: str, **options: Any) -> Outcome:
    chosen = Options(**options)
    seen = plan_import(text.encode(), chosen).mark
    return import_file(text.encode(), chosen, seen=seen, actor=MAYA)


def exported() -> str:
    rows = shelf_rows(OwnStock.objects.order_by("e164"))
    return "".join(csv_lines(COLUMNS, rows))


def faults(text: str, **options: Any) -> list[tuple[int, str, str]]:
    rows = plan(text, **options).rows
    return [(row.line, column, words) for row in rows for column, words in row.faults]


def actions(text: str, **options: Any) -> dict[str, str]:
    return {row.name: row.action for row in plan(text, **options).rows}


def state() -> list[Any]:
    return [list(model.objects.order_by("pk").values_list()) for model in (OwnStock, Activity)]


# -- in, out and in again -------------------------------------------------------------------------


def test_what_the_file_does_not_say_comes_from_the_number(shop: Shop) -> None:
    assert bring_in(FILE).done == {"add": 2}
    row = OwnStock.objects.get(e164=NY)
    assert (row.country, row.region, row.region_name) == ("US", "NY", "New York")
    assert (row.rate_centre, row.number_type, row.features) == ("New York", "geographic", ["voice"])
    assert (row.cost_monthly, row.note) == (Money.of("0.85", "USD"), "front desk")
    row = OwnStock.objects.get(e164=ON)
    assert (row.country, row.region, row.region_name) == ("CA", "ON", "Ontario")
    assert own_stock.offer_of(shop.account, ON) is not None


def test_what_the_file_says_counts(shop: Shop) -> None:
    bring_in(
        "number;provider;country;region;rate_centre;type;features;monthly_cost;currency;note;"
        "withdrawn\n"
        "(416) 555-0142;voip.ms SANDBOX;ca;Ontario;Toronto;Local;voice, SMS fax;1,25;usd;"
        "“Ümlaut”;YES\n"
        "1-800-555-1234;VoIP.ms sandbox;ca;;;toll free;;0;;;\n"
        "+44 20 7183 8750;VoIP.ms sandbox;;LND;London;;;2;;;no\n"
    )
    row = OwnStock.objects.get(e164=ON)
    assert (row.region, row.rate_centre) == ("ON", "Toronto")
    assert row.features == ["fax", "sms", "voice"]
    assert row.cost_monthly == Money.of("1.25", "USD")
    assert (row.note, row.is_withdrawn) == ("“Ümlaut”", True)
    free = OwnStock.objects.get(e164="+18005551234")
    assert (free.country, free.number_type, free.region) == ("CA", "toll-free", "")
    london = OwnStock.objects.get(e164="+442071838750")
    assert (london.country, london.region, london.rate_centre) == ("GB", "LND", "London")


def test_what_was_exported_comes_in_as_it_was(shop: Shop) -> None:
    bring_in(FILE)
    bring_in(f"number,note,withdrawn,features\n{NY},'=1+1 dear,yes,voice;sms\n")
    before = state()
    text = exported()
    assert text.splitlines()[0] == "\ufeff" + ",".join(COLUMNS)
    found = plan(text)
    assert found.counts == dict.fromkeys(found.counts, 0) | {"same": 2}
    OwnStock.objects.all().delete()
    assert bring_in(text).done == {"add": 2}
    assert exported() == text
    assert [row[2:10] for row in state()[0]] == [row[2:10] for row in before[0]]


def test_a_spreadsheet_runs_nothing_of_an_export(shop: Shop) -> None:
    bring_in(FILE)
    notes = ["=cmd|' /C calc'!A0", "@SUM(1)", "-1+1", "+1+1", "'=1", "'quoted", "\u2212 minus"]
    for note in notes:
        bring_in(f'number,note\n{NY},"{"" if note[0] == chr(39) else chr(39)}{note}"\n')
        cells = next(row for row in csv.DictReader(StringIO(exported()[1:])) if NY in row["number"])
        assert cells["number"] == f"'{NY}", "readable, and no formula"
        assert not cells["note"].startswith(("=", "+", "-", "@"))
        before = state()
        assert plan(exported()).counts["same"] == 2
        assert state() == before


def test_a_column_left_out_stays_and_only_the_note_is_emptied(shop: Shop) -> None:
    bring_in(FILE)
    outcome = bring_in(
        "number,region,rate_centre,type,features,monthly_cost,withdrawn,note\n"
        f"{NY},,,,,,,\n{ON},,,,,1.20,,\n"
    )
    assert outcome.done == {"change": 2}
    row = OwnStock.objects.get(e164=NY)
    assert (row.note, row.region, row.rate_centre) == ("", "NY", "New York")
    told = Activity.objects.get(subject=own_stock.subject_of(row), what=f"changed {NY}")
    assert told.detail == {"note": ["front desk", ""]}
    assert told.actor == MAYA.name
    assert OwnStock.objects.get(e164=ON).cost_monthly == Money.of("1.20", "USD")


def test_changed_moves_with_what_an_import_changes_and_with_nothing_else(shop: Shop) -> None:
    bring_in(FILE)
    before = {row.e164: (row.changed, row.added) for row in OwnStock.objects.all()}
    bring_in(f"number,withdrawn\n{NY},yes\n{ON},no\n")
    now = {row.e164: (row.changed, row.added) for row in OwnStock.objects.all()}
    assert now[NY][0] > before[NY][0]
    assert now[NY][1] == before[NY][1]
    assert now[ON] == before[ON]


def test_one_provider_can_be_chosen_for_all_lines(shop: Shop) -> None:
    text = f"number,monthly_cost\n{NY},0.85\n"
    assert faults(text)[0][1] == "provider"
    assert actions(text, default=shop.account) == {NY: "add"}


# -- the preview ----------------------------------------------------------------------------------


def test_the_preview_says_what_would_happen(shop: Shop) -> None:
    bring_in(FILE)
    bring_in("number,provider,monthly_cost\n+12125550150,VoIP.ms sandbox,1\n")
    bring_in("number,withdrawn\n+12125550150,yes\n")
    bring_in("number,provider,monthly_cost\n+12125550151,VoIP.ms sandbox,1\n")
    before = state()
    found = plan(
        "number,provider,monthly_cost,withdrawn\n"
        f"{NY},VoIP.ms sandbox,0.85,\n"  # as it is
        f"{ON},VoIP.ms sandbox,1.15,\n"
        "+12125550150,VoIP.ms sandbox,1,no\n"
        "+12125550151,VoIP.ms sandbox,1,yes\n"
        "+12125550152,VoIP.ms sandbox,1,\n"
        "+12125550152,VoIP.ms sandbox,1,\n"  # twice
    )
    assert [row.action for row in found.rows] == [
        "same", "change", "put back", "withdraw", "add", "refused",
    ]  # fmt: skip
    assert found.rows[5].faults == [("number", "Line 6 has this number already.")]
    assert found.rows[1].changes == [("monthly_cost", "1.10", "1.15")]
    assert len(found.writing) == 4
    assert state() == before, "a preview writes nothing"


def test_a_number_that_a_client_has_is_refused_and_one_from_the_shelf_may_change(
    shop: Shop,
) -> None:
    acme = make_client("Acme")
    make_number(shop, acme, e164=ON)
    assert faults(FILE) == [(3, "number", "Acme has it already, or ordered it.")]
    bring_in(FILE)
    number = make_number(shop, acme, e164=NY)
    OwnedNumber.objects.filter(pk=number.pk).update(is_own_stock=True)
    other = another_account(shop)
    found = plan(f"number,note\n{NY},sold\n").rows[0]
    assert (found.action, found.remarks) == ("change", ["Acme has it now. It stays so."])
    said = faults(f"number,provider\n{NY},{other.name}\n")
    assert said == [(2, "provider", "Acme has it from VoIP.ms sandbox: it stays there.")]


def another_account(shop: Shop, currency: str = "USD") -> CarrierAccount:
    other = CarrierAccount(name="Another", kind="voipms", url=shop.account.url, currency=currency)
    other.set_secrets({})
    other.save()
    return other


def test_a_number_moves_to_another_provider_with_a_cost_in_its_currency(shop: Shop) -> None:
    bring_in(FILE)
    another_account(shop, "EUR")
    assert faults(f"number,provider\n{NY},Another\n") == [
        (2, "monthly_cost", "Write what it costs a month in EUR.")
    ]
    bring_in(f"number,provider,monthly_cost,currency\n{NY},Another,0.80,EUR\n")
    row = OwnStock.objects.get(e164=NY)
    assert (row.account.name, row.cost_monthly) == ("Another", Money.of("0.80", "EUR"))


@pytest.mark.django_db(transaction=True)
def test_a_number_that_the_carrier_sells_is_not_ours(
    shop: Shop, holding: Callable[..., None]
) -> None:
    usd = Money.of("1", "USD")
    offer = NumberOffer(ON, "CA", "ON", "Toronto", usd, usd)
    stock = OnSale([offer])
    Stock.objects.create(
        account=shop.account, area="CA/ON", name="Ontario", country="CA", content=pack(stock),
        numbers=1, fetched=timezone.now(),
    )  # fmt: skip
    ((line, column, words),) = faults(FILE)
    assert (line, column) == (3, "number")
    assert words.startswith("VoIP.ms sandbox sells this number, so it is not yours.")
    holding(NY, ON)
    assert faults(FILE, asks_carriers=True) == [], "what it holds now counts more"


def test_the_whole_shelf_withdraws_what_it_leaves_out(shop: Shop) -> None:
    bring_in(FILE)
    other = another_account(shop)
    bring_in("number,provider,monthly_cost\n+12125550150,Another,1\n")
    text = f"number,provider\n{NY},VoIP.ms sandbox\n"
    found = plan(text, is_whole=True)
    assert [(row.line, row.name, row.action) for row in found.rows] == [
        (2, NY, "same"),
        (0, ON, "withdraw"),
    ]
    assert bring_in(text, is_whole=True).done == {"withdraw": 1}
    assert own_stock.on_sale(other), "it is not a provider of the file"
    assert [offer.e164 for offer in own_stock.on_sale(shop.account)] == [NY]


def test_the_whole_shelf_withdraws_nothing_while_a_number_cannot_be_read(shop: Shop) -> None:
    bring_in(FILE)
    found = plan(f"number,provider\n{NY},VoIP.ms sandbox\n+1416,VoIP.ms sandbox\n", is_whole=True)
    assert "line 3" in found.kept
    assert found.counts["withdraw"] == 0


# -- asking the carriers --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_carrier_is_asked_which_numbers_it_holds(
    shop: Shop, holding: Callable[..., None]
) -> None:
    holding(NY, "+12125550199", monthly=Money.of("0.77", "USD"))
    text = "number,provider\n" + "".join(f"{each},VoIP.ms sandbox\n" for each in (NY, ON))
    found = plan(text, asks_carriers=True)
    ((account, asked, missing),) = [
        (each.account, each.asked, each.missing) for each in found.looked
    ]
    assert (account, asked, missing) == (shop.account, 2, 1)
    assert [row.action for row in found.rows] == ["add", "refused"]
    assert ("provider", "VoIP.ms sandbox does not hold this number: nobody could use it.") in (
        found.rows[1].faults
    )
    bring_in(text, asks_carriers=True)
    assert OwnStock.objects.get().cost_monthly == Money.of("0.77", "USD")


@pytest.mark.django_db(transaction=True)
def test_what_the_carrier_lost_can_still_be_withdrawn(
    shop: Shop, holding: Callable[..., None]
) -> None:
    bring_in(FILE)
    holding()
    assert len(faults(FILE, asks_carriers=True)) == 2
    text = f"number,withdrawn\n{NY},yes\n"
    assert bring_in(text, asks_carriers=True).done == {"withdraw": 1}


@pytest.mark.django_db(transaction=True)
def test_a_carrier_that_does_not_answer_changes_nothing(
    shop: Shop, holding: Callable[..., None]
) -> None:
    holding(answers=False)
    with pytest.raises(Refusal, match="does not tell which numbers it holds: it is down"):
        plan(FILE, asks_carriers=True)


@pytest.mark.django_db(transaction=True)
def test_an_inventory_that_changed_is_shown_again(shop: Shop, holding: Callable[..., None]) -> None:
    holding(NY, ON)
    chosen = Options(asks_carriers=True)
    seen = plan_import(FILE.encode(), chosen).mark
    holding(NY)
    with pytest.raises(PreviewAgain):
        import_file(FILE.encode(), chosen, seen=seen, actor=MAYA)
    assert not OwnStock.objects.exists()


# -- what is broken -------------------------------------------------------------------------------

GOOD = "+12125550160,VoIP.ms sandbox,US,NY,New York,geographic,voice,1.00,USD,,no"
HEAD = ",".join(COLUMNS)
# Each with the column at fault, and the beginning of what is said. {ca} is a good number.
BROKEN = [
    (",VoIP.ms sandbox,,,,,,1,,,", "number", "Write the number with digits alone"),
    ("abc,VoIP.ms sandbox,,,,,,1,,,", "number", "Write the number with digits alone"),
    ("+,VoIP.ms sandbox,,,,,,1,,,", "number", "Write the number with digits alone"),
    ("+1,VoIP.ms sandbox,,,,,,1,,,", "number", "This is no telephone number"),
    ("+1416555,VoIP.ms sandbox,,,,,,1,,,", "number", "This number has too few or too many"),
    ("+141655501421,VoIP.ms sandbox,,,,,,1,,,", "number", "This number has too few or too many"),
    ("+11115550142,VoIP.ms sandbox,,,,,,1,,,", "number", "No such number can exist"),
    ("+12015550,VoIP.ms sandbox,,,,,,1,,,", "number", "This number has too few or too many"),
    ("+999123456789,VoIP.ms sandbox,,,,,,1,,,", "number", "This is no telephone number"),
    ("+80012345678,VoIP.ms sandbox,,,,,,1,,,", "country", "This number belongs to no country"),
    ("4165550142,VoIP.ms sandbox,,,,,,1,,,", "number", "Write the number with + and its country"),
    ("1.416555E+10,VoIP.ms sandbox,,,,,,1,,,", "number", "A spreadsheet has rounded this number"),
    ("1-800-FLOWERS,VoIP.ms sandbox,US,,,,,1,,,", "number", "Write the number with digits alone"),
    ("+14165550142 x12,VoIP.ms sandbox,,,,,,1,,,", "number", "Write the number with digits alone"),
    ("tel:+14165550142,VoIP.ms sandbox,,,,,,1,,,", "number", "Write the number with digits alone"),
    ("=1+1,VoIP.ms sandbox,,,,,,1,,,", "number", "Write the number with digits alone"),
    ("\u202e+14165550142,VoIP.ms sandbox,,,,,,1,,,", "number", "Write the number with digits alone"),
    ("+1416\u200b5550142,VoIP.ms sandbox,,,,,,1,,,", "number", "Write the number with digits alone"),
    ("+14165550142<b>,VoIP.ms sandbox,,,,,,1,,,", "number", "Write the number with digits alone"),
    ("' OR 1=1,VoIP.ms sandbox,,,,,,1,,,", "number", "Write the number with digits alone"),
    ("+1" + "4" * 300 + ",VoIP.ms sandbox,,,,,,1,,,", "number", "This is no telephone number"),
    ("911,VoIP.ms sandbox,US,,,,,1,,,", "number", "This number has too few or too many"),
    (GOOD, "number", "Line 2 has this number already."),
    ("+1 (212) 555-0160,VoIP.ms sandbox,,,,,,1,,,", "number", "Line 2 has this number already."),
    ("{ca},Nobody,,,,,,1,,,", "provider", "There is no provider “Nobody”."),
    ("{ca},,,,,,,1,,,", "provider", "Write the provider's name"),
    ("{ca},Old,,,,,,1,,,", "provider", "There is no provider “Old”."),
    ("{ca},VoIP.ms sandbox,Canada,,,,,1,,,", "country", "“Canada” is no country."),
    ("{ca},VoIP.ms sandbox,XX,,,,,1,,,", "country", "“XX” is no country."),
    ("{ca},VoIP.ms sandbox,US,,,,,1,,,", "country", "The number is of CA, and the line"),
    ("{ca},VoIP.ms sandbox,GB,,,,,1,,,", "country", "The number is of CA, and the line"),
    ("{ca},VoIP.ms sandbox,,NY,,,,1,,,", "region", "“NY” is no state or province of CA."),
    ("+442071838750,VoIP.ms sandbox,,Greater London,,,,1,,,", "region", "Write at most 10"),
    ("{ca},VoIP.ms sandbox,,," + "T" * 61 + ",,,1,,,", "rate_centre", "Write at most 60"),
    ("{ca},VoIP.ms sandbox,,,,premium,,1,,,", "type", "Write one of: geographic"),
    ("{ca},VoIP.ms sandbox,,,,toll-free,,1,,,", "type", "By its digits this number is not"),
    ("+18005551234,VoIP.ms sandbox,,,,geographic,,1,,,", "type", "By its digits this number is toll"),
    ("{ca},VoIP.ms sandbox,,,,,telex,1,,,", "features", "“telex” is no feature."),
    ("{ca},VoIP.ms sandbox,,,,,,,,,", "monthly_cost", "Write what it costs you a month"),
    ("{ca},VoIP.ms sandbox,,,,,,-1,,,", "monthly_cost", "Write the amount with digits"),
    ("{ca},VoIP.ms sandbox,,,,,,$1.00,,,", "monthly_cost", "Write the amount with digits"),
    ("{ca},VoIP.ms sandbox,,,,,,NaN,,,", "monthly_cost", "Write the amount with digits"),
    ("{ca},VoIP.ms sandbox,,,,,,1e3,,,", "monthly_cost", "Write the amount with digits"),
    ('{ca},VoIP.ms sandbox,,,,,,"1,50",,,', "monthly_cost", "Write 1.50, with a point"),
    ("{ca},VoIP.ms sandbox,,,,,,99999,,,", "monthly_cost", "Write at most 10,000."),
    ("{ca},VoIP.ms sandbox,,,,,,1.2345678,,,", "monthly_cost", "Write at most six digits"),
    ("{ca},VoIP.ms sandbox,,,,,,1,EUR,,", "monthly_cost", "VoIP.ms sandbox charges in USD"),
    ("{ca},VoIP.ms sandbox,,,,,,1,," + "n" * 201 + ",", "note", "Write at most 200"),
    ("{ca},VoIP.ms sandbox,,,,,,1,,,perhaps", "withdrawn", "Write yes or no."),
    ('{ca},VoIP.ms sandbox,,,,,,1,,"a\nb",', "", "There is a line break or a control"),
    ("{ca},VoIP.ms sandbox,,,,,,1,,\x07,", "", "There is a line break or a control"),
    ("{ca},VoIP.ms sandbox", "", "The line has 2 cells, the header 11."),
    ("{ca},VoIP.ms sandbox,,,,,,1,,,,more", "", "The line has 12 cells, the header 11."),
]  # fmt: skip


def test_a_broken_line_says_what_is_wrong_and_the_others_are_imported(shop: Shop) -> None:
    CarrierAccount.objects.create(name="Old", kind="voipms", url=shop.account.url, is_retired=True)
    lines = [line.replace("{ca}", f"+1416555{1000 + n}") for n, (line, _, _) in enumerate(BROKEN)]
    text = "\n".join([HEAD, GOOD, *lines]) + "\n"
    found = plan(text)
    assert [row.action for row in found.rows] == ["add"] + ["refused"] * len(BROKEN)
    for row, (line, column, words) in zip(found.rows[1:], BROKEN, strict=True):
        said = [sentence for at, sentence in row.faults if at == column]
        assert said and said[0].startswith(words), (line, row.faults)  # noqa: PT018
    assert bring_in(text).done == {"add": 1}
    assert OwnStock.objects.get().e164 == "+12125550160"


def test_a_broken_line_does_not_touch_what_is_there(shop: Shop) -> None:
    bring_in(FILE)
    before = state()
    text = f"number,monthly_cost,withdrawn\n{NY},-1,yes\n{ON},1,perhaps\n"
    with pytest.raises(PreviewAgain, match=r"The file changes nothing\. Nothing was imported"):
        bring_in(text)
    assert state() == before


@pytest.mark.once
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf  \r\n", "The file is empty"),
        (b"PK\x03\x04 and so on", "This is a workbook"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "The file is not text in UTF-8"),
        ("number,note\n+14165550142,ü".encode("utf-16"), "The file is not text in UTF-8"),
        ("number,note\n+14165550142,ü".encode("latin-1"), "The file is not text in UTF-8"),
        (b"number,note\n+14165550142,\x00", "This is not a CSV file"),
        (b"provider,note\nVoIP.ms sandbox,hello\n", "The file needs the column number"),
        (b"hello\nworld\n", "The first line must name the columns"),
        (b"number,colour\n+14165550142,red\n", "Nobody knows the column “colour”"),
        (b"number,note,Note\n+14165550142,a,b\n", "The column note is there twice"),
        (b"number,note\n", "The file has a header and no lines"),
        (b'number,note\n+14165550142,"open\n', "Behind line 1 the quotes do not match"),
        (b"x" * (MOST_BYTES + 1), "The file is larger than 4 MB"),
        (b"number\n" + b"+14165550142\n" * 20_001, "The file has more than 20,000 lines"),
    ],
)
def test_what_is_no_such_file_is_refused_whole(data: bytes, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        plan_import(data, Options())
    assert str(refused.value).startswith(words)
    assert "Nothing was changed" in str(refused.value)


# -- carrying it out ------------------------------------------------------------------------------


def test_what_is_not_what_was_shown_is_not_done(shop: Shop) -> None:
    seen = plan(FILE).mark
    shown = Options()
    bring_in(f"number,provider,monthly_cost\n{NY},VoIP.ms sandbox,2\n")
    for data, options in ((FILE, shown), (FILE + "\n", shown), (FILE, Options(is_whole=True))):
        before = state()
        with pytest.raises(PreviewAgain) as again:
            import_file(data.encode(), options, seen=seen, actor=MAYA)
        assert state() == before
        assert again.value.plan.rows
    assert OwnStock.objects.get().cost_monthly == Money.of("2", "USD")


def test_twenty_portions_are_one_import(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "PORTION", 3)
    monkeypatch.setattr(own_stock, "REST_SECONDS", 0)
    lines = [f"+1212555{1000 + n},VoIP.ms sandbox,1\n" for n in range(58)]
    assert bring_in("number,provider,monthly_cost\n" + "".join(lines)).done == {"add": 58}
    assert len(own_stock.on_sale(shop.account)) == 58
    done = Activity.objects.get(subject="own-stock:import")
    assert done.detail == {"add": 58, "left": 0}


def test_what_somebody_changes_between_two_portions_is_left_and_named(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(FILE)
    genuine, acme = writing.plan_import, make_client("Acme")

    def overtaken(data: bytes, options: Options) -> ImportPlan:
        found = genuine(data, options)
        OwnStock.objects.filter(e164=NY).update(note="somebody was faster")
        make_number(shop, acme, e164="+12125550150")
        own_stock.add(
            shop.account,
            "+12125550151",
            country="US",
            cost_monthly=Money.of("3", "USD"),
            actor=MAYA,
        )
        return found

    text = (
        "number,provider,monthly_cost\n"
        f"{NY},VoIP.ms sandbox,9\n{ON},VoIP.ms sandbox,9\n"
        "+12125550150,VoIP.ms sandbox,9\n+12125550151,VoIP.ms sandbox,9\n"
    )
    seen = plan(text).mark
    monkeypatch.setattr(writing, "plan_import", overtaken)
    outcome = import_file(text.encode(), Options(), seen=seen, actor=MAYA)
    assert outcome.done == {"change": 1}
    assert sorted(outcome.left) == sorted([NY, "+12125550150", "+12125550151"])
    costs = dict(OwnStock.objects.values_list("e164", "cost_monthly_micros"))
    assert costs == {NY: 850_000, ON: 9_000_000, "+12125550151": 3_000_000}


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_store_each_number_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "PORTION", 4)
    monkeypatch.setattr(own_stock, "REST_SECONDS", 0)
    bring_in("number,provider,monthly_cost\n+12125559999,VoIP.ms sandbox,1\n")
    e164s = [f"+1212555{1000 + n}" for n in range(40)]
    genuine, barrier = writing.plan_import, Barrier(2)

    def together(data: bytes, options: Options) -> ImportPlan:
        found = genuine(data, options)
        barrier.wait(timeout=20)
        return found

    def one(cost: int) -> Outcome:
        order = e164s if cost == 2 else e164s[::-1]
        lines = [f"{each},VoIP.ms sandbox,{cost}\n" for each in ["+12125559999", *order]]
        data = ("number,provider,monthly_cost\n" + "".join(lines)).encode()
        try:
            seen = genuine(data, Options()).mark
            return import_file(data, Options(), seen=seen, actor=MAYA)
        finally:
            connection.close()

    monkeypatch.setattr(writing, "plan_import", together)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(one, (2, 3))
    assert first.done.get("add", 0) + second.done.get("add", 0) == 40
    assert first.done.get("change", 0) + second.done.get("change", 0) == 1
    assert len(first.left) + len(second.left) == 41
    assert OwnStock.objects.count() == 41
    told = Activity.objects.filter(what__startswith="put ").values_list("subject", flat=True)
    assert len(set(told)) == len(told) == 41, "each was put there by one of the two"


# -- one by hand ----------------------------------------------------------------------------------


def mark() -> str:
    return mark_of(OwnStock.objects.get())


CELLS = {"number": NY, "provider": "VoIP.ms sandbox", "monthly_cost": "0,85"}


def test_one_number_by_hand_keeps_the_same_rules(shop: Shop) -> None:
    row = save_one(CELLS | {"region": "", "rate_centre": ""}, seen="", actor=MAYA)
    assert row.action == "add"
    assert OwnStock.objects.get().rate_centre == "New York"
    with pytest.raises(BadLine) as again:
        save_one(CELLS, seen="", actor=MAYA)
    assert again.value.faults == [("number", "This number is on the shelf already. Open it there.")]
    save_one(CELLS | {"rate_centre": "", "note": "new"}, seen=mark(), actor=MAYA)
    stored = OwnStock.objects.get()
    assert (stored.rate_centre, stored.region, stored.note) == ("", "NY", "new")
    with pytest.raises(BadLine) as bad:
        save_one(CELLS | {"monthly_cost": "much", "features": "telex"}, seen=mark(), actor=MAYA)
    assert {column for column, _ in bad.value.faults} == {"monthly_cost", "features"}
    assert OwnStock.objects.get().note == "new"


def test_who_saves_an_old_page_does_not_overwrite_what_came_since(shop: Shop) -> None:
    save_one(CELLS, seen="", actor=MAYA)
    seen = mark()
    save_one(CELLS | {"note": "first"}, seen=seen, actor=MAYA)
    with pytest.raises(Refusal, match="Somebody else changed this number meanwhile"):
        save_one(CELLS | {"note": "second"}, seen=seen, actor=MAYA)
    assert OwnStock.objects.get().note == "first"


def test_saving_what_is_there_already_writes_nothing(shop: Shop) -> None:
    save_one(CELLS, seen="", actor=MAYA)
    before = state()
    assert save_one(CELLS, seen=mark(), actor=MAYA).action == "same"
    assert state() == before
