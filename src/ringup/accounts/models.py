"""Logins, clients, who belongs to which client, and the brand under which all is sold."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Concat, Lower, StrIndex, Substr
from django.db.models.lookups import GreaterThan, LessThan
from django.urls import reverse
from django.utils.crypto import salted_hmac

from ringup.accounts import colours, member_roles
from ringup.accounts.member_roles import USUAL_TOPICS, May, MemberRole
from ringup.accounts.roles import Can, Role, capabilities
from ringup.core.actors import Actor
from ringup.core.fields import public_uid


class Brand(models.Model):
    """The reseller's face: name, look, address, mail sender, terms, and whom it lets order.

    The default one speaks where no other's ``domain`` is the host that was asked for.
    """

    uid = public_uid()
    name = models.CharField(max_length=80)
    mail_from = models.CharField(max_length=150)
    support_email = models.EmailField()
    time_zone = models.CharField(max_length=60, default="America/New_York")
    # What the shop sells in, where a client has no currency of his own.
    currency = models.CharField(max_length=3, default="USD")
    is_default = models.BooleanField(default=False)
    # The host name of its own shop, in small letters; empty: it has none.
    domain = models.CharField(max_length=190, blank=True)
    language = models.CharField(max_length=10, default="en")
    # ``#rrggbb``; empty: the house's own.
    accent = models.CharField(max_length=7, blank=True)
    # The ``Logo`` of this digest; empty: it has none.
    logo_digest = models.CharField(max_length=32, blank=True)
    # What a buyer accepts. The version rises with each change of the text; 0: there are no terms.
    terms = models.TextField(blank=True)
    terms_version = models.PositiveIntegerField(default=0)
    # Of a client who has no service yet: how many orders may wait at once, and whether staff may
    # approve before his e-mail address is proved.
    most_waiting = models.PositiveSmallIntegerField(default=5)
    needs_proved_email = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="accounts_one_default_brand",
            ),
            models.UniqueConstraint(
                fields=["domain"], condition=~models.Q(domain=""), name="accounts_brand_domain_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def colours_path(self) -> str:
        """Where the stylesheet with its accent is; empty where the house's own will do."""
        if not self.accent:
            return ""
        return reverse("brand:colours", args=[colours.LOOK, self.accent.removeprefix("#")])

    @property
    def logo_path(self) -> str:
        """Where its logo is; empty where it has none."""
        return reverse("brand:logo", args=[self.logo_digest]) if self.logo_digest else ""


class Logo(models.Model):
    """A picture by the digest of its bytes, apart from its brand, which is read with every page. One
    that was replaced stays: mails that left show it."""

    digest = models.CharField(max_length=32, unique=True)
    content_type = models.CharField(max_length=40)
    data = models.BinaryField()

    def __str__(self) -> str:
        return self.digest


class TermsVersion(models.Model):
    """The terms of a brand as they once were. What a buyer accepted stays readable."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="terms_versions")
    version = models.PositiveIntegerField()
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "version"], name="accounts_terms_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.brand}, version {self.version}"


class User(AbstractUser):
    """One login. Staff has ``is_staff`` and a role; clients' people have memberships. Signs in by
    e-mail."""

    uid = public_uid()
    # A ``roles.Role`` for staff, empty for everybody else.
    role = models.CharField(max_length=12, blank=True, choices=Role.choices)
    # Rises when every session of this login must end at once; links to set a password end with it.
    session_generation = models.PositiveIntegerField(default=0)
    # When a link that was mailed to ``email`` was followed; None while that is not proved.
    email_verified = models.DateTimeField(null=True, blank=True)
    # Empty: the client's zone.
    time_zone = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=10, default="en")
    # Which staff mails he gets: a list of ``accounts.staff_notices.Notice``; None: those of his role.
    notices = models.JSONField(null=True, blank=True, default=None)
    # When the person behind it closed it; its names are erased then.
    closed = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accounts_staff_has_a_role",
                condition=models.Q(is_staff=False, role="")
                | models.Q(is_staff=True, role__in=Role.values),
            ),
            models.UniqueConstraint(
                Lower("email"), condition=~models.Q(email=""), name="accounts_user_email_once"
            ),
        ]

    @property
    def is_verified(self) -> bool:
        """Whether mails to this login's address reach the person behind it."""
        return self.email_verified is not None

    def can(self, capability: Can) -> bool:
        """Whether this login is staff whose role allows it."""
        return self.is_staff and self.is_active and capability in capabilities(self.role)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must carry to be this login's: Django's own, and the generation."""
        return salted_hmac(
            "ringup.accounts.session",
            f"{self.password}/{self.session_generation}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def as_actor(self) -> Actor:
        """This login in activity rows and events."""
        kind = "staff" if self.is_staff else "user"
        return Actor(f"{kind}:{self.pk}", self.get_full_name() or self.email or self.username)


# An address in small letters, without what stands behind a plus sign: one mailbox, one text.
_AT, _PLUS = StrIndex("email", models.Value("@")), StrIndex("email", models.Value("+"))
_UNTAGGED = Concat(Substr("email", 1, _PLUS - 1), Substr("email", _AT))
MAILBOX = Lower(
    models.Case(
        models.When(GreaterThan(_PLUS, 1) & LessThan(_PLUS, _AT), then=_UNTAGGED),
        default=models.F("email"),
        output_field=models.CharField(),
    )
)


class Client(models.Model):
    """The paying company or person."""

    uid = public_uid()
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="clients")
    name = models.CharField(max_length=120)
    contact_name = models.CharField(max_length=120)
    email = models.EmailField()
    mailbox = models.GeneratedField(
        expression=MAILBOX, output_field=models.CharField(max_length=254), db_persist=True
    )
    phone = models.CharField(max_length=20)
    # For contracts and invoices. ``country`` is ISO 3166, ``vat_id`` as the authority writes it.
    street = models.CharField(max_length=150, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True)
    vat_id = models.CharField(max_length=20, blank=True)
    time_zone = models.CharField(max_length=60, default="America/New_York")
    currency = models.CharField(max_length=3, default="USD")
    users: models.ManyToManyField[User, Membership] = models.ManyToManyField(
        User, through="Membership", related_name="clients"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        # By mailbox and telephone relatives are looked for, with every order.
        indexes = [models.Index(fields=[name]) for name in ("name", "mailbox", "phone")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A login's place at one client."""

    Role = MemberRole

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=MemberRole, default=MemberRole.OWNER)
    # The ``member_roles.Topic`` values that he wants mails about; None: what is usual for the role.
    topics = models.JSONField(null=True, blank=True, default=None)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "client"], name="accounts_membership_once"),
            models.CheckConstraint(
                name="accounts_role_is_known",
                condition=models.Q(role__in=["owner", "technical", "billing"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.client}: {self.role}"

    def may(self, capability: May) -> bool:
        """Whether the role allows it at this client."""
        return capability in member_roles.capabilities(self.role)

    def wants(self, topic: str) -> bool:
        """Whether mails about it go to this member."""
        chosen = USUAL_TOPICS.get(self.role, frozenset()) if self.topics is None else self.topics
        return topic in chosen


class Invitation(models.Model):
    """An owner's invitation of an address to a client. Only a keyed hash of its token is kept.

    Open while neither accepted nor revoked; it works until ``expires``.
    """

    uid = public_uid()
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=MemberRole)
    token_digest = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField(auto_now_add=True)
    sent = models.DateTimeField()
    expires = models.DateTimeField()
    accepted = models.DateTimeField(null=True)
    revoked = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "client",
                Lower("email"),
                condition=models.Q(accepted=None, revoked=None),
                name="accounts_invited_once",
            ),
            models.CheckConstraint(
                name="accounts_invited_role_is_known",
                condition=models.Q(role__in=["owner", "technical", "billing"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.client}"


class EmailChange(models.Model):
    """A new address that a login asked for, until a link that was mailed there is followed."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="email_change")
    email = models.EmailField()
    token_digest = models.CharField(max_length=64, unique=True)
    expires = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user}, until {self.expires:%Y-%m-%d}"


class Device(models.Model):
    """A browser that is signed in: what the person sees in his list, and the session behind it."""

    uid = public_uid()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    # As secret as Django's own row of the session, which has it as its key.
    session_key = models.CharField(max_length=40, unique=True)
    browser = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=60, blank=True)
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.user}: {self.browser}"


class ClientNote(models.Model):
    """What staff should know about a client. The client never reads it."""

    uid = public_uid()
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=60)
    actor_label = models.CharField(max_length=150)
    text = models.TextField()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.text[:80]


class BlockRule(models.Model):
    """Who may not order: an e-mail address, all addresses of a mail domain, a network or a telephone.

    ``value`` is in its plain form: small letters, CIDR, E.164.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail address"
        DOMAIN = "domain", "Mail domain"
        NETWORK = "network", "Network address"
        PHONE = "phone", "Telephone"

    uid = public_uid()
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(max_length=254)
    reason = models.CharField(max_length=200, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="accounts_block_rule_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class SavedView(models.Model):
    """A filter that a member of staff comes back to. ``page`` is the address name, ``query`` what
    stands behind its ``?``."""

    uid = public_uid()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "page", "name"], name="accounts_saved_view_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
