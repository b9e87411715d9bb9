"""The components that every face renders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone

from ringup.core.money import Money

pytestmark = pytest.mark.once


def rendered(source: str, **context: object) -> str:
    return Template("{% load ringup %}" + source).render(Context(context))


@dataclass
class Word:
    tone: str = "orange"
    icon: str = "hourglass"
    word: str = "Awaiting <provider>"
    client_word: str = "Carrier check"


def test_a_number_is_grouped_with_its_country_code_quieter() -> None:
    assert rendered("{{ n|num }}", n="+14165550142") == (
        '<span class="num"><span class="num__cc">+1</span>\xa0416\xa0555\xa00142</span>'
    )
    assert rendered("{{ n|num }}", n="") == ""
    assert rendered("{{ n|plain_num }}", n="+14165550142") == "+1 416 555 0142"


@pytest.mark.parametrize(
    ("digits", "where", "marked"),
    [
        ("0142", "contains", "416\xa0555\xa0<mark>0142</mark>"),
        ("5550", "contains", "416\xa0<mark>555\xa00</mark>142"),
        ("4", "ends", "416\xa0555\xa001<mark>4</mark>2"),
        ("4", "starts", "<mark>4</mark>16\xa0555\xa00142"),
        ("999", "contains", "416\xa0555\xa00142"),
        ("", "contains", "416\xa0555\xa00142"),
    ],
)
def test_what_matched_is_marked_across_the_gaps(digits: str, where: str, marked: str) -> None:
    page = rendered("{% marked_num n d w %}", n="+14165550142", d=digits, w=where)

    assert page.endswith(f"</span>\xa0{marked}</span>")


def test_money_has_its_symbol() -> None:
    amount = Money.of("1234.5", "USD")

    assert rendered("{{ m|money }}", m=amount) == '<span class="money">$1,234.50</span>'
    assert rendered("{{ m|money }}", m=None) == ""


def test_a_badge_has_tone_icon_and_word_and_a_softer_word_for_clients() -> None:
    staff = rendered("{% badge b %}", b=Word())
    client = rendered("{% badge b 'client' %}", b=Word())

    assert 'data-tone="orange"' in staff
    assert "#i-hourglass" in staff
    assert staff.endswith("Awaiting &lt;provider&gt;</span>")
    assert client.endswith("Carrier check</span>")


@pytest.mark.parametrize(
    ("seconds", "state"), [(600, ""), (100, ' data-state="low"'), (-5, ' data-state="gone"')]
)
def test_a_hold_counts_down_from_the_servers_time(seconds: int, state: str) -> None:
    expires = timezone.now() + timedelta(seconds=seconds + 0.9)

    page = rendered("{% hold at 15 %}", at=expires)

    left = max(seconds, 0)
    assert f'data-hold="{left // 60:02}:{left % 60:02}" data-hold-total="900"{state}>' in page


@pytest.mark.parametrize(("hours", "pattern"), [(0, "today "), (24, "yesterday "), (24 * 30, ", ")])
def test_a_moment_reads_as_people_say_it(hours: int, pattern: str) -> None:
    page = rendered("{% when at %}", at=timezone.now() - timedelta(hours=hours), time_zone="UTC")

    assert pattern in page
    assert page.startswith("<time datetime=")


def test_a_moment_is_shown_in_the_readers_zone_even_when_its_name_is_wrong() -> None:
    moment = datetime(2020, 1, 15, 12, 0, tzinfo=UTC)

    assert "Wed 15 Jan 2020, 07:00" in rendered(
        "{% when at %}", at=moment, time_zone="America/New_York"
    )
    assert "Wed 15 Jan 2020, 12:00" in rendered(
        "{% when at %}", at=moment, time_zone="Mars/Olympus"
    )


class Form(forms.Form):
    phone = forms.CharField(
        label="Phone", help_text="We call you.", error_messages={"required": "Type it."}
    )
    note = forms.CharField(label="Note", required=False)
    agreed = forms.BooleanField(label="I agree <b>.", error_messages={"required": "Tick the box."})


def test_a_field_has_one_message_that_its_input_names() -> None:
    fresh = rendered("{% field form.phone %}", form=Form())
    refused = rendered("{% field form.phone %}", form=Form({}))
    well = rendered("{% field form.phone ok='Free.' %}", form=Form())

    assert '<p class="help" id="id_phone-help">' in fresh
    assert 'aria-describedby="id_phone-help"' in fresh
    assert "aria-invalid" not in fresh
    assert '<p class="err" id="id_phone-help">' in refused
    assert 'aria-invalid="true"' in refused
    assert "We call you." not in refused
    assert '<p class="ok" id="id_phone-help">' in well


def test_optional_fields_are_marked_and_required_ones_are_not() -> None:
    assert "(optional)" in rendered("{% field form.note %}", form=Form())
    assert "(optional)" not in rendered("{% field form.phone %}", form=Form())
    assert "(optional)" not in rendered("{% field form.note optional='no' %}", form=Form())


def test_the_summary_links_to_what_must_be_corrected() -> None:
    page = rendered("{% errsum form %}", form=Form({}))

    assert "2 things to correct" in page
    assert '<a href="#id_phone">Phone: type it.</a>' in page
    assert '<a href="#id_agreed">Tick the box.</a>' in page
    assert "Nothing was ordered or charged." in page


def test_there_is_no_summary_without_an_error() -> None:
    good = Form({"phone": "1", "agreed": "on"})

    assert rendered("{% errsum form %}", form=good).strip() == ""
    assert rendered("{% errsum form %}", form=Form()).strip() == ""
