"""FreeSWITCH's API commands as texts: what ``api …`` on the event socket answers.

Wordings are those of FreeSWITCH 1.10 (mod_commands, mod_sofia).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from ringup.sandbox.fusionpbx.cache import MemoryCache
from ringup.sandbox.fusionpbx.calls import Caller
from ringup.sandbox.fusionpbx.switch import Gateway, ProfileUnknown, Switch

_VERSION = "1.10.12-release"
_RULE = "=" * 97
_PORTS = {"internal": 5060, "external": 5080}
_XML = '<?xml version="1.0" encoding="ISO-8859-1"?>\n'


class Commands:
    """Carries out API commands on a switch."""

    def __init__(self, switch: Switch, caller: Caller) -> None:
        self._switch = switch
        self._caller = caller
        self._commands: dict[str, Callable[[str], str]] = {
            "acl": self._acl,
            "create_uuid": lambda _: str(uuid.uuid4()),
            "hostname": lambda _: switch.handler.hostname,
            "memcache": self._memcache,
            "reloadacl": self._reload_acl,
            "reloadxml": lambda _: "+OK [Success]\n",
            "show": self._show,
            "sofia": self._sofia,
            "sofia_contact": lambda _: "error/user_not_registered",
            "status": self._status,
            "switchname": lambda _: switch.handler.hostname,
            "user_data": self._user_data,
            "user_exists": self._user_exists,
            "version": lambda _: f"FreeSWITCH Version {_VERSION}~64bit (-release 64bit)\n",
            "xml_locate": self._xml_locate,
        }
        self._started = time.monotonic()

    def execute(self, text: str) -> str:
        """The answer to one command, such as ``sofia profile external rescan``."""
        name, _, arguments = text.strip().partition(" ")
        command = self._commands.get(name)
        answer = command(arguments.strip()) if command else None
        return (
            f"-ERR {name} Command not found!\n" if answer is None else answer or "-ERR no reply\n"
        )

    def _sofia(self, arguments: str) -> str:
        words = arguments.split()
        match words:
            case ["profile", profile, verb, *rest]:
                return self._profile(profile, verb, rest)
            case ["xmlstatus", "gateway", name]:
                gateway = self._switch.gateway(name)
                return _XML + self._gateway_xml(gateway) if gateway else "Invalid Gateway!\n"
            case ["xmlstatus", "gateway"]:
                blocks = [self._gateway_xml(gateway) for gateway in self._switch.gateways()]
                return f"{_XML}<gateways>\n{''.join(blocks)}</gateways>\n"
            case ["status", "gateway", name]:
                gateway = self._switch.gateway(name)
                return self._gateway_text(gateway) if gateway else "Invalid Gateway!\n"
            case ["status"]:
                return self._profiles_text()
            case ["xmlstatus"]:
                return self._profiles_xml()
        return "-USAGE: sofia <profile|status|xmlstatus> ...\n"

    def _profile(self, profile: str, verb: str, rest: list[str]) -> str:
        try:
            if verb == "rescan":
                done = self._switch.rescan(profile)
                found = (
                    "+OK scan complete"
                    if done
                    else f"-ERR cannot find config for profile {profile}"
                )
                return f"Reload XML [Success]\n{found}\n"
            if verb == "killgw":
                if not rest:
                    return "-ERR missing gw name\n"
                killed = self._switch.kill_gateway(profile, rest[0])
                return "+OK gateway marked for deletion.\n" if killed else "-ERR no such gateway.\n"
        except ProfileUnknown:
            return f"Invalid Profile [{profile}]"
        if verb == "flush_inbound_reg":
            matching = " matching specified call_id" if rest else ""
            return f"+OK flushing all registrations{matching}\n"
        return "-ERR Unknown command!\n"

    def _gateway_xml(self, gateway: Gateway) -> str:
        fields = self._gateway_fields(gateway)
        lines = [f"    <{name}>{escape(value)}</{name}>\n" for name, value in fields]
        return f"  <gateway>\n{''.join(lines)}  </gateway>\n"

    def _gateway_text(self, gateway: Gateway) -> str:
        fields = self._gateway_fields(gateway)
        lines = [f"{name.capitalize():<8}\t{value}\n" for name, value in fields]
        return f"{_RULE}\n{''.join(lines)}{_RULE}\n"

    def _gateway_fields(self, gateway: Gateway) -> list[tuple[str, str]]:
        get = gateway.parameters.get
        state, up = self._switch.state(gateway)
        proxy, user = get("proxy", ""), get("username", "")
        realm = get("realm", "") or proxy
        fields = {
            "name": gateway.name,
            "profile": gateway.profile,
            "scheme": "Digest",
            "realm": realm,
            "username": user,
            "password": "yes" if get("password") else "no",
            "from": f"<sip:{get('from-user') or user}@{get('from-domain') or proxy}>",
            "contact": f"<sip:gw+{gateway.name}@127.0.0.1:{_PORTS.get(gateway.profile, 5080)}>",
            "exten": get("extension", "") or user,
            "to": f"sip:{user}@{realm}",
            "proxy": f"sip:{get('register-proxy') or proxy}",
            "context": get("context", "public"),
            "expires": get("expire-seconds", "3600"),
            "freq": get("expire-seconds", "3600"),
            "ping": get("ping", "0"),
            "state": state,
            "status": "UP" if up else "DOWN",
            "calls-in": "0",
            "calls-out": "0",
        }
        return list(fields.items())

    def _profiles_text(self) -> str:
        lines = [f"{'Name':>25}\t   Type\t  {'Data':>40}\tState\n{_RULE}\n"]
        for profile in self._switch.profiles():
            address = f"sip:mod_sofia@127.0.0.1:{_PORTS.get(profile, 5080)}"
            lines.append(f"{profile:>25}\tprofile\t  {address:>40}\tRUNNING (0)\n")
            for gateway in self._of(profile):
                state, _ = self._switch.state(gateway)
                to = dict(self._gateway_fields(gateway))["to"]
                lines.append(f"{profile + '::' + gateway.name:>25}\tgateway\t  {to:>40}\t{state}\n")
        count = len(self._switch.profiles())
        return "".join([*lines, f"{_RULE}\n{count} profiles 0 aliases\n"])

    def _profiles_xml(self) -> str:
        lines = [f"{_XML}<profiles>\n"]
        for profile in self._switch.profiles():
            address = f"sip:mod_sofia@127.0.0.1:{_PORTS.get(profile, 5080)}"
            lines.append(_entry("profile", profile, address, "RUNNING (0)"))
            for gateway in self._of(profile):
                state, _ = self._switch.state(gateway)
                to = dict(self._gateway_fields(gateway))["to"]
                lines.append(_entry("gateway", gateway.name, to, state))
        return "".join([*lines, "</profiles>\n"])

    def _of(self, profile: str) -> list[Gateway]:
        return [one for one in self._switch.gateways() if one.profile == profile]

    def _reload_acl(self, _: str) -> str:
        try:
            self._switch.reload_acl()
        except ParseError as error:
            return f"-ERR [{error}]\n"
        return "+OK acl reloaded\n"

    def _acl(self, arguments: str) -> str:
        address, _, name = arguments.partition(" ")
        return "true" if self._switch.allows(name, address) else "false"

    def _memcache(self, arguments: str) -> str:
        cache = self._switch.handler.cache
        if not isinstance(cache, MemoryCache):
            return "-ERR memcache Command not found!\n"
        return cache.command(arguments)

    def _show(self, arguments: str) -> str:
        # No telephone ever registers at this switch, and there is never a call.
        return "\n0 total.\n"

    def _status(self, _: str) -> str:
        seconds = int(time.monotonic() - self._started)
        return (
            f"UP 0 years, 0 days, 0 hours, 0 minutes, {seconds} seconds, 0 milliseconds, "
            f"0 microseconds\nFreeSWITCH (Version {_VERSION}) is ready\n"
            "0 session(s) since startup\n0 session(s) - peak 0, last 5min 0 \n"
        )

    def _user_data(self, arguments: str) -> str:
        address, kind, name = [*arguments.split(), "", "", ""][:3]
        user, _, domain = address.partition("@")
        account = self._caller.account(user, domain) or {}
        return account.get(name, "") if kind in ("var", "param") else ""

    def _user_exists(self, arguments: str) -> str:
        _, user, domain = [*arguments.split(), "", "", ""][:3]
        return "false" if self._caller.account(user, domain) is None else "true"

    def _xml_locate(self, arguments: str) -> str:
        words = arguments.split()
        handler = self._switch.handler
        match words:
            case ["directory", "domain", "name", domain]:
                found = handler.domain_uuid(domain)
                return f'<domain name="{escape(domain)}"/>\n' if found else "can't find anything\n"
            case ["configuration", "configuration", "name", "sofia.conf"]:
                return handler.sofia()
            case ["configuration", "configuration", "name", "acl.conf"]:
                return handler.acl()
            case ["dialplan", *_]:
                return handler.dialplan("public", "") or "can't find anything\n"
        return "-ERR bad args\n" if len(words) not in (1, 4) else "can't find anything\n"


def _entry(kind: str, name: str, data: str, state: str) -> str:
    return (
        f"<{kind}>\n<name>{escape(name)}</name>\n<type>{kind}</type>\n"
        f"<data>{escape(data)}</data>\n<state>{state}</state>\n</{kind}>\n"
    )
