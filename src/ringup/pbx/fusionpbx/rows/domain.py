"""The tenant itself: its domain and the settings that hold for it (reference section 2)."""

from __future__ import annotations

from ringup.pbx.fusionpbx.identifiers import Identifiers
from ringup.pbx.fusionpbx.rows.table_rows import Row, TableRows
from ringup.pbx.port import Tenant


def domain_rows(tenant: Tenant) -> TableRows:
    """The domain, with limits, time zone and language.

    The limits stop FusionPBX's pages, for staff too: as many extensions as were sold, one user
    for each and the administrator, one gateway.
    """
    ids = Identifiers(tenant.uid, tenant.generation)
    settings = [
        _setting(ids, "limit", "extensions", "numeric", str(tenant.max_extensions)),
        _setting(ids, "limit", "users", "numeric", str(tenant.max_extensions + 1)),
        _setting(ids, "limit", "gateways", "numeric", "1"),
        _setting(ids, "domain", "time_zone", "name", tenant.time_zone),
        _setting(ids, "domain", "language", "code", tenant.language),
    ]
    return {
        "v_domains": [
            {
                "domain_uuid": ids.domain,
                "domain_name": tenant.domain,
                "domain_enabled": True,
                "domain_description": tenant.company,
            }
        ],
        "v_domain_settings": settings,
    }


def _setting(ids: Identifiers, category: str, subcategory: str, name: str, value: str) -> Row:
    return {
        "domain_setting_uuid": ids.of("domain-setting", f"{category}/{subcategory}"),
        "domain_uuid": ids.domain,
        "domain_setting_category": category,
        "domain_setting_subcategory": subcategory,
        "domain_setting_name": name,
        "domain_setting_value": value,
        "domain_setting_enabled": True,
    }
