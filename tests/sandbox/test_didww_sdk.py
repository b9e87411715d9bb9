"""The carrier's own client library walks through the sandbox: it speaks what that library speaks."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Any

import pytest
from didww.callback.request_validator import RequestValidator
from didww.client import DidwwClient
from didww.encrypt import Encrypt
from didww.exceptions import DidwwApiError
from didww.query_params import QueryParams
from didww.resources.address import Address
from didww.resources.address_requirement_validation import AddressRequirementValidation
from didww.resources.address_verification import AddressVerification
from didww.resources.area import Area
from didww.resources.city import City
from didww.resources.configuration.sip import SipConfiguration
from didww.resources.did_reservation import DidReservation
from didww.resources.encrypted_file import EncryptedFile
from didww.resources.identity import Identity
from didww.resources.order import Order
from didww.resources.order_item.available_did_order_item import AvailableDidOrderItem
from didww.resources.order_item.did_order_item import DidOrderItem as QtyDidOrderItem
from didww.resources.order_item.reservation_did_order_item import ReservationDidOrderItem
from didww.resources.permanent_supporting_document import PermanentSupportingDocument
from didww.resources.proof import Proof
from didww.resources.voice_in_trunk import VoiceInTrunk

from ringup.sandbox.didww import DidwwSandbox, Setup, running_didww
from ringup.sandbox.didww.callbacks import signature
from ringup.sandbox.didww.verifying import APPROVES, REJECTS
from ringup.sandbox.listening import Reply, Request, listening

pytestmark = pytest.mark.once
PDF = b"%PDF-1.4 made up"


@pytest.fixture
def sandbox() -> Iterator[DidwwSandbox]:
    with running_didww(setup=Setup()) as running:
        yield running


@pytest.fixture
def client(sandbox: DidwwSandbox) -> Any:
    return DidwwClient(sandbox.key, base_url=sandbox.url)


def only(rows: Any) -> Any:
    (found,) = rows.data
    return found


def group_of(client: Any, country: str, kind: str, area: str = "") -> Any:
    of = only(client.countries().list(QueryParams().filter("iso", country)))
    did_type = only(client.did_group_types().list(QueryParams().filter("name", kind)))
    query = QueryParams().filter("country.id", of.id).filter("did_group_type.id", did_type.id)
    if area:
        query = query.filter("area_name", area)
    query = query.include("stock_keeping_units", "address_requirement", "country")
    return client.did_groups().list(query).data[0]


def uploaded(client: Any, content: bytes = PDF) -> Any:
    pems = [key.key for key in client.public_keys().list().data]
    blob = Encrypt.encrypt_with_keys(content, pems)
    uid = client.upload_encrypted_file(Encrypt.calculate_fingerprint(pems), blob, description="a")
    return EncryptedFile.build(uid)


def ordered(client: Any, item: Any, url: str = "") -> Any:
    order = Order()
    order.items = [item]
    order.allow_back_ordering = False
    order.external_reference_id = "ours-1"
    if url:
        order.callback_url, order.callback_method = url, "post"
    return client.orders().create(order).data


def proof(client: Any, entity: Any, kind: Any) -> Any:
    row = Proof()
    row.entity, row.proof_type, row.files = entity, kind, [uploaded(client)]
    return client.proofs().create(row).data


def identity(client: Any, country: Any, **facts: str) -> Any:
    row = Identity()
    row.identity_type = "business"
    row.first_name, row.last_name, row.phone_number = "Ann", "Bell", "27105550100"
    row.company_name, row.company_reg_number = "Acme", "2026/1"
    row.vat_id, row.contact_email = "4000000000", "ann@example.com"
    for name, value in facts.items():
        setattr(row, name, value)
    row.country = country
    return client.identities().create(row).data


def address(client: Any, of: Any, country: Any) -> Any:
    row = Address()
    row.city_name, row.postal_code, row.address = "Johannesburg", "2000", "1 Main Road"
    row.identity, row.country = of, country
    return client.addresses().create(row).data


def test_a_number_without_papers(sandbox: DidwwSandbox, client: Any) -> None:
    group = group_of(client, "US", "Local", "New York")
    number = client.available_dids().list(QueryParams().filter("did_group.id", group.id)).data[0]
    reservation = DidReservation()
    reservation.available_did = number
    kept = client.did_reservations().create(reservation).data
    item = ReservationDidOrderItem()
    item.did_reservation_id, item.sku_id = kept.id, group.stock_keeping_units[0].id
    order = ordered(client, item)
    assert order.status == "completed"
    found = client.orders().list(QueryParams().filter("external_reference_id", "ours-1"))
    assert only(found).id == order.id
    did = only(client.dids().list(QueryParams().filter("order.id", order.id)))
    assert (did.number, did.blocked, did.awaiting_registration) == (number.number, False, False)

    trunk = VoiceInTrunk()
    trunk.name = "acme"
    configuration = SipConfiguration()
    configuration.host, configuration.username = "pbx.example", "acme"
    trunk.configuration = configuration
    made = client.voice_in_trunks().create(trunk).data
    did.voice_in_trunk = made
    client.dids().update(did)
    behind = sandbox.state.store.all("dids")[0].one("voice_in_trunk")
    assert behind is not None
    assert behind.id == made.id
    assert client.balance().find().data.total_balance == "248.50"


def test_a_south_african_business_number_from_papers_to_its_registration(
    sandbox: DidwwSandbox, client: Any
) -> None:
    heard: queue.Queue[Request] = queue.Queue()

    def hear(request: Request) -> Reply:
        heard.put(request)
        return Reply()

    group = group_of(client, "ZA", "Local", "Cape Town")
    query = QueryParams().include("business_proof_types", "address_proof_types", "country")
    requirement = client.address_requirements().find(group.address_requirement.id, query).data
    assert requirement.business_mandatory_fields == [
        "company_reg_number",
        "vat_id",
        "contact_email",
    ]
    person = identity(client, requirement.country, id_number=APPROVES)
    place = address(client, person, requirement.country)

    check = AddressRequirementValidation()
    check.address_requirement, check.identity, check.address = requirement, person, place
    with pytest.raises(DidwwApiError) as refused:
        client.address_requirement_validations().create(check)
    assert [error["title"] for error in refused.value.errors] == [
        "1 Identity Proof(s) (Certificate of Incorporation, Tax Registration) required",
        "1 Address Proof(s) (Utility Bill, Rental Receipt, Copy of Phone Bill) required",
    ]
    proof(client, person, requirement.business_proof_types[0])
    proof(client, place, requirement.address_proof_types[0])
    client.address_requirement_validations().create(check)

    with listening(hear) as receiver:
        url = f"{receiver}/hooks?of=us"
        number = (
            client.available_dids().list(QueryParams().filter("did_group.id", group.id)).data[0]
        )
        item = AvailableDidOrderItem()
        item.available_did_id, item.sku_id = number.id, group.stock_keeping_units[0].id
        order = ordered(client, item, url)
        did = only(client.dids().list(QueryParams().filter("order.id", order.id)))
        assert (did.blocked, did.awaiting_registration) == (True, True)

        wish = AddressVerification()
        wish.address, wish.dids = place, [did]
        wish.callback_url, wish.callback_method = url, "post"
        with pytest.raises(DidwwApiError, match="Service description required"):
            client.address_verifications().create(wish)
        wish.service_description = "Calls of an office"
        asked = client.address_verifications().create(wish).data
        told = [heard.get(timeout=10) for _ in range(2)]
    assert [request.form["type"] for request in told] == ["orders", "address_verifications"]
    validator = RequestValidator(sandbox.callback_secret)
    for request in told:
        assert validator.validate(url, request.form, request.headers["x-didww-signature"])
    assert client.address_verifications().find(asked.id).data.is_approved
    did = client.dids().find(did.id).data
    assert (did.blocked, did.awaiting_registration) == (False, False)


def test_a_rejected_german_one_shows_its_reasons_and_its_real_number_only_later(
    sandbox: DidwwSandbox, client: Any
) -> None:
    group = group_of(client, "DE", "National")
    query = QueryParams().include(
        "personal_proof_types", "address_proof_types", "country", "personal_permanent_document"
    )
    requirement = client.address_requirements().find(group.address_requirement.id, query).data
    person = identity(
        client, requirement.country, identity_type="personal", birth_date="1990-01-31",
        id_number=REJECTS,
    )  # fmt: skip
    area = next(area for area in client.areas().list().data if area.name == "Berlin")
    place = Address()
    place.city_name, place.postal_code, place.address = "Berlin", "10115", "Hauptstr. 1"
    place.identity, place.country, place.area = person, requirement.country, Area.build(area.id)
    place = client.addresses().create(place).data
    proof(client, person, requirement.personal_proof_types[0])
    proof(client, place, requirement.address_proof_types[0])
    form = PermanentSupportingDocument()
    form.template, form.identity = requirement.personal_permanent_document, person
    form.files = [uploaded(client)]
    client.permanent_supporting_documents().create(form)
    number = client.available_dids().list(QueryParams().filter("did_group.id", group.id)).data[0]
    item = AvailableDidOrderItem()
    item.available_did_id, item.sku_id = number.id, group.stock_keeping_units[0].id
    did = only(client.dids().list(QueryParams().filter("order.id", ordered(client, item).id)))
    wish = AddressVerification()
    wish.address, wish.dids = place, [did]
    first = client.address_verifications().create(wish).data
    found = decided(client, first.id)
    assert found.is_rejected
    assert found.reject_reasons
    assert client.dids().find(did.id).data.number == number.number

    person.id_number = APPROVES
    client.identities().update(person)
    again = client.address_verifications().create(wish).data
    assert decided(client, again.id).is_approved
    assert client.dids().find(did.id).data.number != number.number


def test_a_french_one_wants_a_form_with_every_verification(
    sandbox: DidwwSandbox, client: Any
) -> None:
    group = group_of(client, "FR", "Local")
    query = QueryParams().include(
        "business_proof_types", "address_proof_types", "country", "business_onetime_document"
    )
    requirement = client.address_requirements().find(group.address_requirement.id, query).data
    assert not requirement.business_onetime_document.permanent
    person = identity(client, requirement.country)
    city = next(city for city in client.cities().list().data if city.name == "Paris")
    place = Address()
    place.city_name, place.postal_code, place.address = "Paris", "75001", "1 rue de Rivoli"
    place.identity, place.country, place.city = person, requirement.country, City.build(city.id)
    place = client.addresses().create(place).data
    proof(client, person, requirement.business_proof_types[0])
    proof(client, place, requirement.address_proof_types[0])
    item = QtyDidOrderItem()
    item.qty, item.sku_id = 1, group.stock_keeping_units[0].id
    did = only(client.dids().list(QueryParams().filter("order.id", ordered(client, item).id)))
    wish = AddressVerification()
    wish.address, wish.dids, wish.external_reference_id = place, [did], "ours-2"
    with pytest.raises(DidwwApiError, match="Letter of Intent required"):
        client.address_verifications().create(wish)
    # The library cannot name such files by itself.
    sent = wish.to_jsonapi()
    letter = {"type": "encrypted_files", "id": uploaded(client).id}
    sent["relationships"]["onetime_files"] = {"data": [letter]}
    asked = client.post("address_verifications", {"data": sent})["data"]
    found = QueryParams().filter("external_reference_id", "ours-2")
    assert only(client.address_verifications().list(found)).id == asked["id"]
    with pytest.raises(DidwwApiError, match="used by DIDs"):
        client.identities().delete(person.id)


def decided(client: Any, uid: str) -> Any:
    for _ in range(1000):
        found = client.address_verifications().find(uid).data
        if not found.is_pending:
            return found
    raise AssertionError("nobody decided")


def test_files_under_old_keys_are_refused(sandbox: DidwwSandbox, client: Any) -> None:
    pems = [key.key for key in client.public_keys().list().data]
    blob = Encrypt.encrypt_with_keys(PDF, pems)
    sandbox.state.keys.rotate()
    with pytest.raises(DidwwApiError):
        client.upload_encrypted_file(Encrypt.calculate_fingerprint(pems), blob)
    assert uploaded(client).id
    with pytest.raises(DidwwApiError):
        uploaded(client, b"no paper at all")


@pytest.mark.parametrize(
    ("secret", "url", "fields", "expected"),
    [
        (
            "SOMEAPIKEY",
            "http://example.com/callbacks",
            {
                "status": "completed",
                "id": "1dd7a68b-e235-402b-8912-fe73ee14243a",
                "type": "orders",
            },
            "fe99e416c3547f2f59002403ec856ea386d05b2f",
        ),
        (
            "szrdgh6547umt7tht7xbqhj6g9gdbyp7",
            "https://mycompany.com/didww_callbacks?opaque=123",
            {
                "id": "bf2cee72-6caa-4ae2-917e-bea01945691e",
                "status": "completed",
                "type": "orders",
            },
            "30f66e9d72eb5e193051fd02952f70d8e934b4ff",
        ),
    ],
)
def test_signatures_are_the_published_ones(
    secret: str, url: str, fields: dict[str, str], expected: str
) -> None:
    assert signature(secret, url, fields) == expected
