"""The bucket of tokens and the memory of catalogues, alone."""

from __future__ import annotations

import time

import pytest

from ringup.carriers.pacing import RESERVE, Bucket, TooManyCalls, bucket_for
from ringup.carriers.remembering import Memory

pytestmark = pytest.mark.once


def test_a_reserve_leaves_at_once_and_the_next_call_waits() -> None:
    bucket = Bucket(20.0)
    began = time.monotonic()
    for _ in range(int(RESERVE)):
        bucket.take(patience=0)  # "too many calls" if it had to wait
    for _ in range(4):
        bucket.take()
    assert time.monotonic() - began > 0.15


def test_nobody_waits_for_ever() -> None:
    bucket = Bucket(0.01)
    for _ in range(int(RESERVE)):
        bucket.take()
    with pytest.raises(TooManyCalls) as caught:
        bucket.take()
    assert 90 < caught.value.seconds < 101


def test_a_rate_of_nothing_is_slow_and_not_a_division_by_zero() -> None:
    bucket = Bucket(0.0)
    bucket.take()
    bucket.change_rate(-1.0)
    bucket.take()


def test_resting_refuses_and_ends() -> None:
    bucket = Bucket(1000.0)
    bucket.rest(0.05)
    with pytest.raises(TooManyCalls):
        bucket.take()
    time.sleep(0.06)
    bucket.take()


def test_one_account_has_one_bucket_and_another_account_another() -> None:
    one = bucket_for("http://a.example", "alice@example.com", 1.0)
    assert bucket_for("http://a.example", "alice@example.com", 2.0) is one
    assert bucket_for("http://a.example", "bob@example.com", 1.0) is not one


def test_memory_keeps_for_its_time_and_never_keeps_nothing() -> None:
    memory, asked = Memory(keep_seconds=0.05), []

    def load(value: list[str]) -> list[str]:
        asked.append(value)
        return value

    assert memory.get(("a",), lambda: load(["x"])) == ["x"]
    assert memory.get(("a",), lambda: load(["y"])) == ["x"]
    assert memory.get(("b",), lambda: load([])) == []
    assert memory.get(("b",), lambda: load(["z"])) == ["z"]
    time.sleep(0.06)
    assert memory.get(("a",), lambda: load(["y"])) == ["y"]
    assert len(asked) == 4
