"""Answers FreeSWITCH's questions from FusionPBX's tables, through the cache, as its Lua scripts do.

What is cached is answered again without a look at the database, however old it is. Written from
the reference (sections 5 to 7) and FusionPBX 5.5's documented behaviour; no call was made.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import psycopg
from psycopg.rows import dict_row

from ringup.sandbox.fusionpbx.cache import Cache
from ringup.sandbox.fusionpbx.dialects import Dialect

_GATEWAY_PARAMETERS = (
    "username distinct_to auth_username password realm from_user from_domain proxy register_proxy "
    "outbound_proxy expire_seconds register register_transport contact_params retry_seconds "
    "extension ping ping_min ping_max contact_in_ping context caller_id_in_from supress_cng "
    "extension_in_contact"
).split()
_USER_VARIABLES = (
    "domain_uuid extension_uuid user_context accountcode effective_caller_id_name "
    "effective_caller_id_number outbound_caller_id_name outbound_caller_id_number "
    "emergency_caller_id_name emergency_caller_id_number toll_allow call_timeout call_group "
    "call_screen_enabled user_record hold_music limit_max limit_destination do_not_disturb"
).split()
# The forms in which a dialled number may equal a destination in mode «single».
_NUMBER_FORMS = """
  coalesce(destination_prefix, '') || coalesce(destination_area_code, '')
    || coalesce(destination_number, ''),
  coalesce(destination_trunk_prefix, '') || coalesce(destination_area_code, '')
    || coalesce(destination_number, ''),
  coalesce(destination_prefix, '') || coalesce(destination_number, ''),
  '+' || coalesce(destination_prefix, '') || coalesce(destination_number, ''),
  '+' || coalesce(destination_prefix, '') || coalesce(destination_area_code, '')
    || coalesce(destination_number, ''),
  coalesce(destination_area_code, '') || coalesce(destination_number, ''),
  destination_number
"""
_SINGLE = f"""
  SELECT dialplan_xml FROM (
    SELECT dialplan_xml, dialplan_order FROM v_dialplans
    WHERE dialplan_uuid IN (
        SELECT dialplan_uuid FROM v_destinations WHERE %(number)s IN ({_NUMBER_FORMS}))
      AND (hostname = %(hostname)s OR hostname IS NULL) AND dialplan_enabled::text = 'true'
    UNION
    SELECT dialplan_xml, dialplan_order FROM v_dialplans
    WHERE dialplan_context LIKE '%%public%%' AND domain_uuid IS NULL
      AND (hostname = %(hostname)s OR hostname IS NULL) AND dialplan_enabled::text = 'true'
  ) AS found ORDER BY dialplan_order
"""  # noqa: S608 - no value is put into the text
_CONTEXT = """
  SELECT dialplan_xml FROM v_dialplans
  WHERE dialplan_context = ANY(%(contexts)s) AND (hostname = %(hostname)s OR hostname IS NULL)
    AND dialplan_enabled::text = 'true' ORDER BY dialplan_order
"""
_EXTENSION = """
  SELECT e.* FROM v_extensions e JOIN v_domains d USING (domain_uuid)
  WHERE d.domain_name = %(domain)s AND d.domain_enabled::text = 'true'
    AND (e.extension = %(user)s OR e.number_alias = %(user)s) AND e.enabled::text = 'true'
"""
_SETTING = """
  SELECT default_setting_value AS value FROM v_default_settings
  WHERE default_setting_category = %(category)s
    AND default_setting_subcategory = %(subcategory)s LIMIT 1
"""

Record = Mapping[str, object]


class XmlHandler:
    """Makes the XML documents ``sofia.conf``, ``acl.conf``, dialplan and directory."""

    def __init__(self, dsn: str, cache: Cache, hostname: str, dialect: Dialect) -> None:
        self._dsn = dsn
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[dict[str, object]] | None = None
        self.cache = cache
        self.hostname = hostname
        self.dialect = dialect

    def sofia(self) -> str:
        """SIP profiles and their gateways."""
        key = self.dialect.sofia_key(self.hostname)
        return self.cache.get(key) or self._keep(key, self._sofia())

    def acl(self) -> str:
        """The access lists."""
        key = "configuration:acl.conf"
        return self.cache.get(key) or self._keep(key, self._acl())

    def dialplan(self, context: str, number: str) -> str | None:
        """The dialplan of ``context`` for a call to ``number``, or None: then nothing is cached."""
        public = is_public(context)
        single = public and self._setting("dialplan:mode", "destinations", "dialplan_mode") == (
            "single"
        )
        self._setting("dialplan:destination", "dialplan", "destination")
        key = f"dialplan:{context}:{number}" if single else f"dialplan:{context}"
        cached = self.cache.get(key)
        if cached is not None:
            return cached
        alone = public or "@" in context
        contexts = [context] if alone else [context, "${domain_name}", "global"]
        values = {"number": number, "hostname": self.hostname, "contexts": contexts}
        rows = self.rows(_SINGLE if single else _CONTEXT, values)
        if not rows:
            return None
        return self._keep(key, _document(context, [row["dialplan_xml"] for row in rows]))

    def directory(self, user: str, domain: str) -> str | None:
        """The SIP account of an extension, or None, which is not cached."""
        key = self.dialect.directory_key(self.hostname, user, domain)
        cached = self.cache.get(key)
        if cached is not None:
            return cached
        rows = self.rows(_EXTENSION, {"user": user, "domain": domain})
        return self._keep(key, _user_document(rows[0], domain)) if rows else None

    def domain_uuid(self, domain: str) -> str | None:
        """The domain_uuid of a tenant, or None."""
        sql = "SELECT domain_uuid FROM v_domains WHERE domain_name = %(domain)s"
        rows = self.rows(sql, {"domain": domain})
        return str(rows[0]["domain_uuid"]) if rows else None

    def _keep(self, key: str, document: str) -> str:
        self.cache.set(key, document)
        return document

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()

    def rows(self, sql: str, values: Mapping[str, object]) -> list[dict[str, object]]:
        """What a query finds, on the connection that is kept open."""
        with self._lock:
            try:
                return self._connected().execute(sql, values).fetchall()
            except psycopg.OperationalError:
                # The database was restarted: what is asked here may be asked again.
                return self._connected(anew=True).execute(sql, values).fetchall()

    def _connected(self, *, anew: bool = False) -> psycopg.Connection[dict[str, object]]:
        if anew or self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._dsn, autocommit=True, row_factory=dict_row)
        return self._connection

    def _setting(self, key: str, category: str, subcategory: str) -> str:
        cached = self.cache.get(key)
        if cached is not None:
            return cached
        rows = self.rows(_SETTING, {"category": category, "subcategory": subcategory})
        value = rows[0]["value"] if rows else None
        return self._keep(key, str(value)) if value else ""

    def _sofia(self) -> str:
        root = ElementTree.Element("document", type="freeswitch/xml")
        section = ElementTree.SubElement(root, "section", name="configuration")
        configuration = ElementTree.SubElement(section, "configuration", name="sofia.conf")
        profiles = ElementTree.SubElement(configuration, "profiles")
        sql = """
          SELECT sip_profile_uuid, sip_profile_name FROM v_sip_profiles
          WHERE sip_profile_enabled::text = 'true'
            AND coalesce(sip_profile_hostname, '') IN ('', %(hostname)s) ORDER BY 2
        """
        for row in self.rows(sql, {"hostname": self.hostname}):
            profile = ElementTree.SubElement(profiles, "profile", name=str(row["sip_profile_name"]))
            gateways = ElementTree.SubElement(profile, "gateways")
            for record in self._gateways(str(row["sip_profile_name"])):
                _add_gateway(gateways, record)
            settings = ElementTree.SubElement(profile, "settings")
            for name, value in self._profile_settings(row["sip_profile_uuid"]):
                ElementTree.SubElement(settings, "param", name=name, value=value)
        return ElementTree.tostring(root, encoding="unicode")

    def _gateways(self, profile: str) -> list[dict[str, object]]:
        sql = """
          SELECT * FROM v_gateways WHERE profile = %(profile)s AND enabled::text = 'true'
            AND coalesce(hostname, '') IN ('', %(hostname)s)
        """
        return self.rows(sql, {"profile": profile, "hostname": self.hostname})

    def _profile_settings(self, profile: object) -> list[tuple[str, str]]:
        sql = """
          SELECT sip_profile_setting_name AS name, coalesce(sip_profile_setting_value, '') AS value
          FROM v_sip_profile_settings WHERE sip_profile_uuid = %(profile)s
            AND sip_profile_setting_enabled::text = 'true' ORDER BY 1
        """
        rows = self.rows(sql, {"profile": profile})
        return [(str(row["name"]), str(row["value"])) for row in rows]

    def _acl(self) -> str:
        root = ElementTree.Element("document", type="freeswitch/xml")
        section = ElementTree.SubElement(root, "section", name="configuration")
        configuration = ElementTree.SubElement(section, "configuration", name="acl.conf")
        lists = ElementTree.SubElement(configuration, "network-lists")
        sql = "SELECT * FROM v_access_controls ORDER BY access_control_name"
        for row in self.rows(sql, {}):
            attributes = {
                "name": str(row["access_control_name"]),
                "default": str(row["access_control_default"]),
            }
            element = ElementTree.SubElement(lists, "list", attributes)
            nodes = """
              SELECT node_type, node_cidr FROM v_access_control_nodes
              WHERE access_control_uuid = %(list)s AND length(node_cidr) > 0
            """
            for node in self.rows(nodes, {"list": row["access_control_uuid"]}):
                facts = {"type": str(node["node_type"]), "cidr": str(node["node_cidr"])}
                ElementTree.SubElement(element, "node", facts)
        return ElementTree.tostring(root, encoding="unicode")


def is_public(context: str) -> bool:
    """Whether FusionPBX takes ``context`` for calls from outside."""
    return context == "public" or context.startswith("public@") or context.endswith(".public")


def text_of(value: object) -> str:
    """A column's value as text, booleans as the words that FreeSWITCH reads."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _add_gateway(parent: ElementTree.Element, record: Record) -> None:
    # Known to the switch by its uuid in lower case; the label is for people.
    gateway = ElementTree.SubElement(parent, "gateway", name=str(record["gateway_uuid"]).lower())
    for column in _GATEWAY_PARAMETERS:
        value = text_of(record.get(column))
        if column == "register_transport":
            value = value if value in ("udp", "tcp", "tls") else "udp"
        if value:
            name = column.replace("_", "-")
            ElementTree.SubElement(gateway, "param", name=name, value=value)


def _document(context: str, plans: list[object]) -> str:
    # As it stands in the rows: one row that is no XML spoils the whole context.
    body = "".join(str(plan) for plan in plans if plan)
    return (
        '<document type="freeswitch/xml"><section name="dialplan">'
        f'<context name="{escape(context)}">{body}</context></section></document>'
    )


def _user_document(record: Record, domain: str) -> str:
    """The entry of one extension. The password goes in as it is, as in the real one."""
    variables = "".join(
        f'<variable name="{name}" value="{escape(text_of(record.get(name)), {chr(34): "&quot;"})}"/>'
        for name in _USER_VARIABLES
    )
    return (
        f'<document type="freeswitch/xml"><section name="directory"><domain name="{domain}">'
        f'<user id="{record["extension"]}"><params>'
        f'<param name="password" value="{record["password"]}"/></params>'
        f'<variables><variable name="domain_name" value="{domain}"/>{variables}</variables>'
        "</user></domain></section></document>"
    )
