"""The mails about orders, and those to staff."""

from __future__ import annotations

from ringup.mail.events import Audience, MailEvent, MergeField, Opens
from ringup.provisioning.mail_events import CONTACT, SECRETS_DAYS, SECRETS_URL, SERVICE

ORDER = (
    CONTACT,
    MergeField("client", "The client's name.", "Karoo Freight (Pty) Ltd"),
    MergeField("order_label", "The order's number.", "R-2041"),
    MergeField("product", "What was ordered.", "Hosted PBX, 10 seats"),
    MergeField("number", "The chosen number.", "+1 416 155 0142"),
    MergeField("domain", "The PBX's domain; empty without one.", "karoo.pbx.ringup.example"),
    MergeField(
        "first_words",
        "How the first payment is called: with tax, or before it.",
        "First payment, tax included",
        is_optional=True,
    ),
    MergeField("first_payment", "What is due first.", "$85.00"),
    MergeField("recurring", "What is due each time after that.", "$79.00"),
    MergeField("each", "How often: “a month” or “a year”.", "a month"),
    MergeField("is_sandbox", "Whether the order is a rehearsal; for conditions.", False),
)
ORDER_URL = MergeField(
    "order_url", "Where the client follows the order.", "https://ringup.example/my/orders/R-2041/"
)
OFFICE_URL = MergeField(
    "office_url", "Its page in the back office.", "https://ringup.example/office/orders/R-2041/"
)
SET_PASSWORD_URL = MergeField(
    "set_password_url",
    "The link with which a new client chooses a password, and signs in; empty once he has one.",
    "https://ringup.example/account/password/MTI/example-token/",
    opens=Opens.LOGIN,
    is_optional=True,
)
_TO_CLIENT = "The client's address, and its people who want mails about orders."
_TO_STAFF = "Staff who wants to hear of it."


def _to_client(name: str, title: str, when: str, *more: MergeField) -> MailEvent:
    fields = (*ORDER, ORDER_URL, *more)
    return MailEvent(name, title, when, _TO_CLIENT, Audience.CLIENT, fields, about="order")


def _to_staff(name: str, title: str, when: str, *more: MergeField) -> MailEvent:
    fields = (*ORDER, OFFICE_URL, *more)
    return MailEvent(name, title, when, _TO_STAFF, Audience.STAFF, fields, about="order")


EVENTS = (
    _to_client("order-received", "Order received", "An order was placed.", SET_PASSWORD_URL),
    _to_client(
        "order-rejected",
        "Order rejected",
        "Staff rejects an order.",
        MergeField("reason", "Why, in the words that staff typed.", "Fax is not served there."),
    ),
    _to_client(
        "order-cancelled",
        "Order cancelled",
        "An order was cancelled, by the client or by staff.",
        MergeField("reason", "Why, where something was typed.", "Ordered twice."),
    ),
    _to_client(
        "number-gone",
        "Choose another number",
        "The chosen number was sold meanwhile.",
        MergeField(
            "choose_url",
            "Where the client chooses another number.",
            "https://ringup.example/my/orders/R-2041/number/",
        ),
    ),
    MailEvent(
        "draft-expires",
        "Order left unfinished",
        "Two days before an order that a client began and left is closed; once.",
        _TO_CLIENT,
        Audience.CLIENT,
        (
            CONTACT,
            MergeField("product", "What was being ordered.", "Hosted PBX, 10 seats"),
            MergeField("numbers", "The chosen numbers; may be empty.", "+1 416 155 0142"),
            MergeField("ends", "The day on which it is closed.", "Friday, 4 December"),
            MergeField(
                "continue_url",
                "Where the client goes on.",
                "https://ringup.example/checkout/0b7c/",
            ),
        ),
    ),
    MailEvent(
        "draft-expires",
        "Order left unfinished",
        "Two days before an order that a client began and left is closed; once.",
        _TO_CLIENT,
        Audience.CLIENT,
        (
            CONTACT,
            MergeField("product", "What was being ordered.", "Hosted PBX, 10 seats"),
            MergeField("numbers", "The chosen numbers; may be empty.", "+1 416 155 0142"),
            MergeField("ends", "The day on which it is closed.", "Friday, 4 December"),
            MergeField(
                "continue_url",
                "Where the client goes on.",
                "https://ringup.example/checkout/0b7c/",
            ),
        ),
    ),
    MailEvent(
        "secrets-link",
        "New link to the passwords",
        "The client, or staff for him, asks for a new one-time link.",
        "Who asked, or the client's address.",
        Audience.CLIENT,
        (CONTACT, SERVICE, SECRETS_URL, SECRETS_DAYS),
        about="order",
    ),
    _to_staff("staff-order-received", "To staff: new order", "An order waits for approval."),
    _to_staff(
        "staff-run-failed",
        "To staff: order stopped",
        "Setting an order up failed, or waits for a person.",
        MergeField("problem", "What happened.", "The PBX did not answer."),
    ),
    MailEvent(
        "low-balance",
        "To staff: low balance",
        "Once a day while the balance at a provider is low.",
        _TO_STAFF,
        Audience.STAFF,
        (
            MergeField("provider", "The provider's name.", "VoIP.ms main"),
            MergeField("balance", "The balance.", "$3.20"),
            MergeField("threshold", "Below which it is told.", "$25.00"),
            MergeField("portal_url", "Where funds are added; may be empty.", "https://voip.ms/"),
            MergeField("support_contact", "The provider's support; may be empty.", "Chat"),
            MergeField(
                "office_url", "The page of providers.", "https://ringup.example/office/providers/"
            ),
        ),
    ),
    MailEvent(
        "numbers-wanted",
        "To staff: numbers wanted",
        "Somebody asks for numbers in a place where the provider chooses the digits.",
        "The brand's address for questions.",
        Audience.STAFF,
        (
            MergeField("place", "Where.", "Berlin, Germany"),
            MergeField("count", "How many.", 3),
            MergeField("name", "Who asks.", "Thandi Mokoena"),
            MergeField("email", "Where to answer.", "thandi@karoo.example"),
            MergeField("client", "The client, for one who is signed in.", "Karoo Freight"),
            MergeField("remark", "What else was typed.", "For our front desk."),
            MergeField("monthly", "The price that was shown, a month each.", "$3.20"),
            MergeField("setup", "The price that was shown, once; may be empty.", "$2.00"),
            MergeField("needs_papers", "Whether papers are needed; for conditions.", True),
            MergeField("provider", "At which provider.", "VoIP.ms main"),
            MergeField("carrier_key", "The provider's own key of the place.", "a6422"),
        ),
    ),
)
