"""Resources as JSON:API documents. A relationship's ``data`` is there only where it is included."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ringup.sandbox.didww.problems import bad
from ringup.sandbox.didww.resources import Resource
from ringup.sandbox.didww.versions import attributes_of, relations_of

Tree = dict[str, "Tree"]


def tree_of(paths: str) -> Tree:
    """``did_group.region,city`` as ``{"did_group": {"region": {}}, "city": {}}``."""
    tree: Tree = {}
    for path in filter(None, paths.split(",")):
        place = tree
        for name in path.split("."):
            place = place.setdefault(name, {})
    return tree


def object_of(resource: Resource, tree: Tree, *, base: str, version: str) -> dict[str, Any]:
    """One resource object."""
    here = f"{base}/{resource.type}/{resource.id}"
    relationships: dict[str, Any] = {}
    for name, found in relations_of(resource, version).items():
        links = {"self": f"{here}/relationships/{name}", "related": f"{here}/{name}"}
        relationships[name] = {"links": links}
        if name in tree:
            relationships[name]["data"] = _linkage(found)
    shown: dict[str, Any] = {
        "id": resource.id,
        "type": resource.type,
        "attributes": attributes_of(resource, version),
    }
    if relationships:
        shown["relationships"] = relationships
    if resource.meta:
        shown["meta"] = resource.meta
    return shown


def _linkage(found: Resource | list[Resource] | None) -> Any:
    if isinstance(found, Resource):
        return {"type": found.type, "id": found.id}
    if found is None:
        return None
    return [{"type": one.type, "id": one.id} for one in found]


def included(
    resources: Iterable[Resource], tree: Tree, *, base: str, version: str
) -> list[dict[str, Any]]:
    """The resources behind the relationships of ``tree``, each once."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    _gather(list(resources), tree, found, base, version)
    return list(found.values())


def _gather(
    resources: list[Resource],
    tree: Tree,
    found: dict[tuple[str, str], Any],
    base: str,
    version: str,
) -> None:
    for name, below in tree.items():
        behind: list[Resource] = []
        for resource in resources:
            if name not in relations_of(resource, version):
                raise bad("112", f"{name} is not a valid includable relationship")
            behind += resource.many(name)
        for one in behind:
            found.setdefault((one.type, one.id), object_of(one, below, base=base, version=version))
        _gather(behind, below, found, base, version)
