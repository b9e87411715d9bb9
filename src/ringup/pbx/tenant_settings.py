"""How a tenant's gateway and routes are to be, beyond what every order says. Part of the port.

All texts are final: merge fields are filled in. The defaults are what stands on the PBX when no
template was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """A SIP gateway's parameters, by FreeSWITCH's names. Empty texts are not set.

    An empty ``username`` is the trunk's; an empty ``proxy`` is the carrier's host, with the port
    where it is unusual; an empty ``register_transport`` is the carrier's. ``ping`` and the seconds
    are seconds, ``ping_min`` and ``ping_max`` counts; ``channels`` 0 means unlimited. The password
    is always the order's own and stands in ``Gateway``.
    """

    username: str = ""
    auth_username: str = ""
    from_user: str = ""
    from_domain: str = ""
    realm: str = ""
    proxy: str = ""
    register_proxy: str = ""
    outbound_proxy: str = ""
    register: bool = True
    register_transport: str = ""
    expire_seconds: int = 800
    retry_seconds: int = 30
    ping: int | None = None
    ping_min: int | None = None
    ping_max: int | None = None
    contact_in_ping: bool = False
    contact_params: str = ""
    # ``auto``: a call for the registered contact is looked up by the number in its To header; with
    # the trunk's user it would be looked up by that (read in FreeSWITCH's source, not tried live).
    extension: str = "auto"
    extension_in_contact: bool | None = None
    distinct_to: bool = False
    caller_id_in_from: bool = True
    sip_cid_type: str = ""
    supress_cng: bool = False
    codec_prefs: str = ""
    channels: int = 0
    context: str = "public"
    profile: str = "external"
    hostname: str = ""
    enabled: bool = True
    description: str = ""


@dataclass(frozen=True, slots=True)
class InboundSettings:
    """What happens to a call on its way to the extension. Empty texts are not set.

    ``condition_field`` names where the dialled number is read; empty is the PBX's own choice.
    ``record_format`` is the ending of recordings' files.
    """

    order: int = 100
    condition_field: str = ""
    caller_id_name_prefix: str = ""
    account_code: str = ""
    hold_music: str = ""
    distinctive_ring: str = ""
    record: bool = False
    record_format: str = "mp3"
    description: str = ""


@dataclass(frozen=True, slots=True)
class CustomRoute:
    """One more way out: numbers that ``expression`` matches go out as ``sent``, where ``$1`` stands
    for the digits of its one group."""

    name: str
    expression: str
    sent: str


@dataclass(frozen=True, slots=True)
class OutboundSettings:
    """How numbers go to the carrier. Which sets are open, and how many calls at once, the tenant says.

    ``prefix`` stands before every number, ``national_prefix`` before the ten digits of the North
    American plan, ``international_prefix`` before country code and number. Emergency calls and
    988 are sent as they are, whatever stands here.
    """

    order: int = 100
    prefix: str = ""
    national_prefix: str = ""
    international_prefix: str = "011"
    account_code: str = ""
    routes: tuple[CustomRoute, ...] = ()
