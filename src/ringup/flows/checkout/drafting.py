"""Writing a draft: the verbs behind the wizard's steps. Each checks its rule, then saves."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, MutableMapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects
from django.db.models.functions import Now
from django.utils import timezone

from ringup.accounts.brands import default_brand
from ringup.accounts.models import Brand, Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import adapter_class, carrier_for
from ringup.carriers.port import Capability, NumberOffer
from ringup.catalog import number_prices, selling
from ringup.catalog.models import Bundle, Product
from ringup.catalog.placing import choose
from ringup.catalog.pricing import Cycle
from ringup.core.failures import NothingHappened, OutcomeUnknown, PortFailure
from ringup.core.phones import shown
from ringup.core.prepared import prepared
from ringup.core.sentences import Refusal
from ringup.flows.checkout import chosen_numbers, naming_tenants, needing_papers
from ringup.numbers import holding, own_stock, reserving
from ringup.numbers.holding import Buyer
from ringup.numbers.models import Hold
from ringup.numbers.sensible import sensible
from ringup.orders.models import Draft
from ringup.pbx.models import PbxServer
from ringup.regulatory import filling
from ringup.services.domains import tenant_domain
from ringup.services.seating import Person, Seating

# In a guest's session: the uids, as text, of the drafts that this browser is writing.
SESSION_DRAFTS = "drafts"
# What is taken over from an order that was closed: its numbers are chosen again.
TAKEN_OVER = ("company", "tenant", "administrator", "destination")
# A buyer waits for the page meanwhile.
PAGE_SECONDS = 10.0
NOT_ON_SALE = (
    "{number} is sold, or not on sale here. Nothing was charged. Choose another from the list."
)
NEEDS_PAPERS = (
    "{number} only works when proof of identity and address was checked, and we cannot do that for this "
    "supplier yet. Nothing was ordered or charged. Choose a number that needs no papers, or write to us."
)
CHOSEN_ELSEWHERE = (
    "You chose another number in another window meanwhile, so this one is not held. Nothing was "
    "charged. Reload the page to see what is."
)
CARRIER_SILENT = (
    "Our number supplier does not answer right now. Nothing was charged and your answers are "
    "kept. Try again in a minute."
)


def start(
    sold: Bundle | Product,
    *,
    client: Client | None,
    cycle: Cycle | None = None,
    brand: Brand | None = None,
) -> Draft:
    """A new draft for a thing on sale; refuses what is not mapped, or has no price. Without a
    ``cycle`` it is the first that there is; ``brand`` is whose shop a guest is in."""
    selling.mapping_of(sold)
    return begin(sold, client=client, cycle=cycle, brand=brand)


def begin(
    sold: Bundle | Product,
    *,
    client: Client | None,
    cycle: Cycle | None = None,
    brand: Brand | None = None,
) -> Draft:
    """The same for a thing that was found on sale this moment."""
    brand = client.brand if client else brand or default_brand()
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
            now.answers.pop("more_numbers", None)
            holding.end(now.uid)
        now.save(update_fields=["client", "brand", "currency", "answers", "changed"])
        if now.papers is not None:
            filling.hand_over(now.papers, client)
    draft.client, draft.brand, draft.papers = now.client, now.brand, now.papers
    draft.currency, draft.answers = now.currency, now.answers


def adopt_all(session: MutableMapping[str, Any], client: Client) -> None:
    """A guest signed in: all that he was writing in this browser is his client's now, on every device,
    and the session knows none of it any more."""
    known = session.get(SESSION_DRAFTS, [])
    if not known:
        return
    guests = Draft.objects.filter(uid__in=known, client=None, state=Draft.State.OPEN)
    for draft in guests.order_by("pk"):
        adopt(draft, client)
    taken = Draft.objects.filter(uid__in=known, client=client, state=Draft.State.OPEN)
    gone = {str(uid) for uid in taken.values_list("uid", flat=True)}
    session[SESSION_DRAFTS] = [uid for uid in known if uid not in gone]


def touch(drafts: Sequence[Draft]) -> None:
    """Somebody is at work at these: what closes old ones, which counts in days, passes them by."""
    before = timezone.now() - timedelta(hours=1)
    old = [draft.pk for draft in drafts if draft.changed < before]
    if old:
        Draft.objects.filter(pk__in=old, state=Draft.State.OPEN).update(changed=Now())


def start_again(closed: Draft) -> Draft:
    """A new draft of the same thing, with the answers of one that was closed. Refuses what is not on
    sale any more."""
    cycle = Cycle(closed.cycle)
    draft = start(closed.sold, client=closed.client, cycle=cycle, brand=closed.brand)
    kept = {step: closed.answers[step] for step in TAKEN_OVER if step in closed.answers}
    # What staff wrote for a client stays staff's.
    Draft.objects.filter(pk=draft.pk).update(answers=kept, placed_by=closed.placed_by_id)
    draft.answers, draft.placed_by = kept, closed.placed_by
    return draft


def require_open(draft: Draft) -> None:
    """A submitted or expired draft is not written to."""
    if draft.state != Draft.State.OPEN:
        raise Refusal("This order was already placed. Nothing was ordered twice. See My orders.")


def lock_open(draft: Draft) -> None:
    """Read the draft's state and answers again, in the caller's transaction, and let nobody else
    write them before its end: another tab may have saved a step, or placed the order."""
    ((draft.state, draft.answers),) = _locked(draft.pk)
    require_open(draft)


@prepared
def _locked(pk: int) -> QuerySet[Draft, tuple[str, Any]]:
    rows = Draft.objects.select_for_update().filter(pk=pk)
    return rows.values_list("state", "answers")


def save_answers(draft: Draft, step: str, answers: dict[str, Any]) -> None:
    """Keep one step's cleaned input. Never call it with a password in ``answers``."""
    require_open(draft)
    with transaction.atomic():
        lock_open(draft)
        draft.answers = {**draft.answers, step: answers}
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


def save_company(draft: Draft, answers: dict[str, Any], *, own: Collection[uuid.UUID] = ()) -> None:
    """Step 1. For a PBX the company's name must make a domain that is free. ``own`` are the uids of the
    same guest's other drafts."""
    tenant = draft.answers.get("tenant", {})
    if selling.needs_tenant(draft.sold) and not tenant.get("is_own_choice"):
        label = naming_tenants.propose(draft, answers["company"], own=own, server=server_of(draft))
        save_answers(draft, "tenant", {**tenant, "label": label, "proposed": label})
    save_answers(draft, "company", answers)


# -- numbers --------------------------------------------------------------------------------------


def choose_number(draft: Draft, e164: str, *, buyer: Buyer | None = None) -> NumberOffer:
    """Step 2: ask the carrier for exactly this number, price it, and hold it for the draft instead
    of all that it had before."""
    buyer = buyer or Buyer(draft.uid)
    return select(draft, [e164], buyer=buyer, instead=True)[0]


def select(draft: Draft, e164s: list[str], *, buyer: Buyer, instead: bool) -> list[NumberOffer]:
    """Ask the carrier for exactly these numbers, price them, and hold all of them for the draft, or
    none: beside what it has, or ``instead`` of it. Refuses in plain words.

    The carrier is asked between two transactions. What the draft had before goes only in the second,
    when the new numbers are safe.
    """
    require_open(draft)
    account = selling.account_of(selling.mapping_of(draft.sold))
    asked = live_offers(account, e164s)
    answers = {offer.e164: _priced(draft, account, offer) for offer in asked}
    needing_papers.settle(account, answers.values())
    before = {row.e164 for row in holding.held_by(draft.uid)}
    held = _hold_all(draft, account, asked, buyer)
    try:
        reserving.keep(account, held)
        with transaction.atomic():
            lock_open(draft)
            still = {row.e164 for row in holding.held_by(draft.uid)}
            if not still.issuperset(answers):
                raise Refusal(CHOSEN_ELSEWHERE, field="number")
            had = {} if instead else _by_key(draft)
            put_numbers(draft, list({**had, **answers}.values()))
            if instead:
                holding.keep_only(answers, holder=draft.uid)
    except Refusal:
        with transaction.atomic():
            for e164 in sorted(answers.keys() - before):
                holding.release(e164, holder=draft.uid)
        raise
    return asked


def _by_key(draft: Draft) -> dict[str, dict[str, Any]]:
    return {chosen_numbers.key_of(row): row for row in chosen_numbers.numbers_of(draft)}


def _hold_all(
    draft: Draft, account: CarrierAccount, offers: list[NumberOffer], buyer: Buyer
) -> list[Hold]:
    with transaction.atomic():
        lock_open(draft)
        _bring_over(draft, [offer.e164 for offer in offers])
        return [
            holding.hold(offer.e164, account=account, buyer=buyer, is_soft=offer.needs_papers)
            for offer in sorted(offers, key=lambda offer: offer.e164)
        ]


def _bring_over(draft: Draft, e164s: list[str]) -> None:
    """What another draft of the same client holds is not somebody else's."""
    if draft.client_id is None:
        return
    others = Draft.objects.filter(client_id=draft.client_id, state=Draft.State.OPEN)
    holders = others.exclude(pk=draft.pk).values("uid")
    rows = Hold.objects.filter(e164__in=e164s, holder__in=holders).order_by("e164")
    for e164, holder in rows.values_list("e164", "holder"):
        holding.hand_over(e164, holder=holder, to=draft.uid)


def _priced(draft: Draft, account: CarrierAccount, offer: NumberOffer) -> dict[str, Any]:
    price = number_prices.price_offer(account, offer, draft.currency)
    if price is None:
        raise Refusal(
            f"{shown(offer.e164)} is not on sale here. Choose another number.", field="number"
        )
    return chosen_numbers.number_answers(offer, price)


def put_numbers(draft: Draft, numbers: list[dict[str, Any]]) -> None:
    """Save these as the draft's numbers, in the caller's transaction."""
    if len(numbers) > holding.MOST_PER_DRAFT:
        raise Refusal(holding.FULL_DRAFT, field="number")
    needing_papers.require_alike(numbers)
    draft.answers = chosen_numbers.with_numbers(draft.answers, numbers)
    needing_papers.forget_unfitting(draft)
    draft.save(update_fields=["answers", "changed"])


def live_offers(account: CarrierAccount, e164s: list[str]) -> list[NumberOffer]:
    """The offers for some numbers, asked now, in their order. Refuses when one is gone, and when a
    slow carrier would let the buyer wait too long for all."""
    deadline = time.monotonic() + PAGE_SECONDS
    offers = []
    for e164 in e164s:
        if time.monotonic() > deadline:
            raise Refusal(CARRIER_SILENT, field="number")
        offers.append(live_offer(account, e164))
    return offers


def live_offer(account: CarrierAccount, e164: str) -> NumberOffer:
    """The offer for a number, asked now: of our own shelf, else of the carrier. Refuses in plain
    words when it is gone."""
    if own_stock.is_ours(account, e164):
        offer = own_stock.offer_of(account, e164)
        if offer is None:
            raise _not_on_sale(e164)
        return offer
    account.read_timeout_seconds = min(account.read_timeout_seconds, PAGE_SECONDS)
    try:
        with carrier_for(account) as carrier:
            offer = carrier.offer(e164)
    except (NothingHappened, OutcomeUnknown) as failure:
        raise Refusal(CARRIER_SILENT, field="number") from failure
    except PortFailure as failure:
        raise Refusal(failure.user_message, field="number") from failure
    if offer is None:
        raise _not_on_sale(e164)
    sound = sensible(offer) if offer.e164 == e164 else None
    if sound is None:
        raise Refusal(CARRIER_SILENT, field="number")
    if sound.needs_papers and Capability.PAPERS not in adapter_class(account.kind).capabilities:
        raise Refusal(NEEDS_PAPERS.format(number=shown(e164)), field="number")
    return sound


def _not_on_sale(e164: str) -> Refusal:
    """Names the number: it may be one of ten."""
    return Refusal(NOT_ON_SALE.format(number=shown(e164)), field="number")


def seating_of(draft: Draft) -> Seating:
    """The extensions of the draft's PBX as they stand: until they are laid out, the usual."""
    company = draft.answers.get("company", {})
    contact = Person(company.get("contact", ""), company.get("email", ""))
    return Seating.from_answers(draft.answers.get("tenant", {}), contact=contact)


def save_tenant(draft: Draft, *, label: str, seating: Seating | None = None) -> str:
    """Step 3: the tenant's own name, and its extensions where they were laid out. Returns the domain."""
    domain = naming_tenants.check(label, server_of(draft), field="label")
    before = draft.answers.get("tenant", {})
    label = label.strip().lower()
    tenant = {**before, "label": label, "is_own_choice": label != before.get("proposed")}
    if seating is not None:
        # Whoever changes no name keeps the contact there, also when that changes.
        is_usual = "people" not in before and seating.people == seating_of(draft).people
        laid_out = seating.as_answers()
        tenant |= {key: kept for key, kept in laid_out.items() if key != "people" or not is_usual}
    save_answers(draft, "tenant", tenant)
    return domain


def draft_with(uid: uuid.UUID) -> Draft | None:
    """The draft of this uid. The caller checks whose it is."""
    for draft in _drafts_with(uid):
        if draft.product is not None:
            selling.with_prices(draft.product)
        else:
            prefetch_related_objects([draft], "bundle__prices", "bundle__items__product__prices")
        return draft
    return None


@prepared
def _drafts_with(uid: uuid.UUID) -> QuerySet[Draft]:
    return Draft.objects.filter(uid=uid).select_related("bundle", "product")
