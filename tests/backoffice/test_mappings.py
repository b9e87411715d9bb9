"""The mappings page: three methods, filters, looking first, two savers, undo, and what is not on sale."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ringup.accounts.brands import default_brand
from ringup.backoffice.mappings.filters import SORTS, Filters
from ringup.backoffice.mappings.selects import Offers
from ringup.backoffice.mappings.table import Table
from ringup.catalog import mapping
from ringup.catalog.choosing import Method
from ringup.catalog.mapped import Catalogue
from ringup.catalog.models import (
    BundleItem,
    Mapping,
    MappingSave,
    ProductGroup,
)
from ringup.cli.large_catalogue import make_large_catalogue
from ringup.core.models import Activity
from tests.mapping_shop import (
    NOAH,
    MappingShop,
    code_of,
    make_account,
    make_product,
    make_server,
)
from tests.world import make_user

PAGE = "office:mappings"


@pytest.fixture
def shop(db: None) -> MappingShop:
    return MappingShop()


@pytest.fixture
def maya(shop: MappingShop) -> Browser:
    return browser_of("provisioning")


def browser_of(role: str) -> Browser:
    browser = Browser()
    browser.force_login(make_user(f"{role}-person", None, is_staff=True, role=role))
    return browser


def shown(browser: Browser, **query: Any) -> Any:
    answer = browser.get(reverse(PAGE), query)
    assert answer.status_code == 200
    return answer.context["table"]


def codes(browser: Browser, **query: Any) -> list[str]:
    return [row.thing.code for row in shown(browser, **query).rows]


def post(browser: Browser, name: str, *, query: str = "", version: int = 0, **rows: Any) -> Any:
    """Post drop-downs as the form does: ``rows`` are ``code=provider`` or ``code=(provider, server)``."""
    data: dict[str, Any] = {"version": version}
    for code, value in rows.pop("choose", {}).items():
        account, server = value if isinstance(value, tuple) else (value, "")
        data |= {f"account.{code}": account, f"server.{code}": server}
    return browser.post(f"{reverse(f'office:{name}')}?{query}", data | rows)


def fields(answer: Any, near: str = "seen") -> dict[str, str]:
    """The hidden inputs of the form that has one of this name."""
    text = answer.content.decode()
    form = next(f for f in re.findall(r"<form.*?</form>", text, re.S) if f'name="{near}"' in f)
    inputs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in inputs if name != "csrfmiddlewaretoken"}


def text_of(answer: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def test_the_page_has_the_specified_sections_columns_and_words(
    maya: Browser, shop: MappingShop
) -> None:
    make_product(shop.domestic, "Secret DID", is_hidden=True)
    answer = maya.get(reverse(PAGE))
    text = text_of(answer)
    for words in (
        "Bulk Assign by Bundle", "Recommended for Mixed Groups", "Save Bundle Mappings",
        "Bulk Assign by Product Group", "Save Group Mappings", "Only affects standalone products",
        "Individual Product Mappings", "Save Product Mappings", "No Provider (Use Default)",
        "Product ID", "Product Name", "Product Group", "Assigned Provider", "Status", "From",
        "HIDDEN", "BUNDLE", shop.us.code, shop.package.code, "3 products in 3 groups",
        "4 stand-alone products", "Which row counts", "What is not mapped does not work",
        "Good practice", "Provider 1 (VoIP.ms)", "Provider 2 (DIDWW)", "Production-ready",
    ):  # fmt: skip
        assert words in text, words
    # A PBX server is asked for only where a tenant is built: bundle card, part, and bundle row.
    servers = re.findall(r'name="server\.([^"]+)"', answer.content.decode())
    assert sorted(servers) == sorted([shop.package.code] * 2 + [shop.parts[2].code])


def test_rows_tell_status_source_and_the_way_to_a_test_checkout(
    maya: Browser, shop: MappingShop
) -> None:
    shop.save(Method.GROUP, shop.choice(shop.domestic, shop.one))
    shop.save(Method.BUNDLE, shop.choice(shop.package, shop.one))
    shop.save(Method.SINGLE, shop.choice(shop.uk, shop.two), shop.choice(shop.ca, None))
    later = make_product(shop.domestic, "ZA DID")
    shop.two.is_enabled = False
    shop.two.save()
    rows = {row.thing.name: row for row in shown(maya).rows}
    told = {name: (row.badge.word, row.badge.tone, row.source) for name, row in rows.items()}
    assert told["US DID"] == ("Mapped", "green", "Group")
    assert told["ZA DID"] == ("Mapped", "green", "Inherits group")
    assert told["CA DID"] == ("Default", "grey", "Single")
    assert told["UK DID"] == ("Invalid", "yellow", "Single")
    assert told["Complete PBX Package"] == ("Mapped", "green", "Bundle")
    assert rows["Complete PBX Package"].group == "Bundles"
    assert rows["ZA DID"].shop_url == f"/?for={later.slug}"
    assert "No provider" in rows["CA DID"].why_not
    assert "switched off" in rows["UK DID"].why_not
    assert rows["UK DID"].select.accounts[-1].words == "Provider 2 (switched off)"
    table = shown(maya)
    assert [thing.name for thing in table.problems] == ["UK DID"], "CA DID is so on purpose"
    assert table.alarms == ["“UK DID” points to Provider 2, which is switched off."]
    assert codes(maya, status="problem") == [shop.uk.code]


def test_filters_counts_and_sorting(maya: Browser, shop: MappingShop) -> None:
    shop.save(Method.GROUP, shop.choice(shop.domestic, shop.one))
    make_product(shop.domestic, "Old DID", is_retired=True)
    offers = Offers(Catalogue.read())

    def found(**asked: str) -> list[str]:
        return [thing.name for thing in Table(Filters(**asked), offers).page]

    counts = {chip.word: chip.count for chip in Table(Filters(), offers).chips}
    assert counts == {
        "All": 7, "Mapped": 3, "Default": 4, "Invalid": 0, "Need attention": 4, "Retired": 1,
    }  # fmt: skip
    assert found(group="bundles") == ["Complete PBX Package"]
    domestic = ["CA DID", "UK DID", "US DID"]
    assert found(group=str(shop.domestic.pk)) == domestic
    assert found(status="mapped", sort="-name") == domestic[::-1]
    assert found(q="uk d") == found(q=shop.uk.code.lower()) == ["UK DID"]
    assert found(status="retired") == ["Old DID"]
    for sort in SORTS:
        assert sorted(found(sort=sort)) == sorted(found(sort=f"-{sort}")) == sorted(found())
    assert found(sort="id")[-1] == found(sort="-id")[0] == "Complete PBX Package"
    nonsense = {
        "group": "9" * 500, "status": "x", "sort": "'", "page": "-9", "gpage": "٣", "bq": "\x00" * 9000,
    }  # fmt: skip
    assert len(shown(maya, **nonsense).rows) == 0
    page = maya.get(reverse(PAGE), {"sort": "-name", "status": "x", "group": "\x00"})
    assert 'aria-sort="descending"' in page.content.decode()
    assert len(page.context["table"].rows) == 7


def test_single_mappings_are_saved_at_once_and_filters_stay(
    maya: Browser, shop: MappingShop
) -> None:
    answer = post(
        maya, "map-products", query="group=bundles&q=pack",
        choose={shop.package.code: (str(shop.two.pk), str(shop.server.pk)), shop.us.code: "none"},
    )  # fmt: skip
    assert answer["Location"] == f"{reverse(PAGE)}?q=pack&group=bundles"
    assert Mapping.objects.get(bundle=shop.package).server == shop.server
    assert shop.provider(shop.us) == "none"
    activity = Activity.objects.get(subject="mappings:1")
    assert activity.actor_label.startswith("Provisioning-Person")
    # Following the group again; a row that nobody touched is not saved.
    answer = post(
        maya, "map-products", version=1,
        choose={shop.us.code: "inherit", shop.ca.code: str(shop.one.pk)},
        **{f"was.{shop.ca.code}": f"{shop.one.pk}/"},
    )  # fmt: skip
    assert answer.status_code == 302
    assert (shop.provider(shop.us), shop.provider(shop.ca)) == ("", "")


def test_saving_without_any_change_says_so(maya: Browser, shop: MappingShop) -> None:
    shop.save(Method.SINGLE, shop.choice(shop.us, shop.one))
    answer = post(maya, "map-products", version=1, choose={shop.us.code: str(shop.one.pk)})
    assert "Nothing to save" in text_of(maya.get(answer["Location"]))
    answer = post(maya, "map-groups", version=1)
    assert "Nothing to save" in text_of(maya.get(answer["Location"]))
    assert MappingSave.objects.count() == 1


@pytest.mark.parametrize(("name", "what"), [("map-bundles", "package"), ("map-groups", "domestic")])
def test_a_bulk_save_is_shown_first_and_then_saved_as_shown(
    maya: Browser, shop: MappingShop, name: str, what: str
) -> None:
    thing = getattr(shop, what)
    product = shop.parts[0] if what == "package" else shop.uk
    shop.save(Method.SINGLE, shop.choice(product, shop.two))
    look = post(maya, name, version=1, choose={code_of(thing): str(shop.one.pk)})
    text = text_of(look)
    assert (look.status_code, MappingSave.objects.count()) == (200, 1)
    assert "4 rows would change" in text
    assert "replaces 1 individual mapping" in text
    assert f"{product.name} Individual mapping Provider 2 Provider 1" in text
    hidden = fields(look)
    # What was shown is what is saved: when the catalogue changed meanwhile it is shown again.
    added = make_product(shop.domestic, "ZA DID")
    if what == "package":
        BundleItem.objects.create(bundle=shop.package, product=added)
    again = post(maya, name, **hidden)
    assert "5 rows would change" in text_of(again)
    assert MappingSave.objects.count() == 1
    assert post(maya, name, **fields(again)).status_code == 302
    assert shop.provider(product) == shop.provider(added) == "Provider 1"
    # The card shows what all have in common; one that differs makes it mixed.
    card = maya.get(reverse(PAGE)).context["bundles" if what == "package" else "groups"]
    row = next(row for row in card.rows if row.select.code == code_of(thing))
    assert row.select.was.startswith(f"{shop.one.pk}/")
    shop.save(Method.SINGLE, shop.choice(product, shop.two))
    card = maya.get(reverse(PAGE)).context["bundles" if what == "package" else "groups"]
    row = next(row for row in card.rows if row.select.code == code_of(thing))
    assert row.select.was == "/"
    assert "1 Provider 2" in row.mix


def test_the_second_saver_sees_what_the_first_changed_and_keeps_his_choices(
    maya: Browser, shop: MappingShop
) -> None:
    """Both opened the page at save 0; Noah was faster."""
    shop.save(
        Method.SINGLE, shop.choice(shop.us, shop.two), shop.choice(shop.ca, shop.two), actor=NOAH
    )
    mine = {shop.us.code: str(shop.one.pk), shop.uk.code: str(shop.one.pk)}
    answer = post(maya, "map-products", version=0, choose=mine)
    text = text_of(answer)
    assert answer.status_code == 409
    assert "Somebody saved before you" in text
    assert "Noah" in text
    assert f"{shop.us.code} US DID Yours, too As its group (Not mapped) Provider 2" in text
    assert f"{shop.ca.code} CA DID As its group (Not mapped) Provider 2" in text
    assert f"{shop.us.code} US DID Individual mapping Provider 2 Provider 1" in text
    assert (MappingSave.objects.count(), shop.provider(shop.us)) == (1, "Provider 2")
    # Back at the form his choices are in the drop-downs, still unsaved.
    hidden = fields(answer)
    form = post(maya, "map-products", again="1", **hidden)
    picked = {
        row.thing.code: option.value
        for row in form.context["table"].rows
        for option in row.select.accounts
        if option.is_selected
    }
    assert picked[shop.us.code] == picked[shop.uk.code] == str(shop.one.pk)
    assert picked[shop.ca.code] == str(shop.two.pk)
    assert "Not saved yet" in text_of(form)
    assert MappingSave.objects.count() == 1
    # Confirmed, it is saved on top; nothing of the first is lost beside what was confirmed.
    assert post(maya, "map-products", **hidden).status_code == 302
    assert [shop.provider(p) for p in (shop.us, shop.ca, shop.uk)] == [
        "Provider 1", "Provider 2", "Provider 1",
    ]  # fmt: skip
    # And a third save in between stops the confirmation, too.
    assert post(maya, "map-products", **hidden).status_code == 409


def test_a_save_at_the_same_moment_is_told_as_well(
    maya: Browser, shop: MappingShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Noah's save falls between the look and the write of Maya's."""
    save = mapping.save

    def overtaken(seen: mapping.Preview, **more: Any) -> MappingSave:
        monkeypatch.setattr(mapping, "save", save)
        shop.save(Method.SINGLE, shop.choice(shop.us, shop.two), actor=NOAH)
        return save(seen, **more)

    monkeypatch.setattr(mapping, "save", overtaken)
    answer = post(maya, "map-products", choose={shop.us.code: str(shop.one.pk)})
    assert answer.status_code == 409
    assert "Noah" in text_of(answer)
    assert shop.provider(shop.us) == "Provider 2"


def test_wrong_rows_get_a_sentence_and_nothing_is_saved(maya: Browser, shop: MappingShop) -> None:
    retired = make_account("Old", is_retired=True)
    live = make_server("pbx-live", environment="production")
    good, us, package = str(shop.one.pk), shop.us.code, shop.package.code
    for name, choose, sentence in (
        ("map-products", {us: "999999"}, "does not exist any more"),
        ("map-products", {us: str(retired.pk)}, "Old is retired"),
        ("map-products", {us: "9" * 5000}, "Choose one of the providers"),
        ("map-products", {us: "٣"}, "Choose one of the providers"),
        ("map-products", {us: "\x00"}, "Choose one of the providers"),
        ("map-products", {package: (good, "x")}, "Choose one of the PBX servers"),
        ("map-products", {package: (good, str(live.pk))}, "two of the same kind"),
        ("map-products", {us: [good, "none"]}, "sent twice"),
        ("map-products", {"P-999999": good}, "not in the catalogue"),
        ("map-bundles", {package: ("", str(shop.server.pk))}, "Choose a provider as well"),
        ("map-groups", {us: good}, "not in the catalogue"),
    ):
        answer = post(
            maya, name, choose={shop.ca.code: good, **choose} if name == "map-products" else choose
        )
        assert answer.status_code == 422, sentence
        assert sentence in text_of(answer)
        assert "Nothing was changed" in text_of(answer)
    for version in ("", "x", "-1", "99", "9" * 500, "\x00"):
        answer = post(maya, "map-products", version=version, choose={us: good})  # type: ignore[arg-type]
        assert "This form is incomplete" in text_of(answer)
    # What cannot be the name of a row is no row.
    assert post(maya, "map-products", choose={"../x": good}).status_code == 302
    assert not Mapping.objects.exists()
    assert not MappingSave.objects.exists()


def test_the_last_save_can_be_undone_and_only_the_last(maya: Browser, shop: MappingShop) -> None:
    undo = reverse("office:undo-mappings")
    assert "nothing to undo" in text_of(maya.get(undo))
    shop.save(Method.GROUP, shop.choice(shop.domestic, shop.one))
    question = maya.get(undo)
    assert "4 rows would be as before" in text_of(question)
    hidden = fields(question, near="version")
    shop.save(Method.SINGLE, shop.choice(shop.us, shop.two), actor=NOAH)
    late = maya.post(undo, hidden)
    assert late.status_code == 409
    assert "Only the last save can be undone" in text_of(late)
    assert shop.provider(shop.us) == "Provider 2"
    assert maya.post(undo, {}).status_code == 409
    assert maya.post(undo, fields(late, near="version")).status_code == 302
    assert shop.provider(shop.us) == "Provider 1"
    assert "Undid save 2" in text_of(maya.get(reverse(PAGE)))


def test_who_may_only_see_gets_a_table_without_drop_downs(shop: MappingShop) -> None:
    shop.save(Method.SINGLE, shop.choice(shop.us, shop.one))
    reader = browser_of("read-only")
    answer = reader.get(reverse(PAGE))
    text = answer.content.decode()
    assert 'name="account.' not in text
    assert "Mappings</button>" not in text
    assert "Undo this save" not in text
    assert "Provider 1" in text_of(answer)
    for name in ("map-products", "map-bundles", "map-groups", "undo-mappings"):
        assert reader.post(reverse(f"office:{name}")).status_code == 403
    assert reader.get(reverse("office:not-on-sale")).status_code == 200


def test_what_is_not_on_sale_is_listed_with_every_reason_and_a_way_to_mend_it(
    maya: Browser, shop: MappingShop
) -> None:
    shop.save(Method.GROUP, shop.choice(shop.domestic, shop.one))
    hidden = make_product(shop.domestic, "Secret DID", is_hidden=True, stock=0)
    address = reverse("office:not-on-sale")
    listing = maya.get(address).context["listing"]
    rows = {row.thing.name: [line.sentence for line in row.lines] for row in listing.paged.page}
    assert "US DID" not in rows
    assert rows["Secret DID"] == ["It is hidden.", "Its stock is used up."]
    assert rows["Complete PBX Package"] == ["It is not mapped to a provider."]
    assert listing.on_sale == 3
    counts = {chip.word: chip.count for chip in listing.chips}
    assert counts == {
        "All": 5, "Hidden": 1, "Only in bundles": 1, "Sold out": 1, "Incomplete": 1, "Not mapped": 4,
    }  # fmt: skip
    text = maya.get(address, {"why": "not-mapped"}).content.decode()
    assert f"{reverse(PAGE)}?q={shop.package.code}" in text
    assert hidden.name not in text
    assert maya.get(address, {"q": "\x00nothing", "why": "x"}).status_code == 200


def test_unmapped_things_are_not_in_the_shop(maya: Browser, shop: MappingShop) -> None:
    shop.save(Method.SINGLE, shop.choice(shop.us, shop.one))
    guest = Browser()
    for slug in (shop.uk.slug, shop.package.slug):
        answer = guest.post(reverse("shop:start"), {"slug": slug})
        assert "checkout" not in answer["Location"]


@pytest.mark.django_db
def test_five_thousand_products_in_five_hundred_bundles_take_few_queries(
    django_assert_max_num_queries: Any,
) -> None:
    default_brand()
    account, _ = make_large_catalogue(products=5000, bundles=500)
    maya = browser_of("provisioning")
    group = ProductGroup.objects.get(name="Shelf 007")
    with django_assert_max_num_queries(15):  # the first page of a process reads the brands' hosts
        answer = maya.get(reverse(PAGE), {"page": "3"})
    # Neither all bundles nor all products are in the page.
    assert answer.content.count(b"<select") < 130
    assert answer.context["bundles"].page.paginator.count == 500
    with django_assert_max_num_queries(14):
        found = maya.get(reverse(PAGE), {"bq": "pack 0499", "gq": "039", "q": "did 04999"})
    assert [len(found.context[name].rows) for name in ("bundles", "groups", "table")] == [1, 1, 1]
    with django_assert_max_num_queries(14):
        maya.get(reverse("office:not-on-sale"))
    with django_assert_max_num_queries(14):
        look = post(maya, "map-groups", choose={code_of(group): str(account.pk)})
    assert look.status_code == 200
