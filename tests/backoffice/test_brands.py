"""Brands in the back office: the list, a new one, its look, its terms."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from ringup.accounts.brands import default_brand
from ringup.accounts.models import Brand, TermsVersion
from ringup.core.models import Activity
from tests.accounts.test_brands import png
from tests.backoffice.test_settings import BRAND
from tests.world import make_client

# Pages and forms: no database answers them differently.
pytestmark = [pytest.mark.django_db, pytest.mark.once]
KAROO = BRAND | {"name": "Karoo", "domain": "Shop.Karoo.Test", "accent": "#B00020"}


@pytest.fixture
def karoo(staff: Browser) -> Brand:
    answer = staff.post(reverse("office:brand-new"), KAROO)
    assert answer.status_code == 302, answer.content.decode()
    return Brand.objects.get(name="Karoo")


def page_of(brand: Brand) -> str:
    return reverse("office:brand", args=[brand.uid])


def test_a_new_brand_is_listed_and_has_its_own_shop(staff: Browser, karoo: Brand) -> None:
    assert (karoo.domain, karoo.accent, karoo.is_default) == ("shop.karoo.test", "#b00020", False)
    listed = staff.get(reverse("office:brands")).content.decode()
    assert "http://shop.karoo.test:8000/" in listed
    shop = Browser(headers={"Host": "shop.karoo.test"}).get("/account/sign-in/").content.decode()
    assert "Karoo" in shop
    assert karoo.colours_path in shop
    logged = Activity.objects.get(subject=f"brand:{karoo.uid}")
    assert logged.what == "made the brand"
    assert logged.detail["domain"] == ["", "shop.karoo.test"]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("accent", "#ffcc00", "hard to read on a white page"),
        ("accent", "red", "six digits"),
        ("domain", "https://karoo.test/", "Type a host name alone"),
        ("domain", "10.1.2.3", "Type a host name alone"),
        ("most_waiting", "0", "greater than or equal to 1"),
        ("language", "xx", "Select a valid choice"),
        ("terms", "x" * 100_001, "at most 100,000"),
        ("mail_from", "Karoo", "Type a name and an address"),
    ],
)
def test_a_brand_of_the_wrong_shape_is_not_made(
    staff: Browser, field: str, value: str, says: str
) -> None:
    answer = staff.post(reverse("office:brand-new"), KAROO | {field: value})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Brand.objects.filter(name="Karoo").exists()


def test_a_domain_that_another_brand_has_stands_at_its_field(staff: Browser, karoo: Brand) -> None:
    answer = staff.post(reverse("office:brand-new"), KAROO | {"name": "Second"})
    assert answer.status_code == 422
    assert "Another brand has this domain" in answer.content.decode()


def test_a_logo_is_put_up_replaced_and_taken_down(staff: Browser, karoo: Brand) -> None:
    def upload(data: bytes, name: str = "logo.png") -> int:
        file = SimpleUploadedFile(name, data, content_type="text/html")
        return staff.post(page_of(karoo), KAROO | {"logo": file}).status_code

    assert upload(png()) == 302
    karoo.refresh_from_db()
    first = karoo.logo_path
    assert staff.get(first)["Content-Type"] == "image/png"
    assert first in staff.get(page_of(karoo)).content.decode()
    assert upload(b"<svg onload='alert(1)'/>", "logo.svg") == 422
    karoo.refresh_from_db()
    assert karoo.logo_path == first
    assert upload(png(50, 50)) == 302
    karoo.refresh_from_db()
    assert karoo.logo_path != first
    # A mail that left long ago still shows the old one.
    assert staff.get(first).status_code == 200
    assert staff.post(page_of(karoo), KAROO | {"drops_logo": "on"}).status_code == 302
    karoo.refresh_from_db()
    assert karoo.logo_path == ""


def test_terms_rise_with_each_change_and_stay_readable(staff: Browser, karoo: Brand) -> None:
    for text in ("One.", "Two.\r\n\r\nMore."):
        staff.post(page_of(karoo), KAROO | {"terms": text})
    # Saved again as the browser sends it: nothing has changed.
    staff.post(page_of(karoo), KAROO | {"terms": "Two.\r\n\r\nMore."})
    assert TermsVersion.objects.filter(brand=karoo).count() == 2
    old = staff.get(reverse("office:brand-terms", args=[karoo.uid, 1])).content.decode()
    assert "One." in old
    assert "No longer in force" in old
    other = reverse("office:brand-terms", args=[default_brand().uid, 1])
    assert staff.get(other).status_code == 404


def test_only_a_brand_that_nobody_has_met_can_be_deleted(staff: Browser, karoo: Brand) -> None:
    def delete(brand: Brand) -> int:
        return staff.post(reverse("office:brand-delete", args=[brand.uid])).status_code

    assert delete(default_brand()) == 422
    client = make_client("Acme2")
    client.brand = karoo
    client.save()
    assert delete(karoo) == 422
    client.delete()
    assert delete(karoo) == 302
    assert not Brand.objects.filter(pk=karoo.pk).exists()
