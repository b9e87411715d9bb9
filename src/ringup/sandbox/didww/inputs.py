"""Reading what was sent: a JSON:API document, or the one multipart form for files."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any

from ringup.sandbox.didww.problems import ApiError, bad, invalid, validation
from ringup.sandbox.didww.resources import Resource, Store

Behind = Resource | list[Resource] | None


@dataclass(frozen=True, slots=True)
class Sent:
    """The attributes, and the resources that the relationships name."""

    attributes: dict[str, Any]
    relations: dict[str, Behind]

    def need(self, *names: str) -> None:
        """Refuse where an attribute is blank, all of them at once."""
        blank = [name for name in names if self.attributes.get(name) in (None, "")]
        if blank:
            rows = [validation(f"/attributes/{name}", "can't be blank") for name in blank]
            raise ApiError(422, *rows)

    def need_one(self, name: str) -> Resource:
        """The resource behind a relationship, or a refusal."""
        found = self.relations.get(name)
        if not isinstance(found, Resource):
            raise invalid(f"/relationships/{name}", "must exist", name=name)
        return found

    def many(self, name: str) -> list[Resource]:
        found = self.relations.get(name)
        return [found] if isinstance(found, Resource) else list(found or [])


def read(
    store: Store,
    body: bytes,
    *,
    attributes: Collection[str],
    relations: Collection[str] = (),
    kind: str = "",
) -> Sent:
    """The document of a POST or PATCH. What may not be written is refused by name."""
    try:
        data = json.loads(body or b"{}")["data"]
        sent, linked = dict(data.get("attributes") or {}), dict(data.get("relationships") or {})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise bad("106", "The required parameter, data, is missing.") from error
    if kind and data.get("type") != kind:
        raise bad("103", f"{data.get('type')} is not a valid resource.")
    for name in [*sent, *linked]:
        if name not in attributes and name not in relations:
            raise bad("105", "Param not allowed", meta={"param": name})
    return Sent(sent, {name: _behind(store, name, value) for name, value in linked.items()})


def _behind(store: Store, name: str, value: Any) -> Behind:
    data = value.get("data") if isinstance(value, dict) else None
    if data is None:
        return None
    if isinstance(data, list):
        return [_found(store, name, one) for one in data]
    return _found(store, name, data)


def _found(store: Store, name: str, data: Any) -> Resource:
    known = (
        store.find(str(data.get("type")), str(data.get("id"))) if isinstance(data, dict) else None
    )
    if known is None:
        raise invalid(f"/relationships/{name}", "is invalid", name=name)
    return known


def form_of(content_type: str, body: bytes) -> dict[str, bytes]:
    """The fields of a multipart form. A name that comes twice is refused, as a list of files is."""
    if not content_type.startswith("multipart/form-data"):
        raise bad("400", "invalid params")
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    fields: dict[str, bytes] = {}
    if not message.is_multipart():
        raise bad("400", "invalid params")
    for part in message.get_payload():
        name = str(part.get_param("name", header="content-disposition") or "")  # type: ignore[union-attr]
        if not name or name in fields or name.endswith("[]"):
            raise bad("400", "invalid params")
        content = part.get_payload(decode=True)  # type: ignore[union-attr]
        fields[name] = content if isinstance(content, bytes) else b""
    return fields
