"""Writing a draft: the verbs behind the wizard's steps. Each checks its rule, then saves."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from ringup.accounts.brands import default_brand
from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.port import NumberOffer
from ringup.catalog import number_prices, selling
from ringup.catalog.models import Bundle, Product
from ringup.catalog.placing import choose
from ringup.catalog.pricing import Cycle, NumberPrice, Quote, quote
from ringup.core.failures import NothingHappened, OutcomeUnknown, PortFailure
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.numbers import holding
from ringup.orders.models import Draft
from ringup.pbx.models import PbxServer
from ringup.services.domains import check_label, propose_label, tenant_domain

# A buyer waits for the page meanwhile.
PAGE_SECONDS = 10.0
NOT_ON_SALE = (
    "This number is sold, or not on sale here. Nothing was charged. Choose another from the list."
)
CARRIER_SILENT = (
    "Our number supplier does not answer right now. Nothing was charged and your answers are "
    "kept. Try again in a minute."
)


def start(sold: Bundle | Product, *, client: Client | None, cycle: Cycle | None = None) -> Draft:
    """A new draft for a thing on sale; refuses what is not mapped, or has no price. Without a
    ``cycle`` it is the first that there is."""
    selling.mapping_of(sold)
    brand = client.brand if client else default_brand()
    currency = client.currency if client else brand.currency
    cycles = selling.cycles_of(sold, currency)
    if not cycles or (cycle is not None and cycle not in cycles):
        raise Refusal(f"{sold.name} is not sold like this. Nothing was ordered or charged.")
    draft = Draft(brand=brand, client=client, currency=currency)
    draft.cycle = (cycle or cycles[0]).value
    if isinstance(sold, Bundle):
        draft.bundle = sold
    else:
        draft.product = sold
    draft.save()
    return draft


def adopt(draft: Draft, client: Client) -> None:
    """A guest signed in: the draft that he was writing is his client's now, and is paid in the
    client's currency. A number that was priced in another one is chosen again."""
    with transaction.atomic():
        rows = Draft.objects.select_for_update()
        now = rows.filter(pk=draft.pk, client=None, state=Draft.State.OPEN).first()
        if now is None:
            return
        now.client, now.brand = client, client.brand
        if now.currency != client.currency:
            now.currency = client.currency
            now.answers.pop("number", None)
            holding.end(now.uid)
        now.save(update_fields=["client", "brand", "currency", "answers", "changed"])
    draft.client, draft.brand = now.client, now.brand
    draft.currency, draft.answers = now.currency, now.answers


def require_open(draft: Draft) -> None:
    """A submitted or expired draft is not written to."""
    if draft.state != Draft.State.OPEN:
        raise Refusal("This order was already placed. Nothing was ordered twice. See My orders.")


def save_answers(draft: Draft, step: str, answers: dict[str, Any]) -> None:
    """Keep one step's cleaned input. Never call it with a password in ``answers``."""
    require_open(draft)
    with transaction.atomic():
        # Another tab may have saved another step, or placed the order, since this one was read.
        rows = Draft.objects.select_for_update().filter(pk=draft.pk)
        draft.state, kept = rows.values_list("state", "answers").get()
        require_open(draft)
        draft.answers = {**kept, step: answers}
        draft.save(update_fields=["answers", "changed"])


def server_of(draft: Draft) -> PbxServer:
    """The PBX server that the draft's tenant will live on: the one it was proposed on, as long as
    that takes tenants, else the one that the mapping leads to now."""
    mapping = selling.mapping_of(draft.sold)
    servers = list(PbxServer.objects.filter(is_enabled=True))
    server = choose(
        mapping.server,
        selling.account_of(mapping),
        servers=servers,
        extensions=selling.seats_of(draft.sold),
        pinned=draft.server,
    )
    if server is None:
        raise Refusal(f"{draft.sold.name} has no PBX server right now. Nothing was ordered.")
    if draft.server_id != server.pk:
        Draft.objects.filter(pk=draft.pk).update(server=server)
        draft.server = server
    return server


def confirmed_server(draft: Draft) -> PbxServer:
    """The server for submitting: the one whose domain the buyer saw. Where that takes the tenant no
    more, the draft moves to another, and this refuses, so that the new address is seen first."""
    seen = draft.server_id
    server = server_of(draft)
    if server.pk != seen:
        domain = tenant_domain(draft.answers["tenant"]["label"], server)
        raise Refusal(
            f"Your PBX will be on another of our servers, so its address is now {domain}. Nothing "
            "was ordered or charged. Look at the address, then go on.",
            field="label",
        )
    return server


def save_company(draft: Draft, answers: dict[str, Any]) -> None:
    """Step 1. For a PBX the company's name must make a domain that is free."""
    if selling.needs_tenant(draft.sold):
        label = propose_label(answers["company"])
        if not label:
            raise Refusal(
                "Type the company name with at least one Latin letter or digit: "
                "it becomes part of your PBX address.",
                field="company",
            )
        tenant = draft.answers.get("tenant", {})
        if not tenant.get("is_own_choice"):
            check_label(label, server_of(draft), field="company")
            tenant = {**tenant, "label": label}
            save_answers(draft, "tenant", tenant)
    save_answers(draft, "company", answers)


def choose_number(draft: Draft, e164: str) -> NumberOffer:
    """Step 2: ask the carrier for exactly this number, price it, and hold it for the draft."""
    require_open(draft)
    account = selling.account_of(selling.mapping_of(draft.sold))
    offer = live_offer(account, e164)
    price = number_prices.price_offer(account, offer, draft.currency)
    if price is None:
        raise Refusal(f"{shown(e164)} is not on sale here. Choose another number.", field="number")
    with transaction.atomic():
        holding.hold(e164, account=account, holder=draft.uid)
        save_answers(draft, "number", number_answers(offer, price))
    return offer


def live_offer(account: CarrierAccount, e164: str) -> NumberOffer:
    """The carrier's offer for a number, asked now. Refuses in plain words when it is gone."""
    account.read_timeout_seconds = min(account.read_timeout_seconds, PAGE_SECONDS)
    try:
        with carrier_for(account) as carrier:
            offer = carrier.offer(e164)
    except (NothingHappened, OutcomeUnknown) as failure:
        raise Refusal(CARRIER_SILENT, field="number") from failure
    except PortFailure as failure:
        raise Refusal(failure.user_message, field="number") from failure
    if offer is None:
        raise Refusal(NOT_ON_SALE, field="number")
    return offer


def number_answers(offer: NumberOffer, price: NumberPrice) -> dict[str, Any]:
    """A chosen number as draft answers: place, the carrier's cost and the client's price."""
    return {
        "e164": offer.e164,
        "country": offer.country,
        "region": offer.region,
        "region_name": offer.region_name,
        "rate_centre": offer.rate_centre,
        "currency": price.monthly.currency,
        "cost_currency": offer.monthly.currency,
        "cost_monthly_micros": offer.monthly.micros,
        "cost_setup_micros": offer.setup.micros,
        "price_monthly_micros": price.monthly.micros,
        "price_setup_micros": price.setup.micros,
    }


def number_price(draft: Draft) -> NumberPrice | None:
    """The price of the chosen number as it was shown; None before one is chosen."""
    chosen = draft.answers.get("number")
    if chosen is None:
        return None
    currency = chosen["currency"]
    return NumberPrice(
        monthly=Money(chosen["price_monthly_micros"], currency),
        setup=Money(chosen["price_setup_micros"], currency),
    )


def number_words(e164: str) -> str:
    """How a number is called in a quote."""
    return f"Number {shown(e164)}"


def quote_draft(draft: Draft) -> Quote:
    """What the draft costs as it stands."""
    price = number_price(draft)
    chosen = draft.answers.get("number", {})
    cycle = Cycle(draft.cycle)
    return quote(
        selling.items_of(draft.sold, cycle=cycle, currency=draft.currency),
        currency=draft.currency,
        cycle=cycle,
        number=price,
        number_text=number_words(chosen["e164"]) if chosen else "",
        included_number=number_prices.included_number(draft.sold, draft.currency),
    )


def seen_mark(draft: Draft) -> str:
    """Changes with anything that the buyer consents to: what it costs, and how many seats it brings."""
    return f"{quote_draft(draft).mark}-{selling.seats_of(draft.sold)}"


def save_tenant(draft: Draft, *, label: str) -> str:
    """Step 3: the tenant's own name. Returns the domain."""
    domain = check_label(label, server_of(draft), field="label")
    proposed = propose_label(draft.answers.get("company", {}).get("company", ""))
    own = label.strip().lower() != proposed
    save_answers(draft, "tenant", {"label": label.strip().lower(), "is_own_choice": own})
    return domain


def leave(draft: Draft) -> None:
    """The buyer left: his number is free again. His answers stay."""
    with transaction.atomic():
        rows = Draft.objects.select_for_update().filter(pk=draft.pk)
        if rows.values_list("state", flat=True).get() == Draft.State.OPEN:
            holding.end(draft.uid)


def draft_with(uid: uuid.UUID) -> Draft | None:
    """The draft of this uid. The caller checks whose it is."""
    drafts = Draft.objects.select_related("bundle", "product", "client", "server")
    drafts = drafts.prefetch_related(
        "bundle__prices", "bundle__items__product__prices", "product__prices"
    )
    return drafts.filter(uid=uid).first()
