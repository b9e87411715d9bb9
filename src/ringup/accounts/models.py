"""Logins, clients, who belongs to which client, and the brand under which all is sold."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from ringup.accounts.roles import Can, Role, capabilities
from ringup.core.actors import Actor
from ringup.core.fields import public_uid


class Brand(models.Model):
    """The reseller's face: name, look, mail sender, business time zone. One default row at first."""

    uid = public_uid()
    name = models.CharField(max_length=80)
    mail_from = models.CharField(max_length=150)
    support_email = models.EmailField()
    time_zone = models.CharField(max_length=60, default="America/New_York")
    # What the shop sells in, where a client has no currency of his own.
    currency = models.CharField(max_length=3, default="USD")
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="accounts_one_default_brand",
            )
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """One login. Staff has ``is_staff`` and a role; clients' people have memberships. Signs in by
    e-mail."""

    uid = public_uid()
    # A ``roles.Role`` for staff, empty for everybody else.
    role = models.CharField(max_length=12, blank=True, choices=Role.choices)
    # Rises when every session of this login must end at once; links to set a password end with it.
    session_generation = models.PositiveIntegerField(default=0)

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


class Client(models.Model):
    """The paying company or person."""

    uid = public_uid()
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="clients")
    name = models.CharField(max_length=120)
    contact_name = models.CharField(max_length=120)
    email = models.EmailField()
    phone = models.CharField(max_length=20)
    time_zone = models.CharField(max_length=60, default="America/New_York")
    currency = models.CharField(max_length=3, default="USD")
    users: models.ManyToManyField[User, Membership] = models.ManyToManyField(
        User, through="Membership", related_name="clients"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["name"])]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A login's place at one client."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        TECHNICAL = "technical", "Technical"
        BILLING = "billing", "Billing"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.OWNER)

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
