"""The part of FreeSWITCH that a provisioner meets: loaded gateways, registrations, access lists.

It knows only what it loaded. A gateway is loaded by a rescan of its profile and keeps the
parameters it was loaded with until ``killgw``; an access list changes with ``reloadacl``
(reference: sections 5 and 7; FreeSWITCH's mod_sofia).
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from ringup.sandbox.fusionpbx.xml_handler import XmlHandler

PROVIDERS = "providers"
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Registrar:
    """How the world answers registrations: every account, none, or those in ``accounts``.

    ``accounts`` maps user names to passwords; None accepts all. For ``seconds`` after loading, a
    gateway is still trying.
    """

    answers: bool = True
    accounts: Mapping[str, str] | None = field(default=None, repr=False)
    seconds: float = 0.0

    def accepts(self, username: str, password: str) -> bool:
        if not self.answers:
            return False
        return self.accounts is None or self.accounts.get(username) == password


ANY = Registrar()
NEVER = Registrar(answers=False)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway as loaded. ``parameters`` are named as in sofia.conf, with hyphens."""

    name: str
    profile: str
    parameters: Mapping[str, str] = field(repr=False)
    loaded_at: float

    @property
    def registers(self) -> bool:
        return self.parameters.get("register", "true") == "true"

    @property
    def account(self) -> tuple[str, str]:
        username = self.parameters.get("username", "")
        return (
            self.parameters.get("auth-username") or username,
            self.parameters.get("password", ""),
        )


@dataclass(frozen=True, slots=True)
class AccessList:
    """One loaded list: what it says of addresses that no node names, and its nodes."""

    default: bool
    nodes: tuple[tuple[bool, Network], ...]

    def allows(self, address: str) -> bool:
        """The most exact node decides, as in FreeSWITCH."""
        source = ipaddress.ip_address(address)
        hits = [(network.prefixlen, allow) for allow, network in self.nodes if source in network]
        return max(hits, key=lambda hit: hit[0])[1] if hits else self.default


class ProfileUnknown(Exception):
    """No SIP profile has this name."""


class Switch:
    """Loaded state, safe to use from several threads."""

    def __init__(self, handler: XmlHandler, registrar: Registrar = ANY) -> None:
        self.handler = handler
        self._lock = threading.RLock()
        self._registrar = registrar
        self._profiles: set[str] = set()
        self._gateways: dict[str, Gateway] = {}
        self._lists: dict[str, AccessList] = {}

    def start(self) -> None:
        """What happens at the start of FreeSWITCH: everything is loaded, and cached with it."""
        with self._lock:
            configuration = self._configuration()
            self._profiles = {profile.attrib["name"] for profile in configuration.iter("profile")}
            for name in sorted(self._profiles):
                self._load(configuration, name)
        self.reload_acl()

    @property
    def registrar(self) -> Registrar:
        return self._registrar

    @registrar.setter
    def registrar(self, registrar: Registrar) -> None:
        # As if every gateway that failed tried again at once; the real one waits some seconds.
        with self._lock:
            self._registrar = registrar

    def gateways(self) -> list[Gateway]:
        """The loaded gateways in the order they came."""
        with self._lock:
            return list(self._gateways.values())

    def gateway(self, name: str) -> Gateway | None:
        """The loaded gateway called ``name`` (its uuid), or None."""
        with self._lock:
            return self._gateways.get(name)

    def profiles(self) -> list[str]:
        """The running SIP profiles."""
        return sorted(self._profiles)

    def rescan(self, profile: str) -> bool:
        """Load the gateways of ``profile`` that are not loaded yet. False: no configuration for it.

        Nothing is unloaded or changed. Raises ProfileUnknown.
        """
        with self._lock:
            if profile not in self._profiles:
                raise ProfileUnknown(profile)
            try:
                return self._load(self._configuration(), profile)
            except ParseError:
                return False

    def kill_gateway(self, profile: str, name: str) -> bool:
        """Unload a gateway, or all with ``_all_``. False: there is none. Raises ProfileUnknown."""
        with self._lock:
            if profile not in self._profiles:
                raise ProfileUnknown(profile)
            if name == "_all_":
                kept = {key: one for key, one in self._gateways.items() if one.profile != profile}
                self._gateways = kept
                return True
            return self._gateways.pop(name, None) is not None

    def state(self, gateway: Gateway) -> tuple[str, bool]:
        """FreeSWITCH's word for the registration, and whether calls may go out."""
        if not gateway.registers:
            return "NOREG", True
        registrar = self._registrar
        if time.monotonic() < gateway.loaded_at + registrar.seconds:
            return "TRYING", False
        if registrar.accepts(*gateway.account):
            return "REGED", True
        return "FAIL_WAIT", False

    def reload_acl(self) -> None:
        """Load the access lists anew."""
        root = fromstring(self.handler.acl())
        lists = {element.attrib["name"]: _access_list(element) for element in root.iter("list")}
        with self._lock:
            self._lists = lists

    def allows(self, name: str, address: str) -> bool:
        """Whether the loaded access list ``name`` lets ``address`` in; an unknown list does not."""
        with self._lock:
            access = self._lists.get(name)
        return access is not None and access.allows(address)

    def access_list(self, name: str) -> list[str]:
        """The addresses that the loaded list ``name`` allows."""
        with self._lock:
            access = self._lists.get(name)
        return [str(network) for allow, network in access.nodes if allow] if access else []

    def _configuration(self) -> Element:
        root: Element = fromstring(self.handler.sofia())
        return root

    def _load(self, configuration: Element, profile: str) -> bool:
        for element in configuration.iter("profile"):
            if element.attrib["name"] != profile:
                continue
            for gateway in element.iter("gateway"):
                name = gateway.attrib["name"]
                parameters = {
                    param.attrib["name"]: param.attrib["value"] for param in gateway.iter("param")
                }
                loaded = Gateway(name, profile, parameters, time.monotonic())
                self._gateways.setdefault(name, loaded)
            return True
        return False


def _access_list(element: Element) -> AccessList:
    nodes = []
    for node in element.iter("node"):
        try:
            network = ipaddress.ip_network(node.attrib["cidr"], strict=False)
        except ValueError:
            continue  # FreeSWITCH logs an address that it cannot read, and goes on
        nodes.append((node.attrib["type"] == "allow", network))
    return AccessList(element.attrib["default"] == "allow", tuple(nodes))
