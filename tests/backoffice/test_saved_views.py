"""Filters that staff keeps: each for himself."""

from __future__ import annotations

from django.test import Client as Browser
from django.urls import reverse

from ringup.accounts.models import SavedView
from tests.factories import Shop, make_pbx_order
from tests.world import People, make_user


def save(browser: Browser, name: str, query: str) -> str:
    answer = browser.post(reverse("office:save-view"), {"name": name, "query": query}, follow=True)
    return answer.content.decode()


def test_a_view_is_saved_opened_replaced_and_deleted(
    staff: Browser, shop: Shop, people: People
) -> None:
    make_pbx_order(shop, people.acme)
    text = save(staff, " My  failed ", "status=failed&before=7&evil=<x>&mine=yes")
    assert "My failed is saved" in text
    view = SavedView.objects.get()
    assert (view.name, view.query, view.user) == ("My failed", "status=failed&mine=yes", people.sam)
    text = staff.get(reverse("office:queue")).content.decode()
    assert 'href="/office/queue/?status=failed&amp;mine=yes"' in text
    save(staff, "My failed", "status=pending")
    assert SavedView.objects.get().query == "status=pending"
    staff.post(reverse("office:delete-view", args=[view.uid]))
    assert not SavedView.objects.exists()


def test_nobody_sees_or_deletes_anothers(staff: Browser, shop: Shop, people: People) -> None:
    save(staff, "Only Sam's", "status=failed")
    colleague = Browser()
    colleague.force_login(make_user("olive", None, is_staff=True))
    assert "Only Sam" not in colleague.get(reverse("office:queue")).content.decode()
    colleague.post(reverse("office:delete-view", args=[SavedView.objects.get().uid]))
    save(colleague, "Only Sam's", "status=pending")
    assert SavedView.objects.get(user=people.sam).query == "status=failed"


def test_what_is_no_view_is_refused(staff: Browser, shop: Shop, people: People) -> None:
    assert "Give the view a name" in save(staff, " \x00 ", "status=failed")
    assert "at most 60" in save(staff, "x" * 61, "status=failed")
    assert "Filter the queue first" in save(staff, "Nothing", "evil=1&status=none")
    assert not SavedView.objects.exists()
    assert "<script>" not in save(staff, "<script>", "q=<script>")
