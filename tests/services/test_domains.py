from __future__ import annotations

import pytest

from ringup.core.sentences import Refusal
from ringup.pbx.models import PbxServer
from ringup.services.domains import check_label, propose_label


@pytest.mark.once
@pytest.mark.parametrize(
    ("company", "label"),
    [
        ("Karoo Freight (Pty) Ltd", "karoofreight"),
        ("Müller & Söhne GmbH", "mullersohne"),
        ("  O'Brien's Pub  ", "obrienspub"),
        ("Ltd", "ltd"),
        ("Łódź Øl & Æther Þing", "lodzolaetherthing"),
        ("ООО Щука и Йод", "oooshchukaiiod"),
        ("Київ Ґанок", "kiivganok"),
        ("Αθήνα Ψυχή", "athinapsychi"),
        ("日本", ""),
        ("A" * 90, "a" * 40),
    ],
)
def test_a_label_is_proposed_from_the_company_s_name(company: str, label: str) -> None:
    assert propose_label(company) == label


@pytest.mark.django_db
@pytest.mark.parametrize("label", ["", "-acme", "acme-", "a.b", "a b", "ä", "x" * 41, "a/b", '"'])
def test_a_label_that_dns_or_the_pbx_would_choke_on_is_refused(label: str) -> None:
    server = PbxServer(name="pbx", domain_suffix="pbx.example")
    with pytest.raises(Refusal, match="letters, digits or hyphens") as refusal:
        check_label(label, server, field="label")
    assert refusal.value.field == "label"


@pytest.mark.django_db
@pytest.mark.parametrize("label", ["public", "default", "global", "WWW", "sip", "template"])
def test_reserved_names_are_refused(label: str) -> None:
    server = PbxServer(name="pbx", domain_suffix="pbx.example")
    with pytest.raises(Refusal, match="reserved"):
        check_label(label, server, field="label")


@pytest.mark.django_db
@pytest.mark.parametrize("label", ["xn--pypal-4ve", "ab--c"])
def test_a_label_that_browsers_would_show_in_another_script_is_refused(label: str) -> None:
    server = PbxServer(name="pbx", domain_suffix="pbx.example")
    with pytest.raises(Refusal, match="Leave out one of the two hyphens"):
        check_label(label, server, field="label")
