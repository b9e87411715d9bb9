"""A member of staff acts as a client: what he sees, what he never sees, and when it ends."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from ringup.accounts.acting import ACTING_AS, MINUTES
from ringup.accounts.member_roles import STANDING_IN, WHILE_STANDING_IN, May, MemberRole
from ringup.accounts.models import Client, Membership, User
from ringup.accounts.roles import CAPABILITIES, Can, Role
from ringup.core.models import Activity
from ringup.flows.personal_data import closing
from ringup.orders.models import Order
from ringup.portal.urls import urlpatterns
from ringup.services import revealing
from tests.factories import Shop, make_pbx_order, service_of
from tests.portal.conftest import browser_of
from tests.portal.test_every_page import OPEN, address, capability_of, is_about_oneself
from tests.world import PASSWORD, People, make_user

# Pages and forms: no database answers them differently.
pytestmark = pytest.mark.once

HOME = reverse("portal:home")
BANNER = "You act as "


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_pbx_order(shop, people.acme)


@pytest.fixture
def ann(people: People) -> User:
    return make_user("ann", None, is_staff=True, role=Role.SUPPORT)


def begin(browser: Browser, client: Client, *, back: str = "") -> Any:
    where = reverse("office:act-as", args=[client.uid])
    return browser.post(where, {"next": back} if back else {})


def acting(user: User, client: Client) -> Browser:
    browser = browser_of(user)
    assert begin(browser, client)["Location"] == HOME
    return browser


def done() -> list[tuple[str, str, str]]:
    rows = Activity.objects.filter(subject__startswith="client:").order_by("pk")
    return [(row.actor_label, row.on_behalf_of, row.what) for row in rows]


# -- who may, and what -------------------------------------------------------------------------------


@pytest.mark.once
def test_the_table_of_what_staff_stands_in_for() -> None:
    allowed = {role for role in Role.values if Can.ACT_AS_CLIENT in CAPABILITIES[role]}
    assert allowed == {Role.OWNER, Role.MANAGER, Role.SUPPORT, Role.PROVISIONING}
    assert {May.SEE_ORDERS, May.WORK_ORDERS, May.SEE_PRICES, May.SEE_SERVICES} == WHILE_STANDING_IN
    assert STANDING_IN not in MemberRole.values


def test_nobody_can_be_a_member_with_what_stands_in(people: People) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=people.sam, client=people.acme, role=STANDING_IN)


@pytest.mark.parametrize("role", Role.values)
def test_each_role_may_or_may_not(people: People, role: str) -> None:
    browser = browser_of(make_user("robin", None, is_staff=True, role=role))
    answer = begin(browser, people.acme)
    if Can.ACT_AS_CLIENT in CAPABILITIES[role]:
        assert answer["Location"] == HOME
        assert browser.get(HOME).status_code == 200
    else:
        assert answer.status_code == 403
        assert browser.get(HOME).status_code == 403
        assert done() == []


def test_clients_and_guests_cannot_begin(people: People) -> None:
    assert begin(browser_of(people.alice), people.other).status_code == 403
    assert begin(Browser(), people.other)["Location"].startswith(reverse("accounts:sign-in"))
    assert (
        browser_of(people.sam).get(reverse("office:act-as", args=[people.acme.uid])).status_code
        == 405
    )
    assert begin(browser_of(people.sam), Client(uid=uuid.uuid4())).status_code == 404


def test_every_page_of_the_portal(order: Order, people: People, ann: User) -> None:
    """As an owner sees them; what stays with the client's own people is refused, by any method."""
    browser, refused = acting(ann, people.acme), set()
    service = service_of(order).uid
    ours = {
        "new-link": service, "service": service, "service-connection": service,
        "service-ask": service, "member-role": people.bob.uid, "member-remove": people.bob.uid,
        "act-for": people.acme.uid, "leave": people.acme.uid, "topics": people.acme.uid,
    }  # fmt: skip
    for page in urlpatterns:
        where = address(page, ours.get(str(page.name), order.uid))
        if page.name in OPEN:
            continue
        if is_about_oneself(page) or capability_of(page) not in WHILE_STANDING_IN:
            answers = {browser.get(where).status_code, browser.post(where).status_code}
            assert answers in ({403}, {403, 405}), page.name
            refused.add(page.name)
        else:
            assert browser.get(where).status_code in (200, 302, 404, 405), page.name
    for uid, name in ((order.uid, "order"), (service, "service")):
        assert browser.get(reverse(f"portal:{name}", args=[uid])).status_code == 200
    assert refused >= {
        "new-link", "people", "invite", "company", "member-role", "member-remove", "act-for",
        "leave", "profile", "email", "data", "data-export", "data-close",
    }  # fmt: skip


def test_every_page_says_so(order: Order, people: People, ann: User) -> None:
    browser = acting(ann, people.acme)
    pages = [HOME, reverse("portal:order", args=[order.uid]), "/", reverse("office:queue")]
    for where in [*pages, reverse("portal:people"), "/my/nowhere/"]:
        text = browser.get(where).content.decode()
        assert "You act as Acme." in text, where
        assert reverse("office:stop-acting") in text, where
    assert BANNER not in browser_of(people.alice).get(HOME).content.decode()


def test_another_clients_rows_are_not_found(
    order: Order, shop: Shop, people: People, ann: User
) -> None:
    browser, theirs = acting(ann, people.acme), make_pbx_order(shop, people.other)
    for page in urlpatterns:
        if "uid" in page.pattern.converters and capability_of(page) in WHILE_STANDING_IN:
            for uid in (theirs.uid, service_of(theirs).uid):
                for answer in (browser.get(address(page, uid)), browser.post(address(page, uid))):
                    assert answer.status_code in (404, 405), page.name


def test_what_the_browser_ordered_as_a_guest_before_is_not_the_clients(
    shop: Shop, people: People, ann: User
) -> None:
    theirs = make_pbx_order(shop, people.other)
    browser = acting(ann, people.acme)
    session = browser.session
    session["orders"] = [str(theirs.uid)]
    session.save()
    assert browser.get(reverse("portal:order", args=[theirs.uid])).status_code == 404
    assert browser.post(reverse("portal:cancel", args=[theirs.uid])).status_code == 404


def test_secrets_stay_with_the_client(order: Order, people: People, ann: User) -> None:
    browser, service = acting(ann, people.acme), service_of(order)
    token = revealing.new_token()
    with transaction.atomic():
        revealing.issue_link(service, token)
    where = reverse("portal:secrets", args=[token])
    assert browser.get(where).status_code == browser.post(where).status_code == 403
    assert Browser().get(where).status_code == 200  # and nothing was spent
    assert "new-link" not in browser.get(HOME).content.decode()


# -- both names --------------------------------------------------------------------------------------


def test_what_is_done_carries_both_names(order: Order, people: People, ann: User) -> None:
    browser = acting(ann, people.acme)
    assert browser.post(reverse("portal:cancel", args=[order.uid])).status_code == 302
    event, row = order.events.latest("pk"), Activity.objects.get(subject=f"order:{order.uid}")
    for both in (event, row):
        assert (both.actor, both.actor_label) == (f"staff:{ann.pk}", "Ann")
        assert both.on_behalf_of == f"client:{people.acme.pk}"
    sam = browser_of(people.sam)
    page = sam.get(reverse("office:order", args=[order.uid])).content.decode()
    assert page.count("Ann for Acme") == 2  # its history, and its activity
    log = sam.get(reverse("office:activity")).content.decode()
    assert log.count("for Acme</span>") == 2  # began, cancelled
    page = browser.get(reverse("portal:order", args=[order.uid])).content.decode()
    assert re.search(r"Ann( \(staff\))? for Acme", page)


def test_the_back_office_stays_ones_own(order: Order, people: People) -> None:
    browser = acting(people.sam, people.acme)
    browser.post(reverse("office:check", args=[order.uid]))
    row = Activity.objects.get(subject=f"order:{order.uid}")
    assert (row.actor, row.on_behalf_of) == (f"staff:{people.sam.pk}", "")


def test_beginning_and_ending_are_written_down(people: People, ann: User) -> None:
    browser, back = browser_of(ann), reverse("office:inventory")
    begin(browser, people.acme, back=back)
    assert browser.post(reverse("office:stop-acting"))["Location"] == back
    assert browser.get(HOME).status_code == 403
    behalf = f"client:{people.acme.pk}"
    assert done() == [
        ("Ann", behalf, "began to act as the client, for 60 minutes at most"),
        ("Ann", behalf, "stopped acting as the client"),
    ]
    # Twice is no error, and nothing more.
    assert browser.post(reverse("office:stop-acting"))["Location"] == reverse("office:queue")
    assert len(done()) == 2


@pytest.mark.parametrize(
    "back", ["https://evil.example/office/", "//evil.example", "/my/", "x", ""]
)
def test_it_leads_back_into_the_back_office_only(people: People, ann: User, back: str) -> None:
    browser = browser_of(ann)
    begin(browser, people.acme, back=back)
    assert browser.post(reverse("office:stop-acting"))["Location"] == reverse("office:queue")


# -- when it ends ------------------------------------------------------------------------------------


def last_why() -> tuple[str, dict[str, Any]]:
    row = Activity.objects.filter(subject__startswith="client:").latest("pk")
    return row.what, row.detail


@pytest.mark.parametrize("shift", [-MINUTES * 60, 3600])
def test_it_ends_with_the_hour(people: People, ann: User, shift: int) -> None:
    """Also when the clock was set back meanwhile."""
    browser = acting(ann, people.acme)
    session = browser.session
    session[ACTING_AS] |= {"since": int(time.time()) + shift}
    session.save()
    answer = browser.get(HOME)
    assert answer.status_code == 403
    assert "You act as no client" in answer.content.decode()
    assert last_why() == ("stopped acting as the client", {"why": "60 minutes are over"})
    assert ACTING_AS not in browser.session


@pytest.mark.parametrize("role", [Role.BILLING, Role.READ_ONLY])
def test_it_ends_with_the_role(people: People, ann: User, role: str) -> None:
    browser = acting(ann, people.acme)
    User.objects.filter(pk=ann.pk).update(role=role)
    assert browser.get(HOME).status_code == 403
    User.objects.filter(pk=ann.pk).update(role=Role.SUPPORT)
    assert browser.get(HOME).status_code == 403  # and does not come back with it


def test_it_ends_when_staff_is_switched_off(people: People, ann: User) -> None:
    browser = acting(ann, people.acme)
    User.objects.filter(pk=ann.pk).update(is_active=False)
    assert browser.get(HOME)["Location"].startswith(reverse("accounts:sign-in"))


def test_it_ends_with_the_second_step(people: People, ann: User, settings: Any) -> None:
    browser = acting(ann, people.acme)
    settings.RINGUP_STAFF_TWO_FACTOR = "required"
    assert browser.get(HOME).status_code == 403


def test_it_ends_with_the_session(people: People, ann: User) -> None:
    browser = acting(ann, people.acme)
    browser.post(reverse("accounts:sign-out"))
    assert last_why() == ("stopped acting as the client", {"why": "signed out"})
    sign_in = {"email": ann.email, "password": PASSWORD}
    assert browser.post(reverse("accounts:sign-in"), sign_in).status_code == 302
    assert browser.get(HOME).status_code == 403


def test_it_ends_when_the_client_is_closed(people: People, ann: User) -> None:
    browser = acting(ann, people.other)
    closing.close(people.charlie)
    assert browser.get(HOME).status_code == 403
    assert last_why()[1] == {"why": "the client is closed"}
    assert begin(browser, people.other)["Location"] == reverse("office:queue")
    assert browser.get(HOME).status_code == 403


def test_the_next_one_ends_the_first(people: People, ann: User) -> None:
    browser = acting(ann, people.acme)
    begin(browser, people.other)
    text = browser.get(HOME).content.decode()
    assert "You act as Other." in text
    assert [what.split()[0] for _, _, what in done()] == ["began", "stopped", "began"]


def test_a_session_of_somebody_else_is_not_believed(people: People, ann: User) -> None:
    kept = acting(ann, people.acme).session[ACTING_AS]
    for user in (people.sam, people.charlie):
        browser = browser_of(user)
        session = browser.session
        session[ACTING_AS] = kept
        session.save()
        assert "Acme" not in browser.get(HOME).content.decode()
        assert ACTING_AS not in browser.session


@pytest.mark.parametrize("spoilt", [{"client": "x"}, {"client": str(uuid.UUID(int=7))}])
def test_a_spoilt_session_is_no_client(people: People, ann: User, spoilt: dict[str, str]) -> None:
    browser = acting(ann, people.acme)
    session = browser.session
    session[ACTING_AS] |= spoilt
    session.save()
    assert browser.get(HOME).status_code == 403
