"""Clients: the list, the record of one, notes, and who may what."""

from __future__ import annotations

import csv
import re
import uuid
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ringup.accounts import inviting, joining, letting_in
from ringup.accounts.brands import default_brand
from ringup.accounts.models import Client, ClientNote, Invitation, Membership, User
from ringup.accounts.roles import Role
from ringup.core.models import Activity
from ringup.flows.checkout.opening_clients import NewClient, open_for_caller
from ringup.mail.models import Outbox
from ringup.orders.models import OrderLine
from ringup.services.models import Service
from tests.factories import Shop, make_mail, make_number_order, make_pbx_order, make_run, service_of
from tests.world import SAM, People, make_client, make_user


def names(browser: Browser, **query: str) -> list[str]:
    answer = browser.get(reverse("office:clients"), query)
    assert answer.status_code == 200
    return [row.client.name for row in answer.context["found"].rows]


def record_of(browser: Browser, client: Client) -> str:
    answer = browser.get(reverse("office:client", args=[client.uid]))
    assert answer.status_code == 200
    return answer.content.decode()


def activate(service: Service) -> None:
    now = timezone.now()
    Service.objects.filter(pk=service.pk).update(state=Service.State.ACTIVE, activated=now)


def test_a_row_says_what_the_client_has(staff: Browser, shop: Shop, people: People) -> None:
    activate(service_of(make_pbx_order(shop, people.acme)))
    make_number_order(shop, people.acme)
    rows = staff.get(reverse("office:clients")).context["found"].rows
    (row,) = [row for row in rows if row.client == people.acme]
    assert (row.services, row.orders) == (1, 2)
    assert [str(sum) for sum in row.monthly] == ["$79.00"]


def test_filters_search_and_order(staff: Browser, shop: Shop, people: People) -> None:
    activate(service_of(make_pbx_order(shop, people.acme)))
    Client.objects.filter(pk=people.other.pk).update(country="CA", email="hello@zulu.example")
    assert names(staff) == ["Other", "Acme"]
    assert names(staff, sort="name") == ["Acme", "Other"]
    assert names(staff, has="service") == names(staff, q="acme con") == ["Acme"]
    assert names(staff, has="none") == names(staff, country="CA") == ["Other"]
    assert names(staff, q="ZULU.ex") == ["Other"]
    assert names(staff, since="2999-01-01") == names(staff, until="2001-01-01") == []
    assert len(names(staff, since="never", has="x", sort="y", country="nowhere")) == 2


def test_pages_meet_without_a_gap(staff: Browser, people: People) -> None:
    for number in range(40):
        make_client(f"Client{number:02}")
    for sort in ("", "name"):
        first = staff.get(reverse("office:clients"), {"sort": sort}).context["found"]
        second = names(staff, sort=sort, before=str(first.page.before))
        assert len({*(row.client.name for row in first.rows), *second}) == 42
        key = str(Client.objects.get(name=second[0]).pk)
        assert names(staff, sort=sort, after=key) == [row.client.name for row in first.rows]


def test_the_list_asks_few_questions(staff: Browser, shop: Shop, people: People) -> None:
    names(staff)
    for number in range(5):
        activate(service_of(make_pbx_order(shop, make_client(f"C{number}"))))
    with CaptureQueriesContext(connection) as asked:
        names(staff)
    assert len(asked) <= 12, asked.captured_queries


def test_the_export_has_the_filtered_clients(staff: Browser, people: People) -> None:
    people.acme.name = "=cmd()"
    people.acme.save()
    answer = staff.get(reverse("office:clients-export"), {"q": "acme contact"})
    (row,) = csv.DictReader(StringIO(answer.getvalue().decode("utf-8-sig")))
    assert row["Client"] == "'=cmd()"
    assert Activity.objects.filter(subject="export:clients-export").exists()


def test_the_record_shows_all_of_a_client(staff: Browser, shop: Shop, people: People) -> None:
    order = make_pbx_order(shop, people.acme, domain="acme.pbx.ringup.example")
    make_run(order, state="failed", problem="the event socket is silent")
    number = make_number_order(shop, people.acme, e164="+16465550188")
    activate(service_of(number))
    mail = make_mail(f"order:{order.uid}", subject="Order received", state="failed")
    type(mail).objects.filter(pk=mail.pk).update(client_id=people.acme.pk, error="no such box")
    make_pbx_order(shop, people.other, domain="other.pbx.ringup.example")
    text = record_of(staff, people.acme)
    for words in (
        "acme.pbx.ringup.example", "1001 to 1010", "its own SIP account", order.label, "no such box",
        "the event socket is silent", "Active", "Pending", "alice@example.com", "Technical",
        "Address not proved", "$79.00",
    ):  # fmt: skip
        assert words in text, words
    assert "other.pbx" not in text
    with CaptureQueriesContext(connection) as asked:
        record_of(staff, people.acme)
    assert len(asked) <= 20


def test_what_clients_typed_is_escaped(staff: Browser, shop: Shop, people: People) -> None:
    evil = "<script>alert(1)</script>"
    Client.objects.filter(pk=people.acme.pk).update(name=evil, contact_name=evil, street=evil)
    make_pbx_order(shop, people.acme)
    staff.post(reverse("office:client-note", args=[people.acme.uid]), {"text": evil})
    for text in (
        record_of(staff, people.acme),
        staff.get(reverse("office:clients")).content.decode(),
    ):
        assert "<script>alert" not in text


# -- notes ------------------------------------------------------------------------------------------


def note(browser: Browser, client: Client, text: str) -> Any:
    return browser.post(reverse("office:client-note", args=[client.uid]), {"text": text})


def test_a_note_is_written_read_and_deleted(staff: Browser, people: People) -> None:
    assert note(staff, people.acme, "Pays by <wire>.\r\nCall first.").status_code == 302
    assert "Pays by &lt;wire&gt;.<br>Call first." in record_of(staff, people.acme)
    (row,) = people.acme.notes.all()
    gone = reverse("office:delete-client-note", args=[people.acme.uid, row.uid])
    assert staff.get(gone).status_code == 405
    staff.post(gone)
    assert not ClientNote.objects.exists()
    written = Activity.objects.filter(subject=f"client:{people.acme.uid}")
    assert [row.what for row in written.order_by("pk")] == [
        "wrote a note about the client", "deleted a note about the client",
    ]  # fmt: skip


def test_nobody_deletes_anothers_note_or_one_of_another_client(
    staff: Browser, people: People
) -> None:
    colleague = Browser()
    colleague.force_login(make_user("olive", None, is_staff=True))
    note(colleague, people.acme, "Mine.")
    (row,) = people.acme.notes.all()
    answer = staff.post(
        reverse("office:delete-client-note", args=[people.acme.uid, row.uid]), follow=True
    )
    assert "Only who wrote a note" in answer.content.decode()
    colleague.post(reverse("office:delete-client-note", args=[people.other.uid, row.uid]))
    assert people.acme.notes.count() == 1


@pytest.mark.parametrize("text", ["", "  \x00\n", "x" * 2001])
def test_a_refused_note_stays_typed(staff: Browser, people: People, text: str) -> None:
    answer = note(staff, people.acme, text)
    assert answer.status_code == 422
    assert "Nothing was saved" in answer.content.decode()
    assert not ClientNote.objects.exists()


def test_who_may_write_notes(people: People) -> None:
    for role in Role:
        browser = Browser()
        browser.force_login(make_user(f"a-{role}", None, is_staff=True, role=role))
        text = record_of(browser, people.acme)
        may = role in (Role.OWNER, Role.MANAGER, Role.BILLING, Role.SUPPORT)
        assert ("Add note" in text) == may
        assert note(browser, people.acme, "x").status_code == (302 if may else 403)


def test_an_unknown_client_is_not_found(staff: Browser) -> None:
    assert staff.get(reverse("office:client", args=[uuid.uuid4()])).status_code == 404


# -- what is read out of quotes ------------------------------------------------------------------------


def test_a_line_knows_its_month_and_its_domain(shop: Shop, people: People) -> None:
    order = make_pbx_order(shop, people.acme, domain="Acme.pbx.ringup.example")
    line = OrderLine.objects.get(order=order)
    assert (str(line.monthly), line.domain) == ("$79.00", "acme.pbx.ringup.example")
    line.quote["cycle"] = "annual"
    line.save(update_fields=["quote"])
    line.refresh_from_db()
    assert line.monthly_micros == 6_583_333


# -- letting the owner in ---------------------------------------------------------------------------


def let_in(browser: Browser, client: Client) -> Any:
    return browser.post(reverse("office:let-in", args=[client.uid]), follow=True)


@pytest.fixture
def called(people: People) -> Client:
    """A client that staff opened for who called."""
    place: dict[str, str] = {}
    new = NewClient("Fynbos", "Nomsa", "nomsa@fynbos.example", "+14165550111", place)
    return open_for_caller(new, brand=default_brand(), actor=SAM)


def link_of(template: str) -> str:
    mail = Outbox.objects.filter(template=template).order_by("-pk")[0]
    found = re.search(r"https?://[^/]+(/\S+)", mail.text)
    assert found
    return found[1]


def test_who_was_opened_without_an_order_gets_the_link_to_a_password(
    staff: Browser, called: Client
) -> None:
    assert "Send the link to choose a password" in record_of(staff, called)
    assert "on its way to nomsa@fynbos.example" in let_in(staff, called).content.decode()
    where = link_of("first-password")
    assert where not in record_of(staff, called)
    owner = Browser()
    page = owner.get(where, follow=True)
    assert page.status_code == 200
    chosen = {"new_password1": "Correct-Horse-9", "new_password2": "Correct-Horse-9"}
    owner.post(page.request["PATH_INFO"], chosen)
    assert User.objects.get(email="nomsa@fynbos.example").has_usable_password()
    assert "Send the link" not in record_of(staff, called)
    assert "can sign in already" in let_in(staff, called).content.decode()
    assert Outbox.objects.filter(template="first-password").count() == 1


def test_an_owner_whose_invitation_ran_out_is_invited_again(staff: Browser, people: People) -> None:
    client = make_client("Fynbos")
    Client.objects.filter(pk=client.pk).update(email=people.bob.email)
    client.refresh_from_db()
    first, letter = inviting.owner_invitation(client)
    inviting.send_first(first, letter)
    Invitation.objects.update(expires=timezone.now())
    assert "Invite the owner again" in record_of(staff, client)
    assert let_in(staff, client).status_code == 200
    assert [row.revoked is None for row in Invitation.objects.order_by("pk")] == [False, True]
    token = link_of("client-invitation").rstrip("/").rpartition("/")[2]
    joining.join(token, people.bob)
    assert Membership.objects.get(client=client).user == people.bob
    assert "can sign in already" in let_in(staff, client).content.decode()


def test_the_link_is_mailed_three_times_an_hour(staff: Browser, called: Client) -> None:
    for _ in range(letting_in.AGAIN.times + 1):
        answer = let_in(staff, called)
    assert "three times within an hour" in answer.content.decode()
    assert Outbox.objects.filter(template="first-password").count() == letting_in.AGAIN.times


def test_an_erased_client_lets_nobody_in(staff: Browser, called: Client) -> None:
    Client.objects.filter(pk=called.pk).update(email="")
    assert "Send the link" not in record_of(staff, called)
    let_in(staff, called)
    assert not Outbox.objects.filter(template="first-password").exists()
