"""The tenant's administrator: user, group, contact and personal settings (reference section 3)."""

from __future__ import annotations

from datetime import datetime

from ringup.pbx.fusionpbx.identifiers import Identifiers
from ringup.pbx.fusionpbx.rows.table_rows import Row, TableRows
from ringup.pbx.port import AdministratorGroup, Tenant


def administrator_rows(
    tenant: Tenant, *, group_name: str, group_uuid: str, now: datetime
) -> TableRows:
    """The user in his group. The password is a bcrypt hash, ``salt`` stays null."""
    ids = Identifiers(tenant.uid, tenant.generation)
    person = tenant.administrator
    given, _, family = person.name.strip().partition(" ")
    rows: TableRows = {
        "v_contacts": [
            {
                "contact_uuid": ids.of("contact"),
                "domain_uuid": ids.domain,
                "contact_type": "user",
                "contact_organization": tenant.company,
                "contact_name_given": given or None,
                "contact_name_family": family.strip() or None,
                "contact_nickname": person.username,
            }
        ],
        "v_contact_emails": [
            {
                "contact_email_uuid": ids.of("contact-email"),
                "domain_uuid": ids.domain,
                "contact_uuid": ids.of("contact"),
                "email_primary": True,
                "email_address": person.email,
            }
        ],
        "v_users": [
            {
                "user_uuid": ids.of("user"),
                "domain_uuid": ids.domain,
                "contact_uuid": ids.of("contact"),
                "username": person.username,
                "password": person.password_hash,
                "user_email": person.email,
                "user_type": "default",
                "user_enabled": True,
                "add_user": "ringup",
                "add_date": now.strftime("%Y-%m-%d %H:%M:%S.%f+0000"),
            }
        ],
        "v_user_groups": [
            {
                "user_group_uuid": ids.of("user-group"),
                "domain_uuid": ids.domain,
                "group_name": group_name,
                "group_uuid": group_uuid,
                "user_uuid": ids.of("user"),
            }
        ],
        "v_user_settings": [
            _setting(ids, "language", "code", tenant.language),
            _setting(ids, "time_zone", "name", tenant.time_zone),
        ],
    }
    if person.group is AdministratorGroup.USER:
        rows["v_extension_users"] = [_own_extension(tenant, ids)]
    return rows


def _own_extension(tenant: Tenant, ids: Identifiers) -> Row:
    """A plain user sees nothing but extensions that are his: the one with his e-mail address, else the
    first."""
    email = tenant.administrator.email.lower()
    own = next((one for one in tenant.extensions if one.email.lower() == email), None)
    extension = (own or tenant.extensions[0]).extension
    return {
        "extension_user_uuid": ids.of("extension-user", extension),
        "domain_uuid": ids.domain,
        "extension_uuid": ids.of("extension", extension),
        "user_uuid": ids.of("user"),
    }


def _setting(ids: Identifiers, subcategory: str, name: str, value: str) -> Row:
    return {
        "user_setting_uuid": ids.of("user-setting", subcategory),
        "domain_uuid": ids.domain,
        "user_uuid": ids.of("user"),
        "user_setting_category": "domain",
        "user_setting_subcategory": subcategory,
        "user_setting_name": name,
        "user_setting_value": value,
        "user_setting_enabled": True,
    }
