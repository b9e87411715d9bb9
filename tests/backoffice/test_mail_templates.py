"""Staff edits the words of mails: what is saved goes out, what is broken never stops a mail."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

from ringup.accounts.brands import default_brand
from ringup.accounts.models import Brand, User
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows.health.mails import words
from ringup.mail import templating
from ringup.mail.events import all_events
from ringup.mail.models import MailTemplate, Outbox
from ringup.mail.sending import compose
from ringup.mail.wording import Wording, starting_point
from tests.factories import Shop, make_pbx_order
from tests.world import People, make_user, run_jobs

# Pages and forms: no database answers them differently.
pytestmark = [pytest.mark.django_db, pytest.mark.once]
EVENT = "order-received"
WORDS = {
    "subject": "Thank you: {{ order_label }}",
    "text": "Dear {{ contact }},\n\nwe got it: {{ product }}.",
    "html": "<h1>Thank you</h1>\n<p>Dear {{ contact }}, we got {{ product }}.</p>",
}


@pytest.fixture
def browser() -> Browser:
    found = Browser()
    found.force_login(make_user("olive", None, is_staff=True))
    return found


def url(name: str = "mail-template", **query: Any) -> str:
    where = reverse(f"office:{name}", args=[EVENT])
    return where + ("?" + "&".join(f"{key}={value}" for key, value in query.items()))


def save(browser: Browser, *, language: str = "en", **more: str) -> Any:
    page = browser.get(url(language=language))
    version = page.context["version"]
    return browser.post(
        url(language=language), {**WORDS, "version": version, "save": "yes", **more}
    )


def a_letter(to: str = "new@karoo.example", brand: Brand | None = None, **more: Any) -> Any:
    values = all_events()[EVENT].examples | more
    return compose(
        EVENT, key="k/1", to=to, sender="a@b.example", brand_id=(brand or default_brand()).pk,
        client_id=None, subject_of="order:1", context=values,
    )  # fmt: skip


def test_what_is_saved_goes_out_and_can_be_taken_back(browser: Browser) -> None:
    assert save(browser).status_code == 302
    letter = a_letter(contact="Thandi & <Co>")
    assert letter.subject == "Thank you: R-2041"
    assert "Dear Thandi & <Co>," in letter.text
    assert "Dear Thandi &amp; &lt;Co&gt;, we got Hosted PBX" in letter.html
    page = browser.get(url())
    assert "What differs from the delivered words" in page.content.decode()
    assert "<del>" in page.content.decode()
    browser.post(url("reset-mail-template"), {"version": page.context["version"]})
    assert a_letter().subject == "R-2041: we have your order"
    done = list(
        Activity.objects.filter(subject=f"mail-template:{EVENT}").values_list("what", flat=True)
    )
    assert done == ["went back to the delivered words", "changed the words of a mail"]


def test_words_are_of_one_brand_and_one_language(browser: Browser) -> None:
    other = Brand.objects.create(
        name="Autre", mail_from="a@autre.example", support_email="s@autre.example", language="fr"
    )
    save(browser)
    assert a_letter(brand=other).subject == "R-2041 : nous avons reçu votre commande"
    User.objects.create(username="fr", email="fr@karoo.example", language="fr-ca")
    assert a_letter("FR@karoo.example").subject == "R-2041 : nous avons reçu votre commande"
    assert save(browser, language="fr", subject="Merci : {{ order_label }}").status_code == 302
    assert a_letter("fr@karoo.example").subject == "Merci : R-2041"
    assert a_letter().subject == "Thank you: R-2041"
    # Nothing is delivered in German: the own English words come before the delivered ones.
    User.objects.create(username="de", email="de@karoo.example", language="de")
    assert a_letter("de@karoo.example").subject == "Thank you: R-2041"


@pytest.mark.parametrize(
    ("part", "source", "told"),
    [
        ("html", "<p>a</p>\n{% load static %}", "Line 2: There is no tag &#x27;load&#x27; here"),
        ("html", "<p>a</p>\n<script>x</script>", "Line 2: &lt;script&gt; may not stand"),
        ("text", "{{ password }}", "There is no merge field &#x27;password&#x27;"),
        ("subject", "{% include 'x' %}", "There is no tag &#x27;include&#x27;"),
        ("text", "{% if domain %}x", "Unclosed tag"),
        ("text", "   ", "This field is required"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_nothing_is_saved(
    browser: Browser, part: str, source: str, told: str
) -> None:
    answer = save(browser, **{part: source})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not MailTemplate.objects.exists()


def test_a_broken_stored_template_stops_no_mail_and_is_told(browser: Browser) -> None:
    save(browser)
    MailTemplate.objects.update(text="{% bogus %}")
    assert a_letter().subject == "R-2041: we have your order"
    row = MailTemplate.objects.get()
    assert "There is no tag 'bogus'" in row.fault
    assert row.failed
    verdict = words()
    assert "Order received" in verdict.sentence
    assert "could not be used" in browser.get(url()).content.decode()
    assert save(browser).status_code == 302
    assert MailTemplate.objects.get().fault == ""
    assert "Every mail" in words().sentence


def test_a_subject_cannot_carry_headers(browser: Browser) -> None:
    save(browser)
    assert a_letter(order_label="R\r\nBcc: eve@example.org").subject == (
        "Thank you: R Bcc: eve@example.org"
    )
    event = all_events()[EVENT]
    words_of_two_lines = Wording("a\nBcc: eve@example.org", "x", "<p>x</p>")
    with pytest.raises(templating.BadWords):
        templating.save(event, words_of_two_lines, brand_id=default_brand().pk, code="en",
                        actor=Actor("staff:1", "Sam"), seen="delivered")  # fmt: skip


def test_words_that_somebody_else_saved_meanwhile_are_not_overwritten(browser: Browser) -> None:
    version = browser.get(url()).context["version"]
    save(browser)
    answer = browser.post(url(), {**WORDS, "subject": "Other", "version": version, "save": "yes"})
    assert answer.status_code == 422
    assert "Somebody else saved" in answer.content.decode()
    assert MailTemplate.objects.get().subject == WORDS["subject"]
    event = all_events()[EVENT]
    with pytest.raises(Refusal):
        templating.reset(event, brand_id=default_brand().pk, code="en",
                         actor=Actor("staff:1", "Sam"), seen=version)  # fmt: skip


def test_delivered_words_that_are_saved_unchanged_are_not_kept(browser: Browser) -> None:
    found = starting_point(EVENT, "en")
    save(browser, subject=found.subject, text=found.text, html=found.html.replace("\n", "\r\n"))
    assert not MailTemplate.objects.exists()


def test_a_merge_field_is_inserted_without_a_script(browser: Browser) -> None:
    answer = browser.post(url(), {**WORDS, "part": "subject", "insert": "{{ client }}"})
    assert answer.context["form"].initial["subject"] == "Thank you: {{ order_label }} {{ client }}"
    assert not MailTemplate.objects.exists()
    page = browser.get(url()).content.decode()
    for field in all_events()[EVENT].fields:
        assert field.words in unescape(page)


def test_the_preview_shows_unsaved_words_with_a_real_order(
    shop: Shop, people: People, staff: Browser
) -> None:
    order = make_pbx_order(shop, people.acme)
    page = staff.get(url())
    assert page.context["samples"][0].key == f"order:{order.uid}"
    answer = staff.post(url("preview-mail"), {**WORDS, "sample": f"order:{order.uid}"})
    assert answer.status_code == 200
    assert f"Dear {people.acme.contact_name}" in answer.content.decode()
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "script-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    text = staff.post(url("preview-mail"), {**WORDS, "form": "text", "sample": ""})
    assert "Thank you: R-2041" in text.content.decode()
    broken = staff.post(url("preview-mail"), {**WORDS, "html": "{% load x %}"})
    assert broken.status_code == 422
    assert "There is no tag" in broken.content.decode()
    other = Brand.objects.create(name="B", mail_from="b@b.example", support_email="b@b.example")
    strange = staff.get(url("preview-mail", brand=other.pk, sample=f"order:{order.uid}"))
    assert people.acme.contact_name not in strange.content.decode()


def test_a_preview_never_shows_a_living_link(shop: Shop, people: People, staff: Browser) -> None:
    order = make_pbx_order(shop, people.acme)
    answer = staff.get(url("preview-mail", sample=f"order:{order.uid}"))
    assert "/example-token/" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_test_goes_to_oneself_and_saves_nothing(browser: Browser, settings: Settings) -> None:
    answer = browser.post(url(), {**WORDS, "version": "delivered", "test": "yes", "sample": ""})
    assert answer.status_code == 200
    mail = Outbox.objects.get()
    assert (mail.to, mail.subject) == ("olive@example.com", "[Test] Thank you: R-2041")
    assert not MailTemplate.objects.exists()
    run_jobs()
    mail.refresh_from_db()
    assert mail.state == Outbox.State.SENT


def test_every_mail_has_an_editor_and_a_preview(browser: Browser) -> None:
    index = browser.get(reverse("office:mail-templates")).content.decode()
    for event in all_events().values():
        assert event.title in unescape(index)
        for name in ("mail-template", "preview-mail"):
            answer = browser.get(reverse(f"office:{name}", args=[event.name]))
            assert answer.status_code == 200, event.name
    assert browser.get(reverse("office:mail-template", args=["nothing"])).status_code == 404
