"""The languages that a tenant can have."""

from __future__ import annotations

# FusionPBX's language codes (core translations of 5.5; not verified against a live system).
LANGUAGES = (
    ("en-us", "English (United States)"),
    ("en-gb", "English (United Kingdom)"),
    ("fr-ca", "French (Canada)"),
    ("fr-fr", "French (France)"),
    ("es-cl", "Spanish (Chile)"),
    ("es-mx", "Spanish (Mexico)"),
    ("de-de", "German"),
    ("it-it", "Italian"),
    ("nl-nl", "Dutch"),
    ("pl-pl", "Polish"),
    ("pt-br", "Portuguese (Brazil)"),
    ("pt-pt", "Portuguese (Portugal)"),
    ("sv-se", "Swedish"),
    ("tr-tr", "Turkish"),
    ("uk-ua", "Ukrainian"),
)
