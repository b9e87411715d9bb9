"""The mails about papers: to the client who owes some, and to the staff that looks after them."""

from __future__ import annotations

from ringup.flows.mails.events import OFFICE_URL, ORDER, ORDER_URL
from ringup.mail.events import Audience, MailEvent, MergeField

PAPERS = (
    MergeField(
        "papers_url",
        "The page on which the client brings and corrects papers.",
        "https://ringup.example/my/orders/R-2041/papers/",
    ),
    MergeField("provider", "The provider's name.", "DIDWW main"),
)
REASONS = MergeField(
    "reasons",
    "Why the carrier rejected the papers, in its words, as a list.",
    [{"words": "The address does not match the utility bill."}],
    parts=(MergeField("words", "One reason.", "The address does not match the utility bill."),),
)
COMMENT = MergeField(
    "comment", "What the carrier added.", "Send a newer bill, please.", is_optional=True
)
COMMON_REASONS = MergeField(
    "common_reasons",
    "What carriers reject most often, as a list.",
    [{"words": "The text cannot be read."}, {"words": "Corners of the document are cut off."}],
    parts=(MergeField("words", "One of them.", "The text cannot be read."),),
)
DOCUMENTS = MergeField(
    "documents",
    "The documents that are missing, as a list.",
    [{"title": "Proof of identity"}, {"title": "Proof of address"}],
    parts=(MergeField("title", "What it is.", "Proof of identity"),),
)
WANTED = MergeField(
    "wanted",
    "What has to be corrected, as a list.",
    [{"name": "date of birth", "words": "It is not the one of the passport."}],
    parts=(
        MergeField("name", "What it is.", "date of birth"),
        MergeField("words", "What is wrong with it.", "It is not the one of the passport."),
    ),
)
PROBLEM = MergeField("problem", "What happened.", "DIDWW main has blocked the number.")
LOOK = (
    MergeField(
        "verification",
        "What the provider's support calls this check; may be empty.",
        "SHB-485120",
        is_optional=True,
    ),
    MergeField(
        "support_contact", "The provider's support; may be empty.", "support@didww.example",
        is_optional=True,
    ),
    MergeField(
        "portal_url", "The provider's portal; may be empty.", "https://my.didww.example/",
        is_optional=True,
    ),
)  # fmt: skip


def _to_client(name: str, title: str, when: str, *more: MergeField) -> MailEvent:
    to = "The client's address, and its people who want mails about orders."
    fields = (*ORDER, ORDER_URL, *PAPERS, *more)
    return MailEvent(name, title, when, to, Audience.CLIENT, fields, about="order")


def _to_staff(name: str, title: str, when: str, *more: MergeField) -> MailEvent:
    to = "Staff who wants to hear of it."
    fields = (*ORDER, OFFICE_URL, *PAPERS, *more)
    return MailEvent(name, title, when, to, Audience.STAFF, fields, about="order")


EVENTS = (
    _to_client(
        "papers-needed",
        "Documents needed",
        "An order was placed whose number needs documents that are not there yet.",
        DOCUMENTS,
    ),
    _to_client(
        "papers-correction", "Papers: please correct", "Staff asks for a correction.", WANTED
    ),
    _to_client(
        "papers-rejected",
        "Papers rejected",
        "The carrier rejected the papers of a number.",
        REASONS,
        COMMENT,
        COMMON_REASONS,
    ),
    _to_client("papers-approved", "Papers approved", "The carrier has registered a number."),
    _to_staff(
        "staff-papers-review",
        "To staff: papers to review",
        "A client has corrected papers, or brought the last document.",
    ),
    _to_staff(
        "staff-papers-rejected",
        "To staff: papers rejected",
        "The carrier rejected the papers of a number.",
        REASONS,
        COMMENT,
        COMMON_REASONS,
        *LOOK,
    ),
    _to_staff(
        "staff-papers-stopped",
        "To staff: number blocked or terminated",
        "The carrier blocked or terminated a number that is being registered.",
        PROBLEM,
        *LOOK,
    ),
    _to_staff(
        "staff-papers-slow",
        "To staff: papers take long",
        "The carrier looks at papers for more than three business days.",
        *LOOK,
    ),
    _to_staff(
        "staff-papers-escalated",
        "To staff: papers take too long",
        "The carrier looks at papers for more than five business days.",
        *LOOK,
    ),
)
