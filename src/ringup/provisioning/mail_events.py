"""The mails with which a client begins to use what was set up."""

from __future__ import annotations

from ringup.mail.events import Audience, MailEvent, MergeField, Opens

CONTACT = MergeField("contact", "The client's contact.", "Thandi Mokoena")
SERVICE = MergeField("service", "What the service is called.", "karoo.pbx.ringup.example")
SECRETS_URL = MergeField(
    "secrets_url",
    "The one-time link to the passwords. Whoever has it sees them.",
    "https://ringup.example/my/secrets/example-token/",
    opens=Opens.CREDENTIALS,
)
SECRETS_DAYS = MergeField("secrets_days", "For how many days that link works.", 14)

EVENTS = (
    MailEvent(
        "welcome-tenant",
        "Welcome: phone system",
        "A hosted PBX is set up and was tested.",
        "The client's address.",
        Audience.CLIENT,
        (
            CONTACT,
            SERVICE,
            MergeField("number", "The main number.", "+1 416 155 0142"),
            MergeField("ring_extension", "The extension that it rings.", "1001"),
            MergeField("domain", "The tenant's domain.", "karoo.pbx.ringup.example"),
            MergeField("sip_host", "The SIP server of the phones.", "sip.ringup.example"),
            MergeField("sip_port", "Its port for UDP and TCP.", 5060),
            MergeField("sip_tls_port", "Its port for TLS.", 5061),
            MergeField(
                "extensions",
                "The extensions, as a list.",
                [
                    {"extension": str(number), "name": f"Extension {number}"}
                    for number in range(1001, 1011)
                ],
                parts=(
                    MergeField("extension", "The extension's number.", "1001"),
                    MergeField("name", "Its name.", "Extension 1001"),
                ),
            ),
            SECRETS_URL,
            SECRETS_DAYS,
            MergeField(
                "admin_url", "Where the PBX is administered.", "https://karoo.pbx.ringup.example/"
            ),
            MergeField("administrator_username", "The administrator's user name.", "admin"),
        ),
        about="order",
    ),
    MailEvent(
        "welcome-number",
        "Welcome: number",
        "A plain number is set up and was tested.",
        "The client's address.",
        Audience.CLIENT,
        (
            CONTACT,
            SERVICE,
            MergeField("number", "The number.", "+1 416 155 0142"),
            MergeField("goes_to", "Where its calls go.", "telephone +1 416 155 0177"),
            MergeField(
                "secrets_url",
                "The one-time link to the number's own SIP account; empty where it has none.",
                SECRETS_URL.example,
                opens=Opens.CREDENTIALS,
                is_optional=True,
            ),
            SECRETS_DAYS,
        ),
        about="order",
    ),
)
