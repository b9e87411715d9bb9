"""The form of a brand."""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ringup.accounts.branding import DOMAIN_TAKEN, checked_domain
from ringup.accounts.colours import checked_accent
from ringup.accounts.logos import Picture, checked_logo
from ringup.accounts.models import Brand
from ringup.backoffice.recording import changes_of
from ringup.backoffice.sections import Section
from ringup.core.sentences import Refusal
from ringup.core.time_zones import time_zones
from ringup.mail.faces import LANGUAGES

CURRENCY = re.compile(r"[A-Z]{3}")
SPECIAL = re.compile(r'[][()<>@,:;.\\"]')  # in a name before an address: RFC 5322, section 3.2.3
MOST_TERMS = 100_000
SECTIONS = (
    Section("Your company", ("name", "support_email", "mail_from")),
    Section(
        "Shop",
        ("domain", "accent", "logo", "drops_logo"),
        "What clients of this brand see, and never those of another.",
    ),
    Section("Place and money", ("language", "time_zone", "currency")),
    Section(
        "New clients",
        ("most_waiting", "needs_proved_email"),
        "For clients who have no running service yet.",
    ),
    Section(
        "Terms",
        ("terms",),
        "What buyers accept. Each change is a new version; the older ones stay readable, because "
        "somebody accepted them.",
    ),
)


class BrandForm(forms.ModelForm[Brand]):
    """The reseller's face."""

    time_zone = forms.ChoiceField(label="Time zone", choices=time_zones)
    language = forms.ChoiceField(
        label="Language",
        choices=list(LANGUAGES.items()),
        initial="en",
        help_text="For mails to people who have chosen none.",
    )
    logo = forms.FileField(
        label="Logo",
        required=False,
        help_text="PNG, JPEG or WebP, at most 200 KB. Shown 28 pixels high beside the name.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    drops_logo = forms.BooleanField(label="Show no logo", required=False)
    most_waiting = forms.IntegerField(
        label="Orders that may wait at once",
        min_value=1,
        max_value=1000,
        initial=5,
        help_text="More are refused until staff has looked at the first ones.",
    )

    class Meta:
        model = Brand
        fields = (
            "name", "support_email", "mail_from", "domain", "accent", "language", "time_zone",
            "currency", "most_waiting", "needs_proved_email", "terms",
        )  # fmt: skip
        labels = {
            "name": "Name",
            "support_email": "Support address",
            "mail_from": "Sender of mails",
            "domain": "Domain",
            "accent": "Accent colour",
            "currency": "Currency of the shop",
            "needs_proved_email": "Approve only after the e-mail address is proved",
            "terms": "Text",
        }
        help_texts = {
            "name": "As clients know you: in the shop, in mails, on invoices.",
            "support_email": "Where clients write to. It stands in every mail.",
            "mail_from": "For example: Karoo Telecom <service@karoo.example>",
            "domain": "A host name of its own, for example shop.karoo.example. Let it lead to this "
            "server, with a certificate.",
            "accent": "Of links and buttons, for example #0b5a73. Dark pages get a lighter one.",
            "currency": "Three letters, for example USD, CAD or EUR. Products need prices in it.",
            "terms": "Plain text. An empty line begins a paragraph.",
        }
        widgets = {
            "accent": forms.TextInput(attrs={"placeholder": "#0b5a73", "autocomplete": "off"}),
            "terms": forms.Textarea(attrs={"rows": 14}),
        }

    picture: Picture | None = None

    def clean_mail_from(self) -> str:
        sender: str = self.cleaned_data["mail_from"]
        name, address = parseaddr(sender)
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValidationError(
                "Type a name and an address: Karoo Telecom <service@karoo.example>"
            ) from error
        if any(letter in sender for letter in "\r\n"):
            raise ValidationError("Type the sender on one line.")
        if SPECIAL.search(name):
            # Unquoted, "Karoo, Inc." reads as two addresses, and no mail would go out.
            name = '"{}"'.format(re.sub(r'(["\\])', r"\\\1", name))
        return f"{name} <{address}>" if name else address

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        if not CURRENCY.fullmatch(currency):
            raise ValidationError("Type the three letters of a currency, for example EUR.")
        return currency

    def clean_domain(self) -> str:
        is_default = self.instance.is_default
        try:
            domain = checked_domain(self.cleaned_data["domain"], is_default=is_default)
        except Refusal as refusal:
            raise ValidationError(str(refusal)) from refusal
        others = Brand.objects.exclude(domain="").exclude(pk=self.instance.pk)
        if others.filter(domain=domain).exists():
            raise ValidationError(DOMAIN_TAKEN)
        return domain

    def clean_accent(self) -> str:
        try:
            return checked_accent(self.cleaned_data["accent"])
        except Refusal as refusal:
            raise ValidationError(str(refusal)) from refusal

    def clean_terms(self) -> str:
        text = str(self.cleaned_data["terms"]).replace("\r\n", "\n").strip()
        if len(text) > MOST_TERMS:
            raise ValidationError(f"Use at most {MOST_TERMS:,} letters.")
        return text

    def clean_logo(self) -> Any:
        upload = self.cleaned_data["logo"]
        if upload is not None:
            try:
                self.picture = checked_logo(upload.read())
            except Refusal as refusal:
                raise ValidationError(str(refusal)) from refusal
        return upload

    def changes(self) -> dict[str, Any]:
        """What was changed, for the log: of a long text and of a picture only that it was. The
        instance gets the digest of its logo."""
        found = changes_of(self, secret=frozenset({"terms", "logo", "drops_logo"}))
        if self.picture is not None:
            self.instance.logo_digest = self.picture.digest
        elif self.cleaned_data["drops_logo"]:
            self.instance.logo_digest = ""
        return found
