"""The language of mail templates: what it can do, and that nothing else can be done with it."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as some

from ringup.core.money import Money
from ringup.mail import dressing
from ringup.mail.events import MergeField
from ringup.mail.language import BadTemplate, faults_of, plain, render
from ringup.mail.wording import one_line

pytestmark = pytest.mark.once
FIELDS = (
    MergeField("name", "A name.", "Thandi"),
    MergeField("count", "A number.", 3),
    MergeField("is_new", "A claim.", True),
    MergeField(
        "rows",
        "A list.",
        [{"ext": "1001"}, {"ext": "1002"}],
        parts=(MergeField("ext", "Its number.", "1001"),),
    ),
)
VALUES = {field.name: field.example for field in FIELDS}


def rendered(source: str, *, html: bool = False, **more: object) -> str:
    return render(source, VALUES | more, FIELDS, html=html)


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("{{ name }}, {{ count }}", "Thandi, 3"),
        ("{% if is_new and count > 2 %}yes{% else %}no{% endif %}", "yes"),
        ("{% if name == 'Thandi' %}she{% elif name in 'abc' %}x{% endif %}", "she"),
        ("{% for row in rows %}{{ forloop.counter }}={{ row.ext }} {% endfor %}", "1=1001 2=1002 "),
        ("{% for row in rows %}x{% empty %}none{% endfor %}", "xx"),
        ("{{ rows|length }} row{{ rows|pluralize }}, {{ rows.0.ext }}", "2 rows, 1001"),
        (
            "{{ name|upper }} {{ name|truncatechars:3 }} {{ name|default:count }}",
            "THANDI Th… Thandi",
        ),
        ("{# nothing #}{{ name }}", "Thandi"),
    ],
)
def test_it_fills_in(source: str, result: str) -> None:
    assert faults_of(source, FIELDS) == []
    assert rendered(source) == result


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("a\nb {% load i18n %}", 2, "There is no tag 'load' here"),
        ("{% include 'mail/_page.html' %}", 1, "There is no tag 'include'"),
        ("{% extends 'base.html' %}", 1, "There is no tag 'extends'"),
        ("{% debug %}", 1, "There is no tag 'debug'"),
        ("{% csrf_token %}", 1, "There is no tag"),
        ("{% url 'office:queue' %}", 1, "There is no tag"),
        ("{% now 'Y' %}", 1, "There is no tag"),
        ("{% autoescape off %}{{ name }}{% endautoescape %}", 1, "There is no tag 'autoescape'"),
        ("\n\n{{ name|safe }}", 3, "There is no filter 'safe'"),
        ("{{ name|ljust:'99999999' }}", 1, "There is no filter"),
        ("{{ nam }}", 1, "There is no merge field 'nam'"),
        ("{{ name.upper }}", 1, "There is no merge field 'name.upper'"),
        ("{{ rows.clear }}", 1, "There is no merge field 'rows.clear'"),
        ("{{ rows.0.pop }}", 1, "There is no merge field"),
        ("{% for row in rows %}{{ row.items }}{% endfor %}", 1, "There is no merge field"),
        ("{% if settings.SECRET_KEY %}x{% endif %}", 1, "There is no merge field"),
        ("{% if name and not other %}x{% endif %}", 1, "There is no merge field 'other'"),
        ("{{ name|default:secret }}", 1, "There is no merge field 'secret'"),
        ("{{ request.user.password }}", 1, "There is no merge field"),
        ("{{ name.__class__ }}", 1, "may not begin with underscores"),
        ("{% for letter in name %}x{% endfor %}", 1, "A loop goes over one list. Lists here: rows."),
        ("{% for a, b in rows %}x{% endfor %}", 1, "A loop goes over one list"),
        ("{% for a in rows %}{{ forloop.parentloop }}{% endfor %}", 1, "There is no merge field"),
        ("{% for a in rows %}\n{% for b in rows %}{% for c in rows %}x{% endfor %}"
         "{% endfor %}{% endfor %}", 2, "not more"),
        ("{% if name %}x", 1, "Unclosed tag"),
        ("x" * 20_001, 1, "longer than"),
    ],
)  # fmt: skip
def test_what_it_refuses_it_refuses_with_line_and_reason(
    source: str, line: int, reason: str
) -> None:
    faults = faults_of(source, FIELDS)
    assert faults
    assert (faults[0].line, reason in faults[0].reason) == (line, True), faults
    with pytest.raises(BadTemplate):
        rendered(source)


def test_html_is_escaped_and_text_is_not() -> None:
    assert rendered("{{ name }}", html=True, name="<b>&") == "&lt;b&gt;&amp;"
    assert rendered("{{ name }}", name="<b>&") == "<b>&"
    # A text that claims to be safe is not believed.
    money = type("Sly", (), {"__html__": lambda self: "<b>", "__str__": lambda self: "<b>"})()
    assert rendered("{{ name }}", html=True, name=money) == "&lt;b&gt;"


def test_only_plain_values_reach_a_template() -> None:
    class Model:
        secret = "s3cr3t"

        def __str__(self) -> str:
            return "shown"

    found = plain({"a": Model(), "b": [Model(), 1, None, True], "c": Money.of("1", "USD")})
    assert found == {"a": "shown", "b": ["shown", 1, "", True], "c": "$1.00"}


pieces = some.sampled_from(
    ["{{ ", " }}", "{% ", " %}", "if ", "for ", "in ", "endif", "endfor", "load ", "include ", "name",
     "rows", "row", ".", "__class__", "settings", "SECRET_KEY", "|", "safe", "default:", "'x'", "upper",
     "forloop", "block.super", "and ", "==", "\n", "<b>", "0", "objects", "all", "_meta", "#}", "{# "]
)  # fmt: skip


@given(some.lists(pieces, max_size=24).map("".join))
def test_nothing_that_can_be_written_reaches_beyond_the_fields(source: str) -> None:
    """Whatever is typed: it is refused, or what comes out is made of the typed text and the values."""
    faults = faults_of(source, FIELDS)
    if faults:
        return
    marks = {"name": "⟦n⟧", "count": 3, "is_new": True, "rows": [{"ext": "⟦r⟧"}]}
    for html in (True, False):
        found = render(source, marks, FIELDS, html=html)
        assert settings.SECRET_KEY not in found
        assert "object at 0x" not in found
        assert "bound method" not in found
        assert "<built-in" not in found


@given(some.text())
def test_a_subject_is_one_line_whatever_is_filled_in(text: str) -> None:
    found = one_line(text)
    assert found.isprintable()
    assert len(found) <= 200
    assert one_line(f"Hello\r\nBcc: eve@example.org\n\n{text}").startswith("Hello Bcc: eve@")


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("<p>a</p>\n<script>x</script>", 2, "<script> may not stand in a mail"),
        ('<p onclick="x">a</p>', 1, "may not have onclick"),
        ('<p style="color:red">a</p>', 1, "may not have style"),
        ('<a href="javascript:alert(1)">a</a>', 1, "A link begins with"),
        ("<a>a</a>", 1, "A link needs an address"),
        ('<img src="https://x.example/y.png">', 1, "<img> may not stand"),
        ("<p>a", 1, "<p> is never closed"),
        ("<p>a\n</b></p>", 2, "</b> closes nothing, while <p> is open"),
        ("<!-- x --><p>a</p>", 1, "Comments"),
    ],
)
def test_html_that_mails_must_not_hold_is_refused(source: str, line: int, reason: str) -> None:
    found = dressing.faults_of(source)
    assert found
    assert (found[0].line, reason in found[0].reason) == (line, True), found


def test_template_tags_may_stand_anywhere_in_html() -> None:
    source = '{% if a < b %}<a class="button" href="{{ url }}">{{ x }}</a>{% endif %}<br>\n<hr/>'
    assert dressing.faults_of(source) == []


@given(some.text(alphabet="<>/abp \"'=hrefclasonjvit:;&#x1!-{}", max_size=60))
def test_dressed_html_holds_only_what_is_on_the_list(source: str) -> None:
    found = dressing.dress(source, accent="#0b5a73")
    for tag in re.findall(r"</?([a-zA-Z][^\s/>]*)", found):
        assert tag in dressing.STYLES
    assert not re.search(r"<[^>]*\son\w+=", found)
    assert "javascript:" not in "".join(re.findall(r'href="([^"]*)"', found))
