"""FusionPBX marks every dialplan with the application that owns it; these are the marks we meet.

Source: read from the database and the application settings of a running 5.5.13.
"""

from __future__ import annotations

from ringup.core.ids import RINGUP, outside_uuid

INBOUND = "c03b422e-13a8-bd1b-e42b-b6b9b4d27ce4"
OUTBOUND = "8c914ec3-9fc0-8ab5-4cda-6c9288bdc9a3"
DOMAIN_VARIABLES = "9f356fe7-8cf8-4c14-8fe2-6daf89304458"

# Ours: the dialplans that refuse. Not OUTBOUND, whose details fax and click-to-call read as routes.
REFUSAL = str(outside_uuid(RINGUP, 0, "fusionpbx-app", "refusal"))

# These dialplans belong to rows of other tables (a ring group, a menu …), so a copy would be an orphan.
NOT_CLONED = frozenset(
    {
        INBOUND,
        OUTBOUND,
        REFUSAL,
        "b5242951-686f-448f-8b4e-5031ba0601a4",  # local destinations
        "1d61fb65-1eec-bc73-a6ee-a6203b4fe6f2",  # ring groups
        "a5788e9b-58bc-bd1b-df59-fff5d51253ab",  # voice menus
        "95788e50-9500-079e-2807-fd530b0ea370",  # call centres
        "4b821450-926b-175a-af93-a03c441818b1",  # time conditions
        "24108154-4ac3-1db6-1551-4731703a4440",  # fax
        "b1b70f85-6b42-429b-8c5a-60c8b02b7d14",  # call flows
        "b81412e8-7253-91f4-e48e-42fc2c9a38d9",  # conferences
        "8d083f5a-f726-42a8-9ffa-8d28f848f10e",  # conference centres
        "16589224-c876-aeb3-f59f-523a1c0801f7",  # queues
    }
)
