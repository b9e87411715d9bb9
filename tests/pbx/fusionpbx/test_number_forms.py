"""One number in the forms that FusionPBX needs."""

from __future__ import annotations

import re

import pytest

from ringup.core.failures import OurFault
from ringup.pbx.fusionpbx.number_forms import number_forms

pytestmark = pytest.mark.once


@pytest.mark.parametrize("written", ["+12085550100", "12085550100"])
def test_a_north_american_number_answers_in_three_forms(written: str) -> None:
    forms = number_forms(written)
    assert (forms.prefix, forms.number) == ("1", "2085550100")
    assert (forms.stored_prefix, forms.expression) == ("1", r"^\+?1?(2085550100)$")
    assert forms.dialled == ("2085550100", "12085550100", "+12085550100")
    assert forms.caller_id == "2085550100"
    for dialled in forms.dialled:
        match = re.search(forms.expression, dialled)
        assert match is not None
        assert match[1] == "2085550100"
    assert not re.search(forms.expression, "22085550100")


def test_another_number_answers_with_its_country_code_only() -> None:
    forms = number_forms("+4930123456")
    assert (forms.prefix, forms.number) == ("", "4930123456")
    # What FusionPBX 5.5.13's destination editor made of this prefix and number when it was saved.
    assert (forms.stored_prefix, forms.expression) == ("+", r"^\+?(?:)?(4930123456)$")
    assert forms.dialled == ("4930123456", "+4930123456")
    assert [bool(re.search(forms.expression, dialled)) for dialled in forms.dialled] == [True] * 2
    assert not re.search(forms.expression, "30123456")


def test_a_caller_id_of_ten_digits_stays_as_it_is() -> None:
    assert number_forms("2085550100").caller_id == "2085550100"


@pytest.mark.parametrize("nonsense", ["", "+", "sip:a@b", "+1208555010x", "0123456789", "٤٤٢٠٧٩٤٦"])
def test_what_is_no_number_is_our_fault(nonsense: str) -> None:
    with pytest.raises(OurFault):
        number_forms(nonsense)
