"""What carriers reject documents for most often, and what whoever uploads one sees to instead."""

from __future__ import annotations

_KNOWN = (
    ("The document has expired, or is too old.", "The document is valid, and not too old."),
    ("The text cannot be read.", "All text can be read: sharp, no glare, no shadows."),
    ("Corners of the document are cut off.", "All four corners are in the picture."),
    (
        "The address is not the one that was given.",
        "The address is the one given here, letter by letter.",
    ),
    ("The name is not the one that was given.", "The name is the one given here."),
    (
        "The registration is not the company’s that was given.",
        "On business papers: the company’s name and registration number are the ones given here.",
    ),
)
COMMON_REASONS = tuple(reason for reason, _ in _KNOWN)
CHECKLIST = tuple(check for _, check in _KNOWN)
