"""Callbacks: only what is signed with the account's secret is heard."""

from __future__ import annotations

import json
from urllib.parse import urlencode, urlsplit

import pytest
from didww.callback.request_validator import RequestValidator

from ringup.carriers.didww.callbacks import HEADER, hints, normal, signature
from ringup.carriers.papers import Hint
from ringup.core.failures import Refused

pytestmark = pytest.mark.once
SECRET = "szrdgh6547umt7tht7xbqhj6g9gdbyp7"
URL = "https://mycompany.com/didww_callbacks?opaque=123"
ORDER = {"id": "bf2cee72-6caa-4ae2-917e-bea01945691e", "status": "completed", "type": "orders"}
REJECTED = {
    "id": "0d5a",
    "status": "rejected",
    "type": "address_verifications",
    "reject_reasons": "Näme does not match, too dark",
}
FORM = "application/x-www-form-urlencoded"


def posted(fields: dict[str, str], *, secret: str = SECRET, url: str = URL) -> list[Hint]:
    headers = {
        "X-DIDWW-Signature": signature(secret, url, [fields]),
        "Content-Type": FORM,
    }
    return hints(SECRET, url=url, method="POST", headers=headers, body=urlencode(fields).encode())


@pytest.mark.parametrize(
    ("secret", "url", "fields", "expected"),
    [
        (
            "SOMEAPIKEY",
            "http://example.com/callbacks",
            {"status": "completed", "id": "1dd7a68b-e235-402b-8912-fe73ee14243a", "type": "orders"},
            "fe99e416c3547f2f59002403ec856ea386d05b2f",
        ),
        (SECRET, URL, ORDER, "30f66e9d72eb5e193051fd02952f70d8e934b4ff"),
    ],
)
def test_the_published_vectors(
    secret: str, url: str, fields: dict[str, str], expected: str
) -> None:
    assert signature(secret, url, [fields]) == expected
    headers = {HEADER: expected, "content-type": FORM}
    found = hints(secret, url=url, method="POST", headers=headers, body=urlencode(fields).encode())
    assert found == [Hint("order", fields["id"])]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a",
        "https://example.com/a",
        "https://example.com:8443/a?b=c&d=e",
        "https://ann:secret@example.com/a#part",
        "http://[::1]:8000/a",
        "http://example.com:80/a",
    ],
)
def test_the_carriers_library_signs_alike(url: str) -> None:
    assert RequestValidator(SECRET).validate(url, REJECTED, signature(SECRET, url, [REJECTED]))


def test_an_address_without_a_path_has_one() -> None:
    assert normal("https://example.com") == "https://example.com:443/"
    assert normal("https://example.com?a=b") == "https://example.com:443/?a=b"


def test_a_verification_is_spoken_about() -> None:
    assert posted(REJECTED) == [Hint("verification", "0d5a")]


def test_a_word_that_nobody_knows_is_kept() -> None:
    assert posted({"type": "moon_landings", "id": "1"}) == [Hint("moon_landings", "1")]


def test_what_speaks_about_nothing_gives_no_hint() -> None:
    assert posted({"status": "completed"}) == []


@pytest.mark.parametrize("has_query", [True, False])
def test_with_get_the_whole_query_is_signed(*, has_query: bool) -> None:
    """Whether the signed address has the query too is not certain: both are taken."""
    fields = {"opaque": "123", **ORDER}
    bare = "https://mycompany.com/didww_callbacks"
    url = f"{bare}?{urlencode(fields)}"
    sign = signature(SECRET, url if has_query else bare, [fields])
    found = hints(SECRET, url=url, method="get", headers={HEADER: sign}, body=b"")
    assert found == [Hint("order", ORDER["id"])]
    changed = url.replace("completed", "canceled")
    with pytest.raises(Refused):
        hints(SECRET, url=changed, method="GET", headers={HEADER: sign}, body=b"")


def test_a_json_list_is_signed_piece_by_piece() -> None:
    rows = [
        {
            "type": "voice_out_trunks",
            "id": "t1",
            "threshold_reached": True,
            "spent": 1,
            "note": None,
        },
        {"type": "voice_out_trunks", "id": "t2", "threshold_reached": False},
    ]
    parcels = [
        {
            "type": "voice_out_trunks",
            "id": "t1",
            "threshold_reached": "true",
            "spent": "1",
            "note": "",
        },
        {"type": "voice_out_trunks", "id": "t2", "threshold_reached": "false"},
    ]
    headers = {HEADER: signature(SECRET, URL, parcels), "Content-Type": "application/json"}
    found = hints(SECRET, url=URL, method="POST", headers=headers, body=json.dumps(rows).encode())
    assert found == [Hint("voice_out_trunks", "t1"), Hint("voice_out_trunks", "t2")]


def test_other_secrets_and_changed_words_are_refused() -> None:
    with pytest.raises(Refused):
        posted(ORDER, secret="SOMEAPIKEY")
    headers = {HEADER: signature(SECRET, URL, [ORDER]), "content-type": FORM}
    body = urlencode(ORDER).encode()
    for wrong in (
        {"url": URL.replace("123", "124")},
        {"body": body.replace(b"completed", b"canceled")},
        {"body": b""},
        {"headers": {"content-type": FORM}},
        {"headers": headers | {HEADER: ""}},
        {"headers": headers | {HEADER: "é" * 40}},
        {"secret": ""},
    ):
        given = {"secret": SECRET, "url": URL, "method": "POST", "headers": headers, "body": body}
        given |= wrong
        with pytest.raises(Refused) as refused:
            hints(given.pop("secret"), **given)  # type: ignore[arg-type]
        assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        b"[1]",
        b"nothing",
        b'"text"',
        b"\xff\xfe",
        b"[" * 200_000,
        b"[" * 90_000,
        b'{"a": "\\ud800"}',
    ],
)
def test_what_cannot_be_read_is_refused(body: bytes) -> None:
    headers = {HEADER: "0" * 40, "Content-Type": "application/json"}
    with pytest.raises(Refused):
        hints(SECRET, url=URL, method="POST", headers=headers, body=body)


def test_a_query_is_part_of_the_address_with_post() -> None:
    assert urlsplit(URL).query
    assert posted(ORDER) == [Hint("order", ORDER["id"])]
