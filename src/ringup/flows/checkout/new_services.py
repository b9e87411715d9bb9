"""What an order wants to have made: the rows of its service and of its number, in the transaction that
submits the draft."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.catalog import selling
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.core.prepared import prepared
from ringup.core.sentences import Refusal
from ringup.flows.checkout import chosen_numbers, drafting
from ringup.flows.freezing import templates_of, with_templates
from ringup.numbers import holding, own_stock
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Draft
from ringup.pbx.models import PbxServer
from ringup.pbx.template_fields import INBOUND
from ringup.services.domains import check_label, claim
from ringup.services.models import Service
from ringup.services.seating import check_first
from ringup.services.secrets import number_secrets, tenant_secrets
from ringup.services.wanted import Goal, WantedNumber, WantedTenant


def wanted_number(
    chosen: dict[str, Any], *, account: CarrierAccount, client: Client
) -> OwnedNumber:
    """The row of a number that an order is going to buy, or to take from our own shelf; its uid is
    the carrier's reference."""
    on_shelves = chosen["e164"] and own_stock.moved([chosen["e164"]])
    currency = chosen["currency"]
    # Drafts from before there were two currencies have one.
    cost_currency = chosen.get("cost_currency", currency)
    try:
        with transaction.atomic():
            return OwnedNumber.objects.create(
                client=client,
                brand=client.brand,
                account=account,
                e164=chosen["e164"],
                place=chosen.get("place", ""),
                is_by_place=chosen_numbers.is_by_place(chosen),
                country=chosen["country"],
                region=chosen["region"],
                rate_centre=chosen["rate_centre"],
                is_own_stock=bool(on_shelves) and own_stock.is_ours(account, chosen["e164"]),
                **money_columns(
                    cost_setup=Money(chosen["cost_setup_micros"], cost_currency),
                    cost_monthly=Money(chosen["cost_monthly_micros"], cost_currency),
                    price_monthly=Money(chosen["price_monthly_micros"], currency),
                ),
            )
    except IntegrityError as error:
        raise holding.taken(chosen["e164"]) from error


def new_service(
    draft: Draft,
    account: CarrierAccount,
    client: Client,
    number: OwnedNumber,
    server: PbxServer | None,
    password_hash: str,
) -> Service:
    if server is not None:
        return _tenant_service(draft, account, client, number, server, password_hash)
    return _number_service(draft, account, client, number)


def _tenant_service(
    draft: Draft,
    account: CarrierAccount,
    client: Client,
    number: OwnedNumber,
    server: PbxServer,
    password_hash: str,
) -> Service:
    """The tenant, and its main number as a service of its own that lives in it."""
    domain = check_label(draft.answers["tenant"]["label"], server, field="label")
    wanted = with_templates(_wanted_tenant(draft, domain, number), templates_of(account))
    service = Service(
        client=client, brand=client.brand, kind=Service.Kind.TENANT, name=domain,
        account=account, server=server, wanted=wanted.as_data(),
    )  # fmt: skip
    extensions = [row.extension for row in wanted.extensions]
    service.set_secrets(tenant_secrets(extensions, administrator_hash=password_hash))
    service.save()
    claim(domain, server=server, service=service)
    goal = WantedNumber(Goal.EXTENSION, wanted.ring_extension)
    Service.objects.create(
        client=client, brand=client.brand, kind=Service.Kind.NUMBER, name=number.called,
        number=number, account=account, server=server, tenant=service, wanted=goal.as_data(),
    )  # fmt: skip
    return service


def _wanted_tenant(draft: Draft, domain: str, number: OwnedNumber) -> WantedTenant:
    company, administrator = draft.answers["company"], draft.answers["administrator"]
    seats, seating = selling.seats_of(draft.sold), drafting.seating_of(draft)
    # The bundle may have grown since they were laid out.
    check_first(str(seating.first), seats, field="first_extension")
    return WantedTenant(
        domain=domain,
        company=company["company"],
        time_zone=administrator["time_zone"],
        language=administrator["language"],
        administrator_username=administrator["username"],
        administrator_name=company["contact"],
        administrator_email=administrator["email"],
        administrator_group=administrator.get("group", "admin"),
        extensions=seating.extensions(seats),
        main_number=str(number.uid),
        ring_extension=seating.rings(seats),
        max_outbound_calls=max(2, min(seats, settings.RINGUP_MAX_OUTBOUND_CALLS)),
    )


def _number_service(
    draft: Draft, account: CarrierAccount, client: Client, number: OwnedNumber
) -> Service:
    answers = draft.answers["destination"]
    wanted = WantedNumber(Goal(answers["goal"]), answers["value"])
    tenant = None
    if wanted.goal is Goal.EXTENSION:
        own = {str(one.uid): one for one in live_tenants(client)}
        tenant = own.get(answers["tenant"])
        if tenant is None:
            raise Refusal("Choose one of your own running PBXes.", field="destination")
        _require_one_environment(tenant, account)
        wanted = replace(wanted, templates=templates_of(account, INBOUND))
    service = Service(
        client=client, brand=client.brand, kind=Service.Kind.NUMBER, name=number.called,
        number=number, account=account, server=tenant.server if tenant else None, tenant=tenant,
        wanted=wanted.as_data(),
    )  # fmt: skip
    if wanted.goal is Goal.SIP_ACCOUNT:
        service.set_secrets(number_secrets())
    service.save()
    return service


def _require_one_environment(tenant: Service, account: CarrierAccount) -> None:
    """A rehearsal's number rings on no PBX that works, and a number that costs money on no
    rehearsal's."""
    if tenant.server is not None and tenant.server.environment != account.environment:
        raise Refusal(
            f"{tenant.name} cannot take this number: one of the two is for trying out, the other "
            "is not. Nothing was ordered or charged. Choose another place for the calls.",
            field="destination",
        )


def live_tenants(client: Client | None) -> list[Service]:
    """The client's running PBXes, to which a number can be added, by name."""
    return [] if client is None else _live_tenants(client.pk)


@prepared
def _live_tenants(client: int) -> QuerySet[Service]:
    rows = Service.objects.filter(client=client, kind=Service.Kind.TENANT)
    return rows.filter(state=Service.State.ACTIVE).order_by("name")
