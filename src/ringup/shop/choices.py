"""What the wizard proposes from the place of the number."""

from __future__ import annotations

# A good first guess from the place of the number; the buyer may choose another.
ZONE_OF_REGION = {
    **dict.fromkeys(["ON", "QC"], "America/Toronto"),
    **dict.fromkeys(["NS", "NB", "PE"], "America/Halifax"),
    **dict.fromkeys(["CA", "WA", "OR", "NV"], "America/Los_Angeles"),
    **dict.fromkeys(
        ["AL", "AR", "IA", "IL", "KS", "LA", "MN", "MO", "MS", "ND", "NE", "OK", "SD", "TN", "TX", "WI"],
        "America/Chicago",
    ),
    **dict.fromkeys(["CO", "ID", "MT", "NM", "UT", "WY"], "America/Denver"),
    "NL": "America/St_Johns",
    "MB": "America/Winnipeg",
    "SK": "America/Regina",
    "AB": "America/Edmonton",
    "BC": "America/Vancouver",
    "AZ": "America/Phoenix",
    "AK": "America/Anchorage",
    "HI": "Pacific/Honolulu",
}  # fmt: skip
