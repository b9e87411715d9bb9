"""The settings of this FusionPBX that change what the adapter has to do."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.sql import SQL

from ringup.pbx.fusionpbx.database import Database

_SETTINGS = SQL(
    """
    SELECT default_setting_category || '/' || default_setting_subcategory AS name,
      default_setting_value AS value
    FROM v_default_settings
    WHERE (default_setting_category, default_setting_subcategory) IN
      (('cache', 'method'), ('cache', 'location'), ('destinations', 'dialplan_mode'))
      AND (default_setting_enabled::text = 'true' OR default_setting_category = 'destinations')
    """
)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """``cache_method`` file or memcache, ``dialplan_mode`` single or multiple."""

    cache_method: str
    cache_location: str
    dialplan_mode: str


def read_settings(database: Database) -> ServerSettings:
    """From v_default_settings, with FusionPBX's own defaults where a row is missing.

    FusionPBX keeps the cache's method and place a second time, in a file on its host, for the
    telephone side (reference section 7.1); that one is not readable from the database.
    """
    found = {str(row["name"]): str(row["value"] or "") for row in database.rows(_SETTINGS)}
    return ServerSettings(
        cache_method=found.get("cache/method") or "file",
        cache_location=found.get("cache/location", ""),
        # The telephone side ignores whether this setting is enabled (read in the source).
        dialplan_mode=found.get("destinations/dialplan_mode") or "multiple",
    )
