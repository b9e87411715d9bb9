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
    MergeField(
        "what_now",
        "What happens now, and how long it usually takes, as on the order's page.",
        "Our staff looks at it, usually within one working day. Nothing is charged yet.",
        is_optional=True,
    ),
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


MESSAGE = MergeField("message", "What was written.", "In which street are the phones?")
WRITER = MergeField("writer", "Who wrote.", "Thandi Mokoena")


def _listed(url: MergeField) -> MergeField:
    """Several orders that were placed at once."""
    parts = (*(field for field in ORDER if field.name not in {"contact", "client"}), url)
    examples = [
        {part.name: part.example for part in parts} | {"order_label": label}
        for label in ("R-2041", "R-2042")
    ]
    return MergeField("orders", "The orders that were placed at once.", examples, parts=parts)


EVENTS = (
    _to_client("order-received", "Order received", "An order was placed.", SET_PASSWORD_URL),
    _to_client(
        "orders-received",
        "Several orders received",
        "Several orders were placed at once.",
        _listed(ORDER_URL),
        SET_PASSWORD_URL,
    ),
    _to_client(
        "order-question", "Question", "Staff asks something before going on.", MESSAGE, WRITER
    ),
    _to_client("order-message", "Message", "Staff writes about an order.", MESSAGE, WRITER),
    _to_client(
        "order-changed",
        "Order changed",
        "Staff changed something in an order.",
        MergeField("change", "What was changed.", "Calls ring 1002 instead of 1001."),
    ),
    _to_client(
        "order-proposal",
        "Another number proposed",
        "Staff proposes a number with another price or place.",
        MergeField("proposed", "The proposed number.", "+1 416 155 0199"),
        MergeField("place", "Its place; may be empty.", "Toronto"),
        MergeField("new_first_payment", "What would be due first.", "$86.00"),
        MergeField("new_recurring", "What would be due each time after that.", "$80.00"),
        MergeField("until", "Until when it is held.", "4 December 2026, 10:00 UTC"),
    ),
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
        "secrets-link",
        "New link to the passwords",
        "The client, or staff for him, asks for a new one-time link.",
        "Who asked, or the client's address.",
        Audience.CLIENT,
        (CONTACT, SERVICE, SECRETS_URL, SECRETS_DAYS),
        about="order",
    ),
    MailEvent(
        "prove-address",
        "Prove the address",
        "Staff has the link mailed again without which an order waits.",
        "The owner of the client who has not proved his address.",
        Audience.CLIENT,
        (
            CONTACT,
            MergeField("order_label", "The order's number.", "R-2041"),
            MergeField(
                "set_password_url",
                "The link with which the reader chooses a password. It signs in.",
                SET_PASSWORD_URL.example,
                opens=Opens.LOGIN,
            ),
        ),
    ),
    MailEvent(
        "support-question",
        "To staff: question about a service",
        "A client asks about a service.",
        "The brand's address for questions.",
        Audience.STAFF,
        (
            MergeField("client", "The client's name.", "Karoo Freight (Pty) Ltd"),
            SERVICE,
            MergeField("asker", "Who asks.", "Thandi Mokoena"),
            MergeField("asker_email", "Where to answer.", "thandi@karoo.example"),
            MergeField("question", "What is asked.", "How do I forward calls?"),
            MergeField(
                "office_url",
                "The client's page in the back office.",
                "https://ringup.example/office/clients/karoo/",
            ),
        ),
    ),
    _to_staff(
        "staff-orders-received",
        "To staff: several new orders",
        "Several orders were placed at once.",
        _listed(OFFICE_URL),
    ),
    _to_staff(
        "staff-client-wrote",
        "To staff: a client wrote",
        "A client writes about an order, or answers a question.",
        MESSAGE,
        WRITER,
    ),
    _to_staff(
        "staff-proposal-answered",
        "To staff: proposal answered",
        "The client takes or leaves the number that was proposed.",
        MergeField("answer", "What he decided.", "The client takes the proposed number."),
        WRITER,
    ),
    MailEvent(
        "staff-differences",
        "To staff: differences",
        "A pass over a provider's numbers found something new.",
        _TO_STAFF,
        Audience.STAFF,
        (
            MergeField("provider", "The provider's name.", "VoIP.ms main"),
            MergeField("count", "How many, in words.", "3 differences"),
            MergeField("url", "Their page.", "https://ringup.example/office/differences/"),
        ),
    ),
    MailEvent(
        "staff-mail-failed",
        "To staff: mail failed",
        "A mail was given up, or came back.",
        _TO_STAFF,
        Audience.STAFF,
        (
            MergeField("to", "To whom it went.", "thandi@karoo.example"),
            MergeField("subject", "Its subject.", "R-2041: we have your order"),
            MergeField("error", "What was said.", "550 5.1.1 no such user"),
            MergeField(
                "about_url",
                "The page of what it was about; may be empty.",
                "https://ringup.example/office/orders/R-2041/",
            ),
        ),
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
