"""Where the sandbox carrier has numbers: states, provinces, rate centres and their area codes.

The area codes belong to the places; the numbers do not belong to anybody (see ``stock``).
"""

from __future__ import annotations

# In VoIP.ms's answers rate centres of the USA are in capitals, those of Canada are not.
UNITED_STATES: dict[str, dict[str, tuple[str, ...]]] = {
    "NY": {
        "NEW YORK": ("212", "646", "332"),
        "BROOKLYN": ("718", "347", "929"),
        "HEMPSTEAD": ("516",),
        "WHITE PLAINS": ("914",),
        "BUFFALO": ("716",),
        "ROCHESTER": ("585",),
        "ALBANY": ("518",),
    },
    "CA": {
        "LOS ANGELES": ("213", "323"),
        "SAN FRANCISCO": ("415", "628"),
        "SAN DIEGO": ("619", "858"),
        "SACRAMENTO": ("916",),
        "SAN JOSE": ("408", "669"),
        "OAKLAND": ("510",),
    },
    "FL": {
        "MIAMI": ("305", "786"),
        "ORLANDO": ("407",),
        "TAMPA": ("813",),
        "JACKSONVILLE": ("904",),
    },
    "TX": {
        "AUSTIN": ("512", "737"),
        "DALLAS": ("214", "972"),
        "HOUSTON": ("713", "832"),
        "SAN ANTONIO": ("210",),
    },
    "IL": {
        "CHICAGO": ("312", "773", "872"),
        "AURORA": ("630", "331"),
        "PEORIA": ("309",),
        "SPRINGFIELD": ("217",),
    },
    "WA": {"SEATTLE": ("206",), "TACOMA": ("253",), "SPOKANE": ("509",)},
    "MA": {"BOSTON": ("617", "857"), "WORCESTER": ("508", "774"), "SPRINGFIELD": ("413",)},
    "GA": {"ATLANTA": ("404", "678", "470"), "SAVANNAH": ("912",)},
    "CO": {"DENVER": ("303", "720"), "COLORADO SPRINGS": ("719",)},
    "NJ": {"NEWARK": ("973", "862"), "JERSEY CITY": ("201", "551"), "TRENTON": ("609",)},
    "PA": {"PHILADELPHIA": ("215", "267"), "PITTSBURGH": ("412",)},
    "AZ": {"PHOENIX": ("602", "480"), "TUCSON": ("520",)},
}
CANADA: dict[str, dict[str, tuple[str, ...]]] = {
    "ON": {
        "Toronto": ("416", "647", "437"),
        "Ottawa-Hull": ("613", "343"),
        "Hamilton": ("905", "289"),
        "London": ("519", "226"),
        "Sudbury": ("705",),
    },
    "QC": {
        "Montreal": ("514", "438"),
        "Quebec": ("418", "581"),
        "Laval": ("450", "579"),
        "Gatineau": ("819",),
    },
    "BC": {"Vancouver": ("604", "778"), "Victoria": ("250",)},
    "AB": {"Calgary": ("403", "587"), "Edmonton": ("780",)},
    "MB": {"Winnipeg": ("204", "431")},
    "NS": {"Halifax": ("902", "782")},
}

# Rate centres that are listed although nothing is for sale there.
EMPTY_RATE_CENTRES = {"FL": ("ALFORD",), "WA": ("FORKS",), "ON": ("Stoney Point",)}

# Places where the monthly price of a number is higher than elsewhere.
DEARER = frozenset({"NEW YORK", "SAN FRANCISCO", "Toronto", "Vancouver"})

TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")

STATE_NAMES = {
    "AL": "ALABAMA",
    "AK": "ALASKA",
    "AZ": "ARIZONA",
    "AR": "ARKANSAS",
    "CA": "CALIFORNIA",
    "CO": "COLORADO",
    "CT": "CONNECTICUT",
    "DE": "DELAWARE",
    "DC": "DISTRICT OF COLUMBIA",
    "FL": "FLORIDA",
    "GA": "GEORGIA",
    "HI": "HAWAII",
    "ID": "IDAHO",
    "IL": "ILLINOIS",
    "IN": "INDIANA",
    "IA": "IOWA",
    "KS": "KANSAS",
    "KY": "KENTUCKY",
    "LA": "LOUISIANA",
    "ME": "MAINE",
    "MD": "MARYLAND",
    "MA": "MASSACHUSETTS",
    "MI": "MICHIGAN",
    "MN": "MINNESOTA",
    "MS": "MISSISSIPPI",
    "MO": "MISSOURI",
    "MT": "MONTANA",
    "NE": "NEBRASKA",
    "NV": "NEVADA",
    "NH": "NEW HAMPSHIRE",
    "NJ": "NEW JERSEY",
    "NM": "NEW MEXICO",
    "NY": "NEW YORK",
    "NC": "NORTH CAROLINA",
    "ND": "NORTH DAKOTA",
    "OH": "OHIO",
    "OK": "OKLAHOMA",
    "OR": "OREGON",
    "PA": "PENNSYLVANIA",
    "RI": "RHODE ISLAND",
    "SC": "SOUTH CAROLINA",
    "SD": "SOUTH DAKOTA",
    "TN": "TENNESSEE",
    "TX": "TEXAS",
    "UT": "UTAH",
    "VT": "VERMONT",
    "VA": "VIRGINIA",
    "WA": "WASHINGTON",
    "WV": "WEST VIRGINIA",
    "WI": "WISCONSIN",
    "WY": "WYOMING",
}
PROVINCE_NAMES = {
    "AB": "ALBERTA",
    "BC": "BRITISH COLUMBIA",
    "MB": "MANITOBA",
    "NB": "NEW BRUNSWICK",
    "NL": "NEWFOUNDLAND AND LABRADOR",
    "NT": "NORTHWEST TERRITORIES",
    "NS": "NOVA SCOTIA",
    "NU": "NUNAVUT",
    "ON": "ONTARIO",
    "PE": "PRINCE EDWARD ISLAND",
    "QC": "QUEBEC",
    "SK": "SASKATCHEWAN",
    "YT": "YUKON",
}
