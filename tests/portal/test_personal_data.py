"""What we know about a person: taken out on request, never with a secret; erased with the account."""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from ringup.accounts import belonging, inviting, profiles
from ringup.accounts.member_roles import MemberRole
from ringup.accounts.models import Client, Invitation, Membership, User
from ringup.core.actors import GUEST
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows.personal_data import closing, exporting, forgetting
from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.mail.models import Outbox
from ringup.orders.models import Draft, Order
from ringup.regulatory.models import Document, Identity
from ringup.services.models import Service
from tests.accounts.authenticators import secret_of, with_app
from tests.factories import Shop, make_number_order, make_pbx_order, make_run, make_shop, service_of
from tests.portal.conftest import browser_of
from tests.racing import at_once, kinds
from tests.regulatory.papers import make_file
from tests.world import PASSWORD, People, make_client, make_user

FILE, CLOSE = "/my/data/file/", "/my/data/close/"


def unpacked(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def table(files: dict[str, str], name: str) -> list[dict[str, Any]]:
    (found,) = (text for path, text in files.items() if path.endswith(f"{name}.json"))
    rows: list[dict[str, Any]] = json.loads(found)
    return rows


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_pbx_order(shop, people.acme, domain="acme.pbx.ringup.example")


# -- taking it out -----------------------------------------------------------------------------------


def test_an_owner_gets_everything_about_himself_and_his_client(
    alice: Browser, order: Order, people: People
) -> None:
    order.note("Ready soon.", actor=GUEST, staff_text="he never pays")
    answer = alice.post(FILE, {"export-password": PASSWORD})
    assert answer["Content-Type"] == "application/zip"
    files = unpacked(answer.content)
    assert table(files, "you")[0]["email"] == people.alice.email
    assert [row["email"] for row in table(files, "people")] == [
        people.alice.email, people.bob.email,
    ]  # fmt: skip
    assert table(files, "orders")[0]["first_payment"] == "$79.00"
    assert "Ready soon." in [row["text"] for row in table(files, "order_history")]
    assert {row["name"] for row in table(files, "services")} >= {"acme.pbx.ringup.example"}
    assert len(table(files, "numbers")) == 1
    assert all(path.replace(".json", ".csv") in files for path in files)
    assert Activity.objects.filter(what="took the personal data out").count() == 1
    assert Outbox.objects.get(template="data-exported").to == people.alice.email


def test_there_is_no_secret_and_nothing_of_others_in_it(
    alice: Browser, order: Order, people: People, shop: Shop
) -> None:
    make_run(order, state="done", done=8)
    order.note("", actor=GUEST, staff_text="he never pays")
    make_pbx_order(shop, people.other, domain="theirs.pbx.ringup.example")
    with_app(people.alice, int(time.time()) // 30)
    inviting.invite(people.acme, email="dora@example.com", role="billing", by=people.alice)
    mail = Outbox.objects.get(template="client-invitation")
    text = str(unpacked(alice.post(FILE, {"export-password": PASSWORD}).content))
    opened = service_of(order).open_secrets()
    secrets = [value for row in opened["extensions"].values() for value in row.values()]
    secrets += [opened["administrator_hash"], opened["trunk_password"], "he never pays"]
    secrets += [people.alice.password, secret_of(people.alice)]
    secrets += [mail.text.partition("/my/join/")[2].split("/")[0], "theirs.pbx", "charlie@"]
    secrets += ["0.85", "0.40", "carrier-secret"]  # what the number costs us
    assert [secret for secret in secrets if secret in text] == []


def test_who_is_no_owner_gets_himself_alone(order: Order, people: People) -> None:
    answer = browser_of(people.bob).post(FILE, {"export-password": PASSWORD})
    files = unpacked(answer.content)
    assert table(files, "clients")[0]["role"] == "technical"
    assert not [path for path in files if path.startswith("client-")]
    assert people.alice.email not in str(files)


def test_it_asks_for_the_password_and_has_a_limit(alice: Browser, people: People) -> None:
    for wrong in ("", "wrong"):
        assert alice.post(FILE, {"export-password": wrong}).status_code == 422
    assert not Activity.objects.filter(what="took the personal data out").exists()
    for _ in range(exporting.EXPORTS.times):
        assert alice.post(FILE, {"export-password": PASSWORD}).status_code == 200
    assert "sent five times" in alice.post(FILE, {"export-password": PASSWORD}).content.decode()


def test_a_spreadsheet_runs_nothing_of_it(alice: Browser, people: People) -> None:
    profiles.save_person(people.alice, first_name="=HYPERLINK(1)")
    files = unpacked(alice.post(FILE, {"export-password": PASSWORD}).content)
    assert "'=HYPERLINK(1)" in files["you.csv"]


def test_papers_are_in_it_for_the_client_alone(
    alice: Browser, order: Order, people: People, shop: Shop
) -> None:
    for client in (people.acme, people.other):
        file = make_file(shop.account, client)
        row = {"file": file, "slot": "form-a", "purpose": "one-time-form", "size": 1}
        row |= {"type_name": "Letter", "name": f"letter of {client.name}.pdf"}
        Document.objects.create(client=client, brand=client.brand, **row)
    files = unpacked(alice.post(FILE, {"export-password": PASSWORD}).content)
    (identity,), (document,) = table(files, "identities"), table(files, "documents")
    assert (identity["first_name"], identity["phone"]) == ("Thandi", "+27210012200")
    assert table(files, "addresses")[0]["street"] == "14 Harrington"
    assert document["name"] == "letter of Acme.pdf"
    assert "letter of Other" not in str(files)


# -- closing -----------------------------------------------------------------------------------------


def forgotten(user: User) -> None:
    """The job behind it, to its end."""
    Outbox.objects.update(state=Outbox.State.SENT)
    Job.objects.exclude(name=closing.JOB).delete()
    assert run_one()
    assert not Job.objects.filter(name=closing.JOB).exists()


def test_the_last_owner_of_something_running_is_told_what_to_do(
    alice: Browser, order: Order, people: People
) -> None:
    page = alice.post(CLOSE, {"close-password": PASSWORD})
    assert page.status_code == 422
    assert "others belong to it. Make one of them an owner" in page.content.decode()
    belonging.remove(people.acme, people.bob, by=people.alice)
    text = alice.post(CLOSE, {"close-password": PASSWORD}).content.decode()
    assert "it has 2 running services and 1 open order" in text
    assert "support@" in text
    people.alice.refresh_from_db()
    assert (people.alice.is_active, people.alice.closed) == (True, None)
    assert people.alice.memberships.exists()


def test_closing_asks_for_the_password(alice: Browser, people: People) -> None:
    belonging.remove(people.acme, people.bob, by=people.alice)
    assert alice.post(CLOSE, {"close-password": "wrong"}).status_code == 422
    assert people.alice.memberships.exists()


@pytest.mark.django_db(transaction=True)
def test_a_member_goes_and_leaves_no_name_behind() -> None:
    people, shop = make_people_with_names()
    order = make_pbx_order(shop, people.acme)
    order.note("Please hurry.", actor=people.bob.as_actor())
    inviting.invite(people.other, email=people.bob.email, role="billing", by=people.charlie)
    Invitation.objects.update(expires=timezone.now())
    browser, elsewhere = Browser(), Browser()
    for one in (browser, elsewhere):
        one.post("/account/sign-in/", {"email": people.bob.email, "password": PASSWORD})
    assert browser.post(CLOSE, {"close-password": PASSWORD})["Location"] == "/"
    assert elsewhere.get("/my/").status_code == 302
    bob = User.objects.get(pk=people.bob.pk)
    assert (bob.email, bob.first_name, bob.last_name, bob.is_active) == ("", "", "", False)
    assert "bob" not in bob.username
    assert not bob.has_usable_password()
    again = browser.post("/account/sign-in/", {"email": people.bob.email, "password": PASSWORD})
    assert again.status_code == 422
    assert Outbox.objects.get(template="account-closed").to == people.bob.email
    forgotten(bob)
    for model in (Activity, Outbox, Invitation, Job):
        assert "bob" not in str(list(model.objects.values())).lower(), model
    assert list(order.events.values_list("actor_label", flat=True))[-1] == "Former user"
    assert Activity.objects.filter(actor=f"user:{bob.pk}").exists()  # what was done stays
    assert people.acme.memberships.get().user == people.alice
    # Another person may have the address later.
    make_user("bob", people.acme)


def make_people_with_names() -> tuple[People, Shop]:
    acme, other = make_client("Acme"), make_client("Other")
    people = People(
        acme=acme,
        other=other,
        alice=make_user("alice", acme),
        bob=make_user("bob", acme, role=MemberRole.TECHNICAL),
        charlie=make_user("charlie", other),
        sam=make_user("sam", None, is_staff=True),
    )
    return people, make_shop()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("was_sold", [False, True])
def test_the_last_person_takes_the_client_along(was_sold: bool) -> None:
    people, shop = make_people_with_names()
    charlie, other = people.charlie, people.other
    order = make_number_order(shop, other)
    tenant = make_pbx_order(shop, other)
    make_file(shop.account, other, state="closed")
    profiles.save_company(other, charlie, name="Charlie Ltd", vat_id="DE1234", phone="+14165550177")
    now = timezone.now() if was_sold else None
    Service.objects.filter(client=other).update(state="cancelled", activated=now)
    Order.objects.filter(client=other).update(state="cancelled")
    Draft.objects.filter(pk=order.draft_id).update(answers={"company": {"contact": "Charlie C"}})
    draft = Draft.objects.create(brand=other.brand, client=other, product=shop.number)
    closing.close(charlie)
    draft.refresh_from_db()
    assert draft.state == Draft.State.EXPIRED
    forgotten(charlie)
    other.refresh_from_db()
    assert (other.contact_name, other.email, other.phone) == ("", "", "")
    # What was sold is in the books, with the name and tax number that belong there.
    assert (other.name == "Charlie Ltd", other.vat_id) == (was_sold, "DE1234" if was_sold else "")
    service = service_of(tenant)
    assert service.open_secrets() == {}
    assert "Other Contact" not in str(service.wanted)
    assert "office@other" not in str(service.wanted)
    assert "Charlie" not in str(list(Draft.objects.values()))
    assert Identity.objects.get().facts == ""
    assert "+14165550177" not in str(list(Activity.objects.values()))
    assert Activity.objects.get(what="changed the company's data").detail == {
        "fields": ["name", "phone", "vat_id"]
    }


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_still_waits_is_sent_before_its_address_is_forgotten() -> None:
    people, _ = make_people_with_names()
    closing.close(people.bob)
    Job.objects.exclude(name=closing.JOB).delete()
    assert run_one()
    assert Outbox.objects.get(template="account-closed").to == people.bob.email
    waiting = Job.objects.get(name=closing.JOB)
    assert waiting.due > timezone.now()


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_go_at_once_leave_one_with_what_runs() -> None:
    people, shop = make_people_with_names()
    make_number_order(shop, people.other)
    second = make_user("second", people.other)
    outcomes = at_once(lambda: closing.close(people.charlie), lambda: closing.close(second))
    assert kinds(outcomes) == ["Refusal", "ok"]
    assert Membership.objects.filter(client=people.other).count() == 1


def test_many_rows_are_forgotten_in_portions(people: People, monkeypatch: Any) -> None:
    monkeypatch.setattr(forgetting, "PORTION", 2)
    for number in range(5):
        Activity.record(people.bob.as_actor(), f"x:{uuid.uuid4()}", f"did {number}")
    rows = Activity.objects.filter(actor=f"user:{people.bob.pk}")
    assert [forgetting._label(rows) for _ in range(4)] == [2, 2, 1, 0]


def test_somebody_without_a_client_can_close_too(people: People) -> None:
    nobody = make_user("nobody", None)
    assert browser_of(nobody).post(CLOSE, {"close-password": PASSWORD}).status_code == 302
    nobody.refresh_from_db()
    assert nobody.closed is not None


def test_an_owner_beside_another_just_goes(order: Order, people: People) -> None:
    belonging.change_role(people.acme, people.bob, role=MemberRole.OWNER, by=people.alice)
    closing.close(people.alice)
    assert Client.objects.get(pk=people.acme.pk).contact_name == "Acme Contact"
    with pytest.raises(Refusal, match="running service"):
        closing.close(people.bob)
