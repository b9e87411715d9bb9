"""Mail the client what he needs to begin. Credentials stay behind a one-time link."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from ringup.accounts.brands import url_of
from ringup.accounts.letters import compose
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.mail.models import Outbox
from ringup.mail.sending import post
from ringup.provisioning.step import PlannedChange, digest_of
from ringup.services import revealing
from ringup.services.models import Service
from ringup.services.wanted import Goal, WantedNumber, WantedTenant


class WelcomeMail:
    """One mail per service and generation, promised by its key in the outbox."""

    can_skip = False
    settle_seconds = 0.0
    target = "Mail"

    def __init__(self, service: Service) -> None:
        self.service = service
        self.key = f"welcome-mail/{service.uid}/{service.generation}"

    def change(self) -> PlannedChange:
        zero = Money.zero(self.service.account.currency)
        return PlannedChange(
            key=self.key,
            action="create",
            digest=digest_of({"to": self.service.client.email}),
            target=self.target,
            text=f"Mail {self.service.client.email} how to begin",
            cost_once=zero,
            cost_monthly=zero,
            undoable=False,
            parts=("Carries no password: credentials are behind a one-time link for 14 days.",),
        )

    def is_done(self) -> bool:
        return Outbox.objects.filter(key=self.key).exists()

    def apply(self, *, run: str, started: datetime) -> list[str]:
        service, token = self.service, revealing.new_token()
        context = self._context(token)
        letter = compose(
            "welcome-tenant" if service.kind == Service.Kind.TENANT else "welcome-number",
            key=self.key,
            to=service.client.email,
            brand=service.brand,
            client_id=service.client_id,
            subject_of=f"service:{service.uid}",
            context=context,
        )
        with transaction.atomic():
            # A link that is already in a mail must not be ended by another that is in none.
            if not self.is_done():
                if "secrets_url" in context:
                    revealing.issue_link(service, token)
                post(letter)
        return [f"The welcome mail to {service.client.email} is on its way"]

    def undo(self) -> list[str]:
        """A mail that waits is withdrawn; one that left cannot come back, but its link ends."""
        revealing.end_links(self.service)
        withdrawn, _ = Outbox.objects.filter(key=self.key, state=Outbox.State.WAITING).delete()
        if withdrawn:
            return ["The welcome mail was withdrawn"]
        return ["The welcome mail cannot come back; its link to the credentials no longer works"]

    def _context(self, token: str) -> dict[str, Any]:
        service = self.service
        # A number that was ordered by its place may have learnt its digits since it was read.
        service.refresh_from_db(fields=["name"])
        context: dict[str, Any] = {
            "contact": service.client.contact_name,
            "service": service.name,
            "secrets_days": revealing.LINK_DAYS,
        }
        if service.kind == Service.Kind.TENANT:
            return context | self._tenant_context(token)
        return context | self._number_context(token)

    def _secrets_url(self, token: str) -> str:
        return url_of(self.service.brand) + reverse("portal:secrets", args=[token])

    def _tenant_context(self, token: str) -> dict[str, Any]:
        wanted, server = WantedTenant.from_data(self.service.wanted), self.service.server
        assert server is not None  # a tenant was built on it
        number = self.service.parts.select_related("number").get(number__uid=wanted.main_number)
        return {
            "domain": wanted.domain,
            "sip_host": server.sip_host,
            "sip_port": server.sip_port,
            "sip_tls_port": server.sip_tls_port,
            "admin_url": f"https://{wanted.domain}/",
            "administrator_username": wanted.administrator_username,
            "number": shown(number.name),
            "ring_extension": wanted.ring_extension,
            "extensions": [
                {"extension": row.extension, "name": row.name} for row in wanted.extensions
            ],
            "secrets_url": self._secrets_url(token),
        }

    def _number_context(self, token: str) -> dict[str, Any]:
        wanted = WantedNumber.from_data(self.service.wanted)
        context: dict[str, Any] = {"number": shown(self.service.name), "goes_to": wanted.text}
        if wanted.goal is Goal.SIP_ACCOUNT:
            context["secrets_url"] = self._secrets_url(token)
        return context
