"""Papers of several numbers at once: shared where they are of the person, copied where they are of one
number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.core.actors import Actor
from ringup.regulatory import filling, sharing
from ringup.regulatory.documents import documents_of, missing_documents
from ringup.regulatory.models import Document
from ringup.regulatory.uploading import add_document
from ringup.regulatory.viewing import content_for_carrier
from tests.regulatory.files import png
from tests.regulatory.requirements import AREA_OF_BOTH, FORM, PERSON, SOMEBODY

pytestmark = pytest.mark.django_db(transaction=True)
LETTER = replace(FORM, key="f-letter", name="Letter of intent", is_permanent=False)
RULES = replace(
    AREA_OF_BOTH,
    identities=(replace(PERSON, proofs=0, forms=(FORM, LETTER)),),
    address_proofs=0,
)


def test_a_form_for_each_number_is_copied_the_rest_is_shared(
    client_of_karoo: Client, account: CarrierAccount
) -> None:
    brand = client_of_karoo.brand
    file = filling.begin(client=client_of_karoo, brand=brand, account=account, requirement=RULES)
    filling.save_answers(file, SOMEBODY)
    for key in ("f-de", "f-letter"):
        add_document(
            file, slot=f"form-{key}", type_key=key, name="form.png", content=png(), dated=None,
            actor=Actor("user:1", "Thandi"),
        )  # fmt: skip
    other = sharing.another_for(file)
    assert missing_documents(other) == []
    first, second = documents_of(file), documents_of(other)
    assert first[0] == second[0], "what belongs to the identity"
    assert first[1] != second[1], "what goes with one verification"
    assert content_for_carrier(first[1]) == content_for_carrier(second[1])
    assert second[1].file == other
    assert Document.objects.count() == 3
    filling.discard(other)
    assert content_for_carrier(first[1]) == content_for_carrier(
        Document.objects.get(pk=first[1].pk)
    )
    assert missing_documents(file) == []
