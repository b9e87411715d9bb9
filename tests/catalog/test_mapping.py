"""Product mappings, rule by rule of the specification, by its own examples; and two savers at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from ringup.catalog import mapping, selling
from ringup.catalog.choosing import Choice, MappingRefusal, Method
from ringup.catalog.mapped import Catalogue, Status
from ringup.catalog.models import Bundle, BundleItem, Mapping, MappingSave, Product
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from tests.mapping_shop import (
    MAYA,
    NOAH,
    MappingShop,
    code_of,
    make_account,
    make_bundle,
    make_product,
    make_server,
    row_of,
)


@pytest.fixture
def shop(db: None) -> MappingShop:
    return MappingShop()


def effective(thing: Any) -> Mapping | None:
    """The mapping that the shop, an order and provisioning use, read anew."""
    return selling.own_mapping(type(thing).objects.get(pk=thing.pk))


def status(thing: Any) -> Status:
    catalogue = Catalogue.read()
    return catalogue.status(catalogue.things[thing.code])


# -- the three methods ----------------------------------------------------------------------------


def test_saving_a_bundle_maps_it_and_all_its_products(shop: MappingShop) -> None:
    saved = shop.save(Method.BUNDLE, shop.choice(shop.package, shop.one))
    assert [shop.provider(part) for part in shop.parts] == ["Provider 1"] * 3
    assert shop.provider(shop.package) == "Provider 1"
    assert {row.source for row in Mapping.objects.all()} == {"bundle"}
    assert (saved.number, len(saved.changes)) == (1, 4)
    assert shop.provider(shop.us) == ""


def test_saving_a_group_maps_all_its_stand_alone_products(shop: MappingShop) -> None:
    shop.save(Method.GROUP, shop.choice(shop.domestic, shop.one))
    for product in (shop.us, shop.ca, shop.uk):
        assert shop.provider(product) == "Provider 1"
        assert status(product) is Status.MAPPED
    # One that is added later inherits it, and an unmapped group gives nothing.
    later = make_product(shop.domestic, "NZ DID")
    assert shop.provider(later) == ""
    assert effective(later) == row_of(shop.domestic)
    assert status(later) is Status.MAPPED
    assert status(shop.parts[0]) is Status.DEFAULT


def test_saving_a_group_leaves_the_products_of_bundles_alone(shop: MappingShop) -> None:
    inside = make_product(shop.domestic, "DE DID")
    BundleItem.objects.create(bundle=shop.package, product=inside)
    shop.save(Method.BUNDLE, shop.choice(shop.package, shop.one))
    unmapped = make_product(shop.domestic, "FR DID")
    make_bundle("Starter", unmapped)
    in_old_bundle = make_product(shop.domestic, "IT DID")
    make_bundle("Old", in_old_bundle, is_retired=True)
    retired = make_product(shop.domestic, "XX DID", is_retired=True)

    seen = mapping.preview(Method.GROUP, [shop.choice(shop.domestic, shop.two)])
    mapping.save(seen, version=1, actor=MAYA)

    assert shop.provider(inside) == "Provider 1"
    assert (shop.provider(unmapped), shop.provider(retired)) == ("", "")
    assert shop.provider(shop.us) == shop.provider(in_old_bundle) == "Provider 2"
    # It says who follows the group without being written.
    assert [thing.name for thing in seen.followers] == ["FR DID"]


def test_a_single_mapping_overrides_the_group_and_can_follow_it_again(shop: MappingShop) -> None:
    shop.save(Method.GROUP, shop.choice(shop.domestic, shop.one))
    shop.save(Method.SINGLE, shop.choice(shop.uk, shop.two))
    assert [shop.provider(p) for p in (shop.us, shop.uk)] == ["Provider 1", "Provider 2"]
    assert row_of(shop.uk).source == "single"  # type: ignore[union-attr]
    shop.save(Method.SINGLE, Choice(shop.uk.code, is_own=False))
    assert shop.provider(shop.uk) == ""
    assert effective(shop.uk) == row_of(shop.domestic)


def test_no_provider_means_not_sold_also_when_the_group_has_one(shop: MappingShop) -> None:
    shop.save(Method.GROUP, shop.choice(shop.domestic, shop.one))
    assert shop.uk in selling.visible_products("USD")
    shop.save(Method.SINGLE, shop.choice(shop.uk, None))
    assert shop.provider(shop.uk) == "none"
    assert status(shop.uk) is Status.DEFAULT
    assert shop.uk not in selling.visible_products("USD")
    with pytest.raises(Refusal, match="not on sale"):
        selling.mapping_of(shop.uk)


def test_a_line_bought_in_a_bundle_uses_the_bundle_s_mapping(shop: MappingShop) -> None:
    shop.save(Method.BUNDLE, shop.choice(shop.package, shop.one))
    shop.save(Method.SINGLE, *[shop.choice(part, shop.two) for part in shop.parts])
    assert effective(shop.package).account == shop.one  # type: ignore[union-attr]
    assert effective(shop.parts[0]).account == shop.two  # type: ignore[union-attr]
    # And a bundle has no group to follow.
    Mapping.objects.filter(bundle=shop.package).delete()
    shop.save(Method.GROUP, shop.choice(shop.package.group, shop.one))
    assert effective(shop.package) is None


def test_a_bundle_can_be_mapped_singly(shop: MappingShop) -> None:
    shop.save(Method.SINGLE, shop.choice(shop.package, shop.two))
    assert shop.provider(shop.package) == "Provider 2"
    assert [shop.provider(part) for part in shop.parts] == ["", "", ""]


def test_a_pbx_server_goes_only_to_what_needs_a_tenant(shop: MappingShop) -> None:
    shop.save(Method.BUNDLE, shop.choice(shop.package, shop.one, server=shop.server.pk))
    servers = {code_of(thing): row_of(thing).server for thing in [shop.package, *shop.parts]}  # type: ignore[union-attr]
    assert servers == {
        shop.package.code: shop.server,
        shop.parts[0].code: None,
        shop.parts[1].code: None,
        shop.parts[2].code: shop.server,
    }
    # A server that stands at a plain number is no difference.
    Mapping.objects.filter(product=shop.parts[0]).update(server=shop.server)
    again = [shop.choice(shop.package, shop.one, server=shop.server.pk)]
    assert mapping.preview(Method.BUNDLE, again).changes == []


# -- looking first --------------------------------------------------------------------------------


def test_a_preview_counts_and_names_the_individual_mappings_first(shop: MappingShop) -> None:
    shop.save(Method.SINGLE, shop.choice(shop.uk, shop.two), shop.choice(shop.ca, shop.one))
    seen = mapping.preview(Method.GROUP, [shop.choice(shop.domestic, shop.one)])
    lines = [(change.name, change.was, change.becomes) for change in seen.changes]
    assert lines == [
        ("UK DID", "Provider 2", "Provider 1"),
        ("Domestic DIDs (product group)", "Not mapped", "Provider 1"),
        ("US DID", "As its group (Not mapped)", "Provider 1"),
    ]
    assert [change.name for change in seen.replaced] == ["UK DID"]
    assert shop.provider(shop.uk) == "Provider 2", "a preview writes nothing"
    # CA DID is the same already, and stays an individual mapping.
    mapping.save(seen, version=1, actor=MAYA)
    assert row_of(shop.ca).source == "single"  # type: ignore[union-attr]


def test_saving_what_is_there_already_says_so(shop: MappingShop) -> None:
    shop.save(Method.GROUP, shop.choice(shop.domestic, shop.one))
    with pytest.raises(Refusal, match="Nothing to save"):
        shop.save(Method.GROUP, shop.choice(shop.domestic, shop.one))
    assert MappingSave.objects.count() == 1


WRONG: list[tuple[Method, str, dict[str, Any], str]] = [
    (Method.SINGLE, "P-999999", {}, "not in the catalogue"),
    (Method.SINGLE, "bundle_999999", {}, "not in the catalogue"),
    (Method.SINGLE, "{domestic}", {}, "not in the catalogue"),
    (Method.GROUP, "{us}", {}, "not in the catalogue"),
    (Method.GROUP, "group_999999", {}, "not in the catalogue"),
    (Method.BUNDLE, "{us}", {}, "not in the catalogue"),
    (Method.SINGLE, "P-٣", {}, "not in the catalogue"),
    (Method.SINGLE, "\x00", {}, "not in the catalogue"),
    (Method.SINGLE, "P-" + "9" * 40, {}, "not in the catalogue"),
    (Method.SINGLE, "{us}", {"account": 999_999}, "does not exist any more"),
    (Method.SINGLE, "{us}", {"account": "{retired}"}, "is retired"),
    (Method.SINGLE, "{us}", {"account": "{off}"}, "is switched off"),
    (Method.SINGLE, "{package}", {"server": 999_999}, "does not exist any more"),
    (Method.SINGLE, "{package}", {"server": "{down}"}, "is switched off"),
    (Method.BUNDLE, "{package}", {"server": "{live}"}, "two of the same kind"),
    (Method.GROUP, "{domestic}", {"server": "{live}"}, "two of the same kind"),
]


def test_a_wrong_choice_gets_a_sentence_and_changes_nothing(shop: MappingShop) -> None:
    known = {
        "{us}": shop.us.code,
        "{package}": shop.package.code,
        "{domestic}": code_of(shop.domestic),
        "{retired}": make_account("Old", is_retired=True).pk,
        "{off}": make_account("Off", is_enabled=False).pk,
        "{down}": make_server("pbx-down", is_enabled=False).pk,
        "{live}": make_server("pbx-live", environment="production").pk,
    }
    for method, code, more, sentence in WRONG:
        values = {"account": shop.one.pk} | {n: known.get(str(v), v) for n, v in more.items()}
        choice = Choice(str(known.get(code, code)), **values)
        good = [shop.choice(shop.ca, shop.one)] if method is Method.SINGLE else []
        with pytest.raises(MappingRefusal, match=sentence) as refusal:
            shop.save(method, *good, choice)
        assert "Nothing was changed" in str(refusal.value)
        assert list(refusal.value.rows) == [choice.code]
    assert not Mapping.objects.exists()
    assert not MappingSave.objects.exists()


def test_one_row_twice_and_one_product_in_two_bundles_are_refused(shop: MappingShop) -> None:
    one, two = shop.choice(shop.us, shop.one), shop.choice(shop.us, shop.two)
    with pytest.raises(MappingRefusal, match="sent twice"):
        shop.save(Method.SINGLE, one, two)
    other = make_bundle("Other package", shop.parts[1])
    with pytest.raises(MappingRefusal, match=r"Extensions is in two of these bundles"):
        shop.save(Method.BUNDLE, shop.choice(shop.package, shop.one), shop.choice(other, shop.two))
    # One after the other is fine, and so are two that agree.
    shop.save(Method.BUNDLE, shop.choice(shop.package, shop.one), shop.choice(other, shop.one))
    shop.save(Method.BUNDLE, shop.choice(other, shop.two))
    assert shop.provider(shop.parts[1]) == "Provider 2"
    assert shop.provider(shop.package) == "Provider 1"


# -- statuses -------------------------------------------------------------------------------------


def test_a_mapping_is_invalid_when_its_order_could_not_be_carried_out(shop: MappingShop) -> None:
    pbx = make_product(shop.domestic, "PBX", kind="hosted-pbx", seats=3)
    both = (shop.us, pbx)
    shop.save(Method.SINGLE, *[shop.choice(thing, shop.one) for thing in both])

    def statuses() -> tuple[Status, ...]:
        servers = [shop.server] if shop.server.is_enabled else []
        for thing in both:  # the shop decides the same
            fresh = Product.objects.get(pk=thing.pk)
            is_valid = selling.is_valid(fresh.mapping, fresh, servers=servers)
            assert is_valid == (status(thing) is Status.MAPPED)
        return tuple(map(status, both))

    assert statuses() == (Status.MAPPED, Status.MAPPED)
    for change, undo in (
        ({"max_extensions": 2}, {"max_extensions": 5000}),
        ({"max_tenants": 0}, {"max_tenants": 200}),
        ({"is_enabled": False}, {"is_enabled": True}),
        ({"environment": "production"}, {"environment": "sandbox"}),
    ):
        vars(shop.server).update(change)
        shop.server.save()
        assert statuses() == (Status.MAPPED, Status.INVALID), change
        vars(shop.server).update(undo)
        shop.server.save()
    for name in ("is_enabled", "is_retired"):
        setattr(shop.one, name, name == "is_retired")
        shop.one.save()
        assert statuses() == (Status.INVALID, Status.INVALID), name
        shop.one.is_enabled, shop.one.is_retired = True, False
        shop.one.save()


# -- saves, their record, and undo ----------------------------------------------------------------


def test_a_save_is_one_numbered_row_and_one_line_of_the_log(shop: MappingShop) -> None:
    shop.save(Method.GROUP, shop.choice(shop.domestic, shop.one), actor=NOAH)
    saved = MappingSave.objects.get()
    assert (saved.number, saved.actor_label) == (1, "Noah")
    assert saved.text == "By group: Domestic DIDs to Provider 1"
    activity = Activity.objects.get(subject="mappings:1")
    assert (activity.actor_label, activity.detail["rows"]) == ("Noah", 4)
    assert activity.detail["changes"][shop.us.code] == ["As its group (Not mapped)", "Provider 1"]


def test_undo_restores_the_rows_as_they_were_as_a_new_save(shop: MappingShop) -> None:
    shop.save(Method.SINGLE, shop.choice(shop.uk, shop.two))
    before = list(Mapping.objects.values("product", "account", "server", "source"))
    shop.save(Method.GROUP, shop.choice(shop.domestic, shop.one))
    undone = mapping.undo_last(number=2, actor=NOAH)
    assert undone.number == 3
    assert undone.text.startswith("Undid save 2.")
    assert list(Mapping.objects.values("product", "account", "server", "source")) == before
    assert Activity.objects.get(subject="mappings:3").actor_label == "Noah"
    # The undo can be undone: it is the last save now.
    mapping.undo_last(number=3, actor=MAYA)
    assert shop.provider(shop.uk) == "Provider 1"


def test_only_the_last_save_can_be_undone(shop: MappingShop) -> None:
    with pytest.raises(Refusal, match="no save"):
        mapping.undo_last(number=0, actor=MAYA)
    shop.save(Method.SINGLE, shop.choice(shop.us, shop.one))
    shop.save(Method.SINGLE, shop.choice(shop.ca, shop.two), actor=NOAH)
    with pytest.raises(mapping.Overtaken):
        mapping.undo_last(number=1, actor=MAYA)
    assert (shop.provider(shop.us), shop.provider(shop.ca)) == ("Provider 1", "Provider 2")


def test_undo_leaves_out_what_was_deleted_and_refuses_what_nobody_serves(shop: MappingShop) -> None:
    shop.save(Method.SINGLE, shop.choice(shop.us, shop.two), shop.choice(shop.ca, shop.two))
    shop.save(Method.GROUP, shop.choice(shop.domestic, shop.one))
    shop.us.delete()
    assert shop.us.code not in [change.code for change in mapping.reverted(mapping.last_save())]  # type: ignore[arg-type]
    shop.two.price_rules.all().delete()
    shop.two.delete()
    with pytest.raises(Refusal, match="was deleted since"):
        mapping.undo_last(number=2, actor=MAYA)
    assert shop.provider(shop.ca) == "Provider 1"


def test_rows_that_another_hand_changed_are_not_overwritten(shop: MappingShop) -> None:
    seen = mapping.preview(Method.SINGLE, [shop.choice(shop.us, shop.one)])
    Mapping.objects.create(product=shop.us, account=shop.two)
    with pytest.raises(mapping.Overtaken):
        mapping.save(seen, version=0, actor=MAYA)
    assert shop.provider(shop.us) == "Provider 2"
    assert not MappingSave.objects.exists()
    seen = mapping.preview(Method.SINGLE, [shop.choice(shop.ca, shop.one)])
    with pytest.raises(mapping.Overtaken):
        mapping.save(seen, version=7, actor=MAYA)  # a number from the future


def test_a_group_of_thousands_is_saved_and_undone_whole(shop: MappingShop) -> None:
    Product.objects.bulk_create(
        Product(group=shop.domestic, name=f"DID {n}", slug=f"did-{n}", kind="number")
        for n in range(600)
    )
    shop.save(Method.GROUP, shop.choice(shop.domestic, shop.one))
    assert Mapping.objects.filter(account=shop.one).count() == 604
    mapping.undo_last(number=1, actor=MAYA)
    assert not Mapping.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rows", ["one row", "two rows"])
def test_of_two_who_save_at_the_very_same_time_one_is_told(rows: str) -> None:
    shop = MappingShop()
    # Also of two rows: the second must see what the first did before anything of his is saved.
    things = [shop.us, shop.us if rows == "one row" else shop.ca]
    accounts, actors = [shop.one, shop.two], [MAYA, NOAH]
    barrier = threading.Barrier(2)
    outcomes: dict[int, str] = {}

    def save(who: int) -> None:
        try:
            seen = mapping.preview(Method.SINGLE, [shop.choice(things[who], accounts[who])])
            barrier.wait(20)
            mapping.save(seen, version=0, actor=actors[who])
            outcomes[who] = "saved"
        except mapping.Overtaken:
            outcomes[who] = "told"
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=[who]) for who in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)

    assert sorted(outcomes.values()) == ["saved", "told"]
    winner = next(who for who, outcome in outcomes.items() if outcome == "saved")
    saves = [(row.number, row.actor_label) for row in mapping.saves_since(0)]
    assert saves == [(1, actors[winner].label)]
    assert shop.provider(things[winner]) == accounts[winner].name
    assert Mapping.objects.count() == 1
    assert Activity.objects.filter(subject__startswith="mappings:").count() == 1
    # Who was told looks again, and saves on top.
    loser = 1 - winner
    shop.save(Method.SINGLE, shop.choice(things[loser], accounts[loser]), actor=actors[loser])
    assert shop.provider(things[loser]) == accounts[loser].name


def test_a_bundle_without_products_can_be_mapped(shop: MappingShop) -> None:
    empty = make_bundle("Empty")
    shop.save(Method.BUNDLE, shop.choice(empty, shop.one))
    assert shop.provider(Bundle.objects.get(pk=empty.pk)) == "Provider 1"
