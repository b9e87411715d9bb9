"""Forms of signing in and of passwords."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from ringup.accounts.brands import welcomes
from ringup.accounts.models import User
from ringup.accounts.signing_in import PASSWORD_AGAIN, locked
from ringup.core.limiting import Limit, address_of, count, forget, within

# Failed sign-ins from one place, and for one account wherever they come from.
SIGN_IN_BY_ADDRESS = Limit("sign-in-address", times=20, seconds=300)
SIGN_IN_BY_ACCOUNT = Limit("sign-in-account", times=10, seconds=900)

WRONG = (
    "This e-mail address and password do not belong together. Check both, or choose a new "
    "password with the link below."
)
TOO_MANY = (
    "Too many attempts. Wait {minutes} minutes, or choose a new password with the link below."
)


class SignInForm(forms.Form):
    """E-mail and password, for clients and staff alike."""

    email = forms.EmailField(
        label="E-mail",
        error_messages={
            "required": "Type your e-mail address.",
            "invalid": "Type a complete e-mail address, for example anna@example.com.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        error_messages={"required": "Type your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: User | None = None
        self.is_limited = False

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        if "email" not in cleaned or "password" not in cleaned:
            return cleaned
        address, email = address_of(self.request), cleaned["email"].lower()
        for limit, key in ((SIGN_IN_BY_ADDRESS, address), (SIGN_IN_BY_ACCOUNT, email)):
            if not within(limit, key):
                self.is_limited = True
                raise ValidationError(TOO_MANY.format(minutes=limit.minutes))
        self.user = user_with(self.request, email, cleaned["password"])
        if self.user is None:
            self._wrong(address, email)
            raise ValidationError(WRONG)
        forget(SIGN_IN_BY_ACCOUNT, email)
        return cleaned

    def _wrong(self, address: str, email: str) -> None:
        """Count a wrong password; the one that ends the patience goes into the activity log."""
        count(SIGN_IN_BY_ADDRESS, address)
        count(SIGN_IN_BY_ACCOUNT, email)
        if not within(SIGN_IN_BY_ADDRESS, address):
            what = f"was locked out after {SIGN_IN_BY_ADDRESS.times} wrong passwords"
            locked(self.request, None, what)
        known = User.objects.filter(email__iexact=email).first()
        if known is not None and not within(SIGN_IN_BY_ACCOUNT, email):
            what = f"was locked out after {SIGN_IN_BY_ACCOUNT.times} wrong passwords"
            locked(self.request, known, what)

    def get_user(self) -> User | None:
        """What Django's ``LoginView`` signs in."""
        return self.user


def user_with(request: HttpRequest, email: str, password: str) -> User | None:
    """The active login with this e-mail and password, where it is at home at this host. An unknown
    e-mail takes as long as a wrong password: ``authenticate`` hashes then too."""
    known = User.objects.filter(email__iexact=email).first()
    user = authenticate(
        request, username=known.get_username() if known else email, password=password
    )
    return user if isinstance(user, User) and welcomes(request, user) else None


class CodeForm(forms.Form):
    """A code of the authenticator app, or a recovery code."""

    code = forms.CharField(
        label="Code",
        max_length=40,
        error_messages={
            "required": "Type the code that your app shows now.",
            "max_length": "This is too long for a code.",
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )


class PasswordForm(forms.Form):
    """The password once more, before something about signing in changes."""

    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=1000,
        error_messages={
            "required": "Type your password.",
            "max_length": "This is too long for a password.",
        },
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


class PasskeyForm(forms.Form):
    """A name for a new passkey. The browser's answer comes beside it."""

    name = forms.CharField(
        label="Name",
        max_length=60,
        help_text="So that you know later which one it is, for example “Work laptop”.",
        error_messages={
            "required": "Give the passkey a name.",
            "max_length": "Use at most 60 characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ForgottenPasswordForm(forms.Form):
    """Asks for a link. The answer is the same whether the account exists or not."""

    email = forms.EmailField(
        label="E-mail",
        error_messages={
            "required": "Type your e-mail address.",
            "invalid": "Type a complete e-mail address, for example anna@example.com.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


MISMATCH = "The two passwords differ. Type the same one twice."
HOW_LONG = "At least 10 characters. Three or four words in a row are good."


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # generic in stubs only
    """A new password, twice."""

    error_messages = {"password_mismatch": MISMATCH}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_new_passwords(self)


class OtherPasswordForm(PasswordChangeForm):
    """The old password, and a new one twice."""

    error_messages = {
        "password_mismatch": MISMATCH,
        "password_incorrect": "This is not your present password. Type it again.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_new_passwords(self)
        self.fields["old_password"].label = "Present password"
        self.fields["old_password"].error_messages["required"] = "Type your present password."

    def clean_old_password(self) -> str:
        """Guessed here it would be as good as at the question for the password once more."""
        if not count(PASSWORD_AGAIN, str(self.user.pk)):
            wait = f"Too many attempts. Wait {PASSWORD_AGAIN.minutes} minutes. Nothing was changed."
            raise ValidationError(wait)
        password: str = super().clean_old_password()
        forget(PASSWORD_AGAIN, str(self.user.pk))
        return password


def _name_new_passwords(form: forms.Form) -> None:
    first, second = form.fields["new_password1"], form.fields["new_password2"]
    first.label, second.label = "New password", "New password, once more"
    first.help_text, second.help_text = HOW_LONG, ""
    first.error_messages["required"] = "Type a new password."
    second.error_messages["required"] = "Type the new password once more."
