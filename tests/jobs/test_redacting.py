"""What an error may say in a row or a log line."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from ringup.jobs.redacting import brief, redact, whereabouts

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "api_username=me&api_password=hunter2&method=x",
            "api_username=me&api_password=***&method=x",
        ),
        ("{'password': 'a b', 'user': 'me'}", "{'password': ***, 'user': 'me'}"),
        ('{"api-key": "k1", "n": 1}', '{"api-key": ***, "n": 1}'),
        ("Authorization: Bearer abc.def", "Authorization: *** ***"),
        ("got bearer abc.def== back", "got bearer *** back"),
        ("postgresql://ringup:s3cret@db/x failed", "postgresql://ringup:***@db/x failed"),
        ("PIN=1234, shipping=5", "PIN=***, shipping=5"),
        ("+13125550100 is not for sale", "+13125550100 is not for sale"),
    ],
)
def test_secrets_are_struck_out_and_the_rest_is_kept(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_an_error_is_named_and_cut() -> None:
    assert brief(ValueError("bad\0 number")) == "ValueError: bad number"
    assert brief(ValueError()) == "ValueError"
    assert len(brief(ValueError("x" * 9999))) == 500


def test_rows_quoted_by_a_database_are_left_out() -> None:
    error = IntegrityError("duplicate key\nDETAIL:  Key (email)=(a@b.example) already exists.")
    assert brief(error) == "IntegrityError: duplicate key"


def test_whereabouts_show_code_and_no_values() -> None:
    secret = "hunter2"
    try:
        raise ValueError(secret)
    except ValueError as error:
        where = whereabouts(error)
    assert "raise ValueError(secret)" in where
    assert secret not in where
