"""How a run's durations read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ringup.backoffice.orders.run_card import lasting

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "under 0.1 s"),
        (0.04, "under 0.1 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (12.4, "12 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (161, "2 min 41 s"),
        (3599.6, "1 h 0 min"),
        (3 * 3600 + 5 * 60, "3 h 5 min"),
    ],
)
def test_durations_are_short_and_never_have_sixty_seconds(seconds: float, text: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == text
