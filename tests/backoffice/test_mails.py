"""The log of mails: filters, what the server said, blanked links, and sending once more."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from ringup.accounts.brands import default_brand
from ringup.accounts.models import Client
from ringup.accounts.roles import Role
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows.mails.resending import correct_address, send_again
from ringup.jobs.models import Job
from ringup.mail.events import all_events
from ringup.mail.masking import BLANK, masked_html, masked_text
from ringup.mail.models import Outbox
from ringup.mail.sending import compose, post
from ringup.sandbox.smtp import SmtpSandbox, running_smtp
from tests.factories import Shop, make_pbx_order
from tests.world import People, make_user, run_jobs

pytestmark = pytest.mark.django_db
SAM = Actor("staff:1", "Sam")


def a_mail(
    name: str = "security-notice", *, to: str = "thandi@karoo.example", **more: Any
) -> Outbox:
    letter = compose(
        name, key=f"{name}/{Outbox.objects.count()}", to=to, sender="service@ringup.example",
        brand_id=1, client_id=more.pop("client_id", None), subject_of="user:1",
        context=all_events()[name].examples | more,
    )  # fmt: skip
    with transaction.atomic():
        return post(letter)


def became(mail: Outbox, state: str, **more: Any) -> Outbox:
    """As if it had been tried, and that had come of it."""
    Job.objects.all().delete()
    Outbox.objects.filter(pk=mail.pk).update(state=state, attempts=1, **more)
    return Outbox.objects.get(pk=mail.pk)


@pytest.fixture
def browser() -> Browser:
    found = Browser()
    found.force_login(make_user("olive", None, is_staff=True))
    return found


def listed(browser: Browser, **query: str) -> list[str]:
    page = browser.get(reverse("office:mails"), query).context["page"]
    return [row.mail.to for row in page.rows]


def test_the_list_filters_and_says_what_the_server_said(browser: Browser) -> None:
    client = Client.objects.create(
        brand=default_brand(), name="Karoo", contact_name="T", email="t@karoo.example", phone="1"
    )
    said = "550 5.1.1 no such user " + "x" * 600
    became(a_mail(to="one@karoo.example", client_id=client.pk), "failed", error=said)
    a_mail("low-balance", to="two@karoo.example")
    assert listed(browser) == ["two@karoo.example", "one@karoo.example"]
    assert listed(browser, state="failed") == ["one@karoo.example"]
    assert listed(browser, event="low-balance") == ["two@karoo.example"]
    assert listed(browser, client="karoo") == ["one@karoo.example"]
    assert listed(browser, q="ONE@karoo.example") == ["one@karoo.example"]
    assert listed(browser, q="balance two") == ["two@karoo.example"]
    assert listed(browser, q="nobody", state="nonsense") == []
    page = browser.get(reverse("office:mails")).content.decode()
    assert said in page
    assert "Next try" in page


def test_a_page_of_the_list_costs_the_same_however_many_there_are(browser: Browser) -> None:
    a_mail()
    browser.get(reverse("office:mails"))
    with CaptureQueriesContext(connection) as few:
        browser.get(reverse("office:mails"))
    first = Outbox.objects.get()
    Outbox.objects.bulk_create(
        Outbox(key=f"k/{n}", template="low-balance", brand_id=1, subject_of="x:1", sender="s",
               to=f"u{n}@x.example", subject=f"S {n}", message_id=f"<{n}>", state="sent",
               text_sealed=first.text_sealed)
        for n in range(120)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        page = browser.get(reverse("office:mails")).context["page"]
    assert abs(len(many) - len(few)) <= 1
    assert len(page.rows) == 50
    older = browser.get(reverse("office:mails"), {"before": page.older}).context["page"]
    assert older.rows[0].mail.pk < page.rows[-1].mail.pk
    newer = browser.get(reverse("office:mails"), {"after": older.newer}).context["page"]
    assert [row.mail.pk for row in newer.rows] == [row.mail.pk for row in page.rows]
    assert not any('"text_sealed"' in query["sql"] for query in many.captured_queries)


SECRETIVE = [
    (event.name, field.name)
    for event in all_events().values() for field in event.fields if field.opens
]  # fmt: skip


@pytest.mark.parametrize(("name", "field"), SECRETIVE)
@pytest.mark.parametrize("known", [True, False], ids=["noted", "from before"])
def test_links_that_open_something_are_blanked(
    browser: Browser, name: str, field: str, known: bool
) -> None:
    example = str(all_events()[name].examples[field])
    token = "Abc-123_xyZ:1tXa&b" if known else "Abc-123_xyZ:1tXaQ9"
    link = example.replace("example-token", token)
    mail = a_mail(name, **{field: link})
    if not known:
        mail.secrets = ""
        mail.save()
    assert token in mail.text
    for found in (masked_text(mail), masked_html(mail)):
        assert "Abc-123" not in found
        assert BLANK in found
    answers = [
        browser.get(reverse(f"office:{page}", args=[mail.uid])) for page in ("mail", "mail-page")
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert "Abc-123" not in answer.content.decode()


def test_words_are_for_those_who_may_read_them(browser: Browser) -> None:
    mail = a_mail(what="Your telephone was painted.")
    reader = Browser()
    reader.force_login(make_user("rita", None, is_staff=True, role=Role.READ_ONLY))
    page = reader.get(reverse("office:mail", args=[mail.uid]))
    assert "painted" not in page.content.decode()
    assert reader.get(reverse("office:mail-page", args=[mail.uid])).status_code == 403
    assert reader.post(reverse("office:mail-again", args=[mail.uid])).status_code == 403
    assert "painted" in browser.get(reverse("office:mail", args=[mail.uid])).content.decode()


def test_a_failed_mail_is_tried_anew_under_its_own_id(browser: Browser) -> None:
    mail = became(a_mail(), "failed", error="550")
    Outbox.objects.update(created=timezone.now() - timedelta(days=9))
    for _ in range(2):
        answer = browser.post(reverse("office:mail-again", args=[mail.uid]))
        assert answer.status_code == 302
    assert Outbox.objects.count() == 1
    assert Job.objects.filter(key=f"mail/{mail.pk}").count() == 1
    fresh = Outbox.objects.get()
    assert (fresh.state, fresh.message_id) == ("waiting", mail.message_id)
    assert fresh.asked is not None
    assert Activity.objects.filter(subject=f"mail:{mail.uid}").exists()


def test_a_sent_mail_is_sent_again_as_a_new_one() -> None:
    mail = became(a_mail("password-link"), "sent")
    copy = send_again(mail, actor=SAM)
    assert copy.pk != mail.pk
    assert copy.message_id != mail.message_id
    assert (copy.to, copy.text, copy.secrets) == (mail.to, mail.text, mail.secrets)
    assert (copy.repeats, copy.state) == (mail.uid, "waiting")
    assert "example-token" not in masked_text(copy)


def test_a_wrong_address_is_corrected_for_this_mail(browser: Browser) -> None:
    mail = became(a_mail(), "bounced", bounce="no such user")
    where = reverse("office:correct-mail", args=[mail.uid])
    for wrong in ("", "nobody", "a@b\r\nBcc: c@d.example", mail.to):
        assert browser.post(where, {"to": wrong}).status_code == 422
    assert browser.post(where, {"to": "right@karoo.example"}).status_code == 302
    assert sorted(Outbox.objects.values_list("to", flat=True)) == [
        "right@karoo.example", "thandi@karoo.example"
    ]  # fmt: skip


def test_a_link_that_signs_in_goes_to_no_other_mailbox() -> None:
    mail = became(a_mail("password-link"), "failed")
    with pytest.raises(Refusal, match="signs in"):
        correct_address(mail, "sam@ringup.example", actor=SAM)
    old = became(a_mail("password-link"), "failed", secrets_sealed="")
    link = "http://localhost:8000/account/password/MTI/abc-def/"
    old.text = f"Choose: {link}"
    old.save()
    with pytest.raises(Refusal, match="signs in"):
        correct_address(old, "sam@ringup.example", actor=SAM)
    assert Outbox.objects.count() == 2


def test_a_link_to_credentials_goes_only_to_the_client_s_own_address() -> None:
    client = Client.objects.create(
        brand=default_brand(), name="Karoo", contact_name="T", email="new@karoo.example", phone="1"
    )
    mail = became(a_mail("secrets-link", client_id=client.pk), "failed")
    with pytest.raises(Refusal, match="own address"):
        correct_address(mail, "sam@ringup.example", actor=SAM)
    assert correct_address(mail, "New@karoo.example", actor=SAM).to == "New@karoo.example"


def test_what_was_taken_is_not_redirected_and_what_is_erased_not_sent() -> None:
    with pytest.raises(Refusal, match="took this mail"):
        correct_address(became(a_mail(), "sent"), "x@karoo.example", actor=SAM)
    erased = became(a_mail(), "failed", text_sealed="", erased=timezone.now())
    for verb in (lambda: send_again(erased, actor=SAM),
                 lambda: correct_address(erased, "x@karoo.example", actor=SAM)):  # fmt: skip
        with pytest.raises(Refusal, match="erased"):
            verb()


@pytest.mark.django_db(transaction=True)
def test_two_who_send_again_at_once_send_once(settings: Settings) -> None:
    mail = became(a_mail(), "failed")
    with running_smtp() as smtp:
        _use(settings, smtp)
        _at_once(lambda: send_again(mail, actor=SAM))
        _at_once(run_jobs)
        assert len(smtp.mailbox.all()) == 1
    assert Outbox.objects.get().state == "sent"


def _use(settings: Settings, smtp: SmtpSandbox) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = smtp.host, smtp.port


def _at_once(act: Any) -> None:
    gate = Barrier(2)

    def run() -> None:
        gate.wait()
        try:
            act()
        finally:
            connection.close()

    both = [Thread(target=run) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()


def test_an_address_that_mails_come_back_from_shows_at_client_and_people(
    shop: Shop, people: People, staff: Browser
) -> None:
    order = make_pbx_order(shop, people.acme)
    pages = [
        (staff, reverse("office:order", args=[order.uid]), "Mails to it come back: no such user"),
        (
            _browser_of(people.alice),
            reverse("portal:people"),
            "Our mails to this address come back",
        ),
    ]
    for browser, page, words in pages:
        assert words not in browser.get(page).content.decode()
    for address in (people.acme.email, people.alice.email):
        became(a_mail(to=address.upper()), "bounced", bounce="no such user")
    for browser, page, words in pages:
        assert words in browser.get(page).content.decode()
    for address in (people.acme.email, people.alice.email):
        became(a_mail(to=address), "sent")
    for browser, page, words in pages:
        assert words not in browser.get(page).content.decode()


def _browser_of(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser
