"""Who answers if I dial a number: the XML handler's answers, followed to the end of the call.

No sound and no SIP: a call is a walk through the dialplans that FreeSWITCH would be given.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from ringup.sandbox.fusionpbx.hunting import Action, Channel, hunt
from ringup.sandbox.fusionpbx.switch import PROVIDERS, Switch

_MOST_TRANSFERS = 10
_GATEWAY = re.compile(r"sofia/gateway/(?P<name>[^/]+)/(?P<number>.*)$")
_USER = re.compile(r"user/(?P<user>[^@]+)@(?P<domain>\S+)$")
_SILENT = frozenset({"set", "export", "unset", "log", "bridge"})
_CHANNEL_VARIABLES = re.compile(r"^(\{[^}]*\}|\[[^]]*\]|<[^>]*>)+")


@dataclass(frozen=True, slots=True)
class Bridge:
    """One attempt to reach somebody. ``problem`` is empty when the other side rings."""

    target: str
    problem: str = ""


@dataclass(slots=True)
class Call:
    """How a call went.

    ``outcome`` is one of: ``rings`` (the last of ``bridges`` is reached), ``voicemail``,
    ``refused`` (the switch ends the call; ``detail`` says with what), ``challenged`` (the source
    is not in the carriers' access list), ``application`` (only sounds, scripts and the like),
    ``nobody`` (no dialplan matched), ``broken`` (a dialplan is no XML).
    """

    number: str
    outcome: str = "nobody"
    detail: str = ""
    bridges: list[Bridge] = field(default_factory=list)
    actions: list[tuple[str, str]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def answered_by(self) -> str:
        """Who takes the call: ``user/1001@tenant.example``, ``sofia/gateway/…``, or nothing."""
        return self.bridges[-1].target if self.outcome == "rings" else ""


class Caller:
    """Places imaginary calls on a switch."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._handler = switch.handler

    def inbound(self, number: str, *, source: str | None = None) -> Call:
        """A carrier calls ``number`` at the external profile, from address ``source`` if given."""
        call = Call(number)
        if source is not None and not self._switch.allows(PROVIDERS, source):
            call.outcome, call.detail = "challenged", f"{source} is not in {PROVIDERS}"
            return call
        return self._walk(call, "public")

    def outbound(self, domain: str, number: str, *, extension: str | None = None) -> Call:
        """A telephone of tenant ``domain`` dials ``number``, as ``extension`` if given.

        The dialplan is that of the extension's user_context, as in the real one.
        """
        call = Call(number)
        call.variables |= {"domain_name": domain}
        context = domain
        if extension is not None:
            try:
                account = self.account(extension, domain)
            except ParseError as error:
                call.outcome, call.detail = "broken", f"directory of {extension}: {error}"
                return call
            if account is None:
                call.outcome, call.detail = "refused", "403 no such extension"
                return call
            call.variables |= account | {"sip_from_user": extension, "caller_id_number": extension}
            context = account.get("user_context", "")
        else:
            call.variables["domain_uuid"] = self._handler.domain_uuid(domain) or ""
        return self._walk(call, context)

    def account(self, user: str, domain: str) -> dict[str, str] | None:
        """Parameters and variables of the SIP account of ``user``, or None."""
        document = self._handler.directory(user, domain)
        if document is None:
            return None
        root = fromstring(document)
        return {
            one.attrib["name"]: one.attrib["value"]
            for tag in ("param", "variable")
            for one in root.iter(tag)
        }

    def _walk(self, call: Call, context: str) -> Call:
        number = call.number
        for _ in range(_MOST_TRANSFERS):
            channel = Channel(number, context, call.variables, self._functions())
            try:
                actions = self._hunt(channel)
            except (ParseError, ValueError) as error:
                call.outcome, call.detail = "broken", f"{context}: {error}"
                return call
            transfer = self._execute(actions, channel, call)
            if transfer is None:
                return call
            number, context = transfer
        call.outcome, call.detail = "refused", "transferred in a circle"
        return call

    def _hunt(self, channel: Channel) -> list[Action]:
        document = self._handler.dialplan(channel.context, channel.number)
        if document is None:
            return []
        root: Element = fromstring(document)
        return hunt(root, channel)

    def _execute(
        self, actions: list[Action], channel: Channel, call: Call
    ) -> tuple[str, str] | None:
        """Run ``actions`` until the call has an end. Returns number and context of a transfer."""
        for action in actions:
            data = channel.expand(action.data)
            call.actions.append((action.application, data))
            channel.apply(action)
            if action.application == "transfer":
                number, _, rest = data.partition(" ")
                return number, rest.split()[-1] if rest else channel.context
            if self._ends(action.application, data, channel, call):
                return None
            if action.application not in _SILENT:
                call.outcome = "application"
        return None

    def _ends(self, application: str, data: str, channel: Channel, call: Call) -> bool:
        if application == "bridge":
            return self._bridge(data, channel, call)
        if application in ("respond", "hangup"):
            call.outcome, call.detail = "refused", data
            return True
        if application == "voicemail":
            call.outcome, call.detail = "voicemail", data
            return True
        return False

    def _bridge(self, data: str, channel: Channel, call: Call) -> bool:
        """Try the targets of one bridge. True: the call ends here, well or not."""
        for target in re.split(r"[,|]", _CHANNEL_VARIABLES.sub("", data)):
            problem = self._problem(target)
            call.bridges.append(Bridge(target, problem))
            if not problem:
                call.outcome, call.detail = "rings", target
                return True
        call.outcome, call.detail = "refused", call.bridges[-1].problem
        return channel.variables.get("continue_on_fail", "false") == "false"

    def _problem(self, target: str) -> str:
        gateway = _GATEWAY.match(target)
        if gateway is not None:
            loaded = self._switch.gateway(gateway["name"])
            if loaded is None:
                return "INVALID_GATEWAY"
            state, up = self._switch.state(loaded)
            return "" if up else f"NETWORK_OUT_OF_ORDER ({state})"
        user = _USER.match(target)
        if user is not None and self.account(user["user"], user["domain"]) is None:
            return "SUBSCRIBER_ABSENT"
        return ""

    def _functions(self) -> dict[str, Callable[[str], str]]:
        return {
            "user_exists": self._user_exists,
            "user_data": self._user_data,
            "strftime": lambda form: datetime.now(UTC).strftime(form),
        }

    def _user_exists(self, words: str) -> str:
        _, user, domain = [*words.split(), "", "", ""][:3]
        return "true" if self.account(user, domain) is not None else "false"

    def _user_data(self, words: str) -> str:
        address, _, name = [*words.split(), "", "", ""][:3]
        user, _, domain = address.partition("@")
        return (self.account(user, domain) or {}).get(name, "")
