"""Speaking to the DIDWW sandbox as a client would: raw JSON:API over a real socket."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from didww.encrypt import Encrypt

from ringup.sandbox.didww import DidwwSandbox, Setup, running_didww
from ringup.sandbox.didww.server import MEDIA
from ringup.sandbox.listening import Reply, Request, listening

KEYS, TOKENS = "2026-04-16", "2026-11-19"
PDF = b"%PDF-1.4 made up"
FORM = "encrypted_files"


class Wire:
    """One client. ``version`` is asked for; with a ``token``, that admits instead of the key."""

    def __init__(self, sandbox: DidwwSandbox, http: httpx.Client) -> None:
        self.sandbox = sandbox
        self.http = http
        self.version = KEYS
        self.token = ""

    def headers(self) -> dict[str, str]:
        who = (
            {"Authorization": f"Bearer {self.token}"}
            if self.token
            else {"Api-Key": self.sandbox.key}
        )
        return {"Accept": MEDIA, "X-DIDWW-API-Version": self.version, **who}

    def call(self, method: str, path: str, *, body: object = None, **query: str) -> httpx.Response:
        content = json.dumps(body).encode() if body is not None else None
        headers = self.headers() | ({"Content-Type": MEDIA} if content else {})
        url = f"{self.sandbox.url}/{path}"
        return self.http.request(method, url, params=query, headers=headers, content=content)

    def rows(self, path: str, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.fine(self.call("GET", path, **query))["data"]
        return found

    def one(self, path: str, **query: str) -> dict[str, Any]:
        found: dict[str, Any] = self.fine(self.call("GET", path, **query))["data"]
        return found

    def post(
        self,
        kind: str,
        attributes: dict[str, Any] | None = None,
        relations: dict[str, Any] | None = None,
    ) -> httpx.Response:
        return self.call("POST", kind, body=document(kind, attributes, relations))

    def made(self, kind: str, *given: dict[str, Any] | None) -> dict[str, Any]:
        found: dict[str, Any] = self.fine(self.post(kind, *given))["data"]
        return found

    def patch(self, row: dict[str, Any], attributes: dict[str, Any]) -> httpx.Response:
        body = document(row["type"], attributes)
        body["data"]["id"] = row["id"]
        return self.call("PATCH", f"{row['type']}/{row['id']}", body=body)

    def delete(self, row: dict[str, Any]) -> httpx.Response:
        return self.call("DELETE", f"{row['type']}/{row['id']}")

    def fine(self, response: httpx.Response) -> dict[str, Any]:
        assert response.is_success, response.text
        content: dict[str, Any] = response.json()
        assert content["meta"]["api_version"] == self.version
        return content

    # -- what tests need often --------------------------------------------------------------------

    def group(self, country: str, kind: str) -> dict[str, Any]:
        """The first group of a country and type, with what stands behind it by relationship."""
        wanted = {"filter[country.id]": self.country(country)["id"]}
        if self.version == KEYS:
            (of_type,) = self.rows("did_group_types", **{"filter[name]": kind})
            wanted["filter[did_group_type.id]"] = of_type["id"]
        else:
            wanted["filter[number_type]"] = kind
        include = "stock_keeping_units,address_requirement"
        return self.rows("did_groups", include=include, **wanted)[0]

    def country(self, iso: str) -> dict[str, Any]:
        (found,) = self.rows("countries", **{"filter[iso]": iso})
        return found

    def available(self, group: dict[str, Any]) -> list[dict[str, Any]]:
        return self.rows("available_dids", **{"filter[did_group.id]": group["id"]})

    def order(self, group: dict[str, Any], **changes: Any) -> httpx.Response:
        attributes = {"sku_id": behind(group, "stock_keeping_units")["id"], "qty": 1}
        attributes = {name: value for name, value in (attributes | changes).items() if value}
        item = {"type": "did_order_items", "attributes": attributes}
        return self.post("orders", {"items": [item], "allow_back_ordering": False})

    def did(self, group: dict[str, Any]) -> dict[str, Any]:
        """A number that was bought."""
        order = self.fine(self.order(group))["data"]
        (found,) = self.rows("dids", **{"filter[order.id]": order["id"]})
        return found

    def person(self, country: str, **facts: str) -> dict[str, Any]:
        attributes = {
            "identity_type": "business",
            "first_name": "Ann",
            "last_name": "Bell",
            "phone_number": "27105550100",
            "company_name": "Acme",
            "company_reg_number": "2026/1",
            "vat_id": "4000000000",
            "contact_email": "ann@example.com",
        }
        return self.made("identities", attributes | facts, {"country": self.country(country)})

    def address(self, person: dict[str, Any], country: str, **linked: Any) -> dict[str, Any]:
        facts = {"city_name": "Town", "postal_code": "2000", "address": "1 Main Road"}
        relations = {"identity": person, "country": self.country(country), **linked}
        return self.made("addresses", facts, relations)

    def file(self, content: bytes = PDF) -> dict[str, Any]:
        found: dict[str, Any] = self.fine(self.upload(content))["data"]
        return found

    def upload(self, content: bytes = PDF, **changes: Any) -> httpx.Response:
        pems = [row["attributes"]["key"] for row in self.rows("public_keys")]
        fields = {f"{FORM}[encryption_fingerprint]": Encrypt.calculate_fingerprint(pems)}
        fields |= changes.pop("fields", {})
        files = changes.pop("files", None) or {
            f"{FORM}[file]": ("a", Encrypt.encrypt_with_keys(content, pems))
        }
        url = f"{self.sandbox.url}/{FORM}"
        return self.http.post(url, headers=self.headers(), data=fields, files=files)

    def proof(self, entity: dict[str, Any], kind: dict[str, Any]) -> dict[str, Any]:
        linked = {"entity": entity, "proof_type": kind, "files": [self.file()]}
        return self.made("proofs", None, linked)

    def ready(self, group: dict[str, Any], country: str, **facts: str) -> dict[str, Any]:
        """An address of a business with all papers that a group asks for."""
        uid = behind(group, "address_requirement")["id"]
        include = "business_proof_types,address_proof_types,business_permanent_document"
        wanted = self.one(f"address_requirements/{uid}", include=include)
        person = self.person(country, **facts)
        place = self.address(person, country, **self.near(country, wanted))
        self.proof(person, behind(wanted, "business_proof_types"))
        if wanted["attributes"]["address_proof_qty"]:
            self.proof(place, behind(wanted, "address_proof_types"))
        form = wanted["relationships"]["business_permanent_document"]["data"]
        if form:
            linked = {"template": form, "identity": person, "files": [self.file()]}
            self.made("permanent_supporting_documents", None, linked)
        return place

    def near(self, country: str, wanted: dict[str, Any]) -> dict[str, Any]:
        level = wanted["attributes"]["address_area_level"]
        lists = {"area": "areas", "city": "cities"}
        if level not in lists:
            return {}
        query = {"filter[country.id]": self.country(country)["id"]}
        return {level: self.rows(lists[level], **query)[0]}

    def verify(
        self, did: dict[str, Any], address: dict[str, Any], facts: Any = None, **linked: Any
    ) -> httpx.Response:
        relations = {"dids": [did], "address": address, **linked}
        return self.post("address_verifications", facts, relations)

    def control(self, name: str, **wish: object) -> Any:
        response = self.http.post(f"{self.sandbox.control}/{name}", json=wish)
        assert response.status_code == 200, response.text
        return response.json()

    def mint(self, **changes: Any) -> httpx.Response:
        """Ask the token service."""
        key = changes.pop("key", self.sandbox.key)
        wish = {"aud": "api.didww.com", "scope": "full", "api_version": TOKENS} | changes
        return self.http.post(self.sandbox.token_url, headers={"Api-Key": key}, json=wish)


def document(
    kind: str, attributes: dict[str, Any] | None = None, relations: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Relationships are given as resources, or lists of them."""
    data: dict[str, Any] = {"type": kind}
    if attributes:
        data["attributes"] = attributes
    if relations:
        data["relationships"] = {name: {"data": _key(row)} for name, row in relations.items()}
    return {"data": data}


def _key(row: Any) -> Any:
    if isinstance(row, list):
        return [_key(one) for one in row]
    return {"type": row["type"], "id": row["id"]}


def behind(row: dict[str, Any], name: str) -> dict[str, Any]:
    """The first that stands behind an included relationship."""
    data = row["relationships"][name]["data"]
    found: dict[str, Any] = data[0] if isinstance(data, list) else data
    return found


def errors(response: httpx.Response) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = response.json()["errors"]
    return found


def titles(response: httpx.Response) -> list[str]:
    return [row["title"] for row in errors(response)]


@contextmanager
def wired(**setup: Any) -> Iterator[Wire]:
    """A fresh carrier and a client."""
    with (
        running_didww(setup=Setup(**setup)) as sandbox,
        httpx.Client(timeout=10, verify=False) as http,
    ):
        yield Wire(sandbox, http)


@contextmanager
def ear() -> Iterator[tuple[str, queue.Queue[Request]]]:
    """An address that takes callbacks, and what came there."""
    heard: queue.Queue[Request] = queue.Queue()

    def hear(request: Request) -> Reply:
        heard.put(request)
        return Reply()

    with listening(hear) as base:
        yield base, heard
