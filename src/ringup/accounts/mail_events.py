"""The mails about logins and the people of clients."""

from __future__ import annotations

from ringup.mail.events import Audience, MailEvent, MergeField, Opens

CONTACT = MergeField("contact", "The name of who reads it.", "Thandi Mokoena")
CLIENT = MergeField("client", "The client's name.", "Karoo Freight (Pty) Ltd")
INVITED_BY = MergeField("invited_by", "Who invites.", "Alice Ames")
SET_PASSWORD_URL = MergeField(
    "set_password_url",
    "The link with which the reader chooses a password. It signs in.",
    "https://ringup.example/account/password/MTI/example-token/",
    opens=Opens.LOGIN,
)

EVENTS = (
    MailEvent(
        "password-link",
        "Password link",
        "Somebody says that the password is forgotten.",
        "The login's address.",
        Audience.CLIENT,
        (CONTACT, SET_PASSWORD_URL),
        about="client",
    ),
    MailEvent(
        "first-password",
        "First password",
        "Staff lets a client's owner in who has no password yet.",
        "The owner's address.",
        Audience.CLIENT,
        (CONTACT, CLIENT, SET_PASSWORD_URL),
        about="client",
    ),
    MailEvent(
        "client-invitation",
        "Invitation of a client's people",
        "An owner of a client invites a colleague.",
        "The invited address.",
        Audience.CLIENT,
        (
            INVITED_BY,
            CLIENT,
            MergeField(
                "role", "What the invited may do: owner, technical or billing.", "technical"
            ),
            MergeField("days", "For how many days the link works.", 7),
            MergeField(
                "join_url",
                "The link with which the invitation is accepted. It signs in.",
                "https://ringup.example/my/join/example-token/",
                opens=Opens.LOGIN,
            ),
        ),
        about="client",
    ),
    MailEvent(
        "staff-invitation",
        "Invitation of staff",
        "An owner invites somebody to the back office.",
        "The invited address.",
        Audience.STAFF,
        (CONTACT, INVITED_BY, MergeField("role", "The role.", "Support"), SET_PASSWORD_URL),
    ),
    MailEvent(
        "email-change",
        "New e-mail address",
        "A login asks for a new address.",
        "The new address.",
        Audience.CLIENT,
        (
            MergeField("email", "The new address.", "thandi@karoo.example"),
            MergeField(
                "confirm_url",
                "The link that confirms the address; empty where it has another login already.",
                "https://ringup.example/my/profile/e-mail/example-token/",
                opens=Opens.LOGIN,
            ),
            MergeField("hours", "For how many hours the link works.", 24),
        ),
    ),
    MailEvent(
        "security-notice",
        "Sign-in was changed",
        "A password, a second step or an address of a login was changed.",
        "The login's address.",
        Audience.CLIENT,
        (
            CONTACT,
            MergeField("what", "What happened, in a sentence.", "Your password was changed."),
            MergeField(
                "two_step_url",
                "The page of second steps.",
                "https://ringup.example/account/two-step/",
            ),
        ),
        about="client",
    ),
    MailEvent(
        "member-removed",
        "Removed from a client",
        "An owner of a client removes one of its people.",
        "Who was removed.",
        Audience.CLIENT,
        (CONTACT, CLIENT),
        about="client",
    ),
    MailEvent(
        "data-exported",
        "Personal data was downloaded",
        "Somebody signed in has downloaded all data of a login.",
        "The login's address.",
        Audience.CLIENT,
        (CONTACT,),
        about="client",
    ),
    MailEvent(
        "account-closed",
        "Account closed",
        "A person has closed the account. It is the last mail to this address.",
        "The login's address.",
        Audience.CLIENT,
        (CONTACT,),
        about="client",
    ),
)
