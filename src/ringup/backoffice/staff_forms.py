"""What an owner types about staff."""

from __future__ import annotations

from django import forms

from ringup.accounts.roles import Role

ROLE_MISSING = "Choose a role."
TOO_LONG = "Use at most 150 characters."


class MemberForm(forms.Form):
    """Name and role of a member of staff."""

    first_name = forms.CharField(
        label="First name",
        max_length=150,
        error_messages={"required": "Type a first name.", "max_length": TOO_LONG},
    )
    last_name = forms.CharField(
        label="Last name",
        max_length=150,
        required=False,
        error_messages={"max_length": TOO_LONG},
    )
    role = forms.ChoiceField(
        label="Role",
        choices=Role.choices,
        error_messages={"required": ROLE_MISSING, "invalid_choice": ROLE_MISSING},
    )


class InvitationForm(MemberForm):
    """Whom to invite. The least role that allows something is offered first."""

    email = forms.EmailField(
        label="E-mail",
        max_length=150,
        help_text="The invitation goes there, and it is the name to sign in with.",
        error_messages={
            "required": "Type an e-mail address.",
            "invalid": "Type a complete e-mail address, for example anna@example.com.",
            "max_length": TOO_LONG,
        },
    )
    role = forms.ChoiceField(
        label="Role",
        choices=[("", "Choose a role"), *Role.choices],
        help_text="Give the smallest that does. It can be changed at any time.",
        error_messages={"required": ROLE_MISSING, "invalid_choice": ROLE_MISSING},
    )
    field_order = ("first_name", "last_name", "email", "role")
