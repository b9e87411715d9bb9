import pytest

from ringup.carriers.port import Match
from ringup.shop import patterns

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("typed", "digits", "match"),
    [
        ("RING", "7464", Match.CONTAINS),
        ("555", "555", Match.CONTAINS),
        ("(416) 555-01", "41655501", Match.CONTAINS),
        ("*7464", "7464", Match.ENDS),
        ("416*", "416", Match.STARTS),
        ("*555*", "555", Match.CONTAINS),
        ("416*77?7", "416", Match.STARTS),
        ("+1 416-555-0142", "4165550142", Match.STARTS),
        ("1 416 555 0142", "4165550142", Match.STARTS),
        ("+1416", "416", Match.STARTS),
        ("77?7", "77", Match.CONTAINS),
        ("", "", Match.CONTAINS),
        ("***", "", Match.CONTAINS),
        ("' OR 1=1 --;<b>%00", "6711200", Match.CONTAINS),
    ],
)
def test_what_is_typed_becomes_a_question_that_a_carrier_understands(
    typed: str, digits: str, match: Match
) -> None:
    pattern = patterns.read(typed)

    assert (pattern.digits, pattern.match) == (digits, match)


@pytest.mark.parametrize(
    ("typed", "fits", "not_fits"),
    [
        ("416*77?7", "4165557787", "4165557778"),
        ("*00", "2125550100", "2125550102"),
        ("77?7", "2127797555", "2127755555"),
        ("+1212", "2125550100", "6465552120"),
        ("RING", "2127464555", "2127465555"),
    ],
)
def test_what_the_carrier_cannot_sift_is_sifted_here(typed: str, fits: str, not_fits: str) -> None:
    pattern = patterns.read(typed)

    assert pattern.fits(fits)
    assert not pattern.fits(not_fits)


def test_letters_are_shown_over_the_digits_they_dial() -> None:
    pattern = patterns.read("ring1")

    assert pattern.letters == (("R", "7"), ("I", "4"), ("N", "6"), ("G", "4"), ("1", "1"))
    assert pattern.dialled == "74641"
    assert patterns.read("555").letters == ()
