"""A small realistic catalogue, for the demo and for tests: one bundle, one plain number."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from ringup.accounts.brands import default_brand
from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import (
    Bundle,
    BundleItem,
    Mapping,
    NumberPriceRule,
    Price,
    Product,
    ProductGroup,
)
from ringup.catalog.pricing import Cycle
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.core.sealing import remember_key
from ringup.pbx.models import PbxServer


@dataclass(frozen=True, slots=True)
class VoipmsAddress:
    """Where the carrier is, and who we are there."""

    url: str
    user: str
    password: str
    account_number: str = ""


@dataclass(frozen=True, slots=True)
class PbxAddress:
    """Where the PBX is, as the sandbox prints it."""

    dsn: str
    event_host: str
    event_port: int
    event_password: str
    cache_dir: str
    recordings_dir: str
    voicemail_dir: str
    template_domain: str


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


@transaction.atomic
def seed(carrier: VoipmsAddress, pbx: PbxAddress) -> tuple[CarrierAccount, PbxServer]:
    """Make, or bring up to date, the sandbox account, the sandbox PBX and what is sold on them."""
    default_brand()
    remember_key()
    account, server = _account(carrier), _server(pbx)
    group, _ = ProductGroup.objects.get_or_create(
        name="Telephone service", defaults={"tagline": "Numbers and hosted PBXes"}
    )
    _seed_bundle(group, account, server)
    _seed_number(group, account, server)
    NumberPriceRule.objects.update_or_create(
        account=account,
        country="",
        number_type="",
        currency="USD",
        defaults={
            "percent": 60,
            "setup_percent": 50,
            **money_columns(addition=usd("0.50"), floor=usd("1.50"), rounding=usd("0.05")),
        },
    )
    return account, server


def _account(carrier: VoipmsAddress) -> CarrierAccount:
    account = CarrierAccount.objects.filter(name="VoIP.ms sandbox").first()
    account = account or CarrierAccount(name="VoIP.ms sandbox", kind="voipms")
    account.url = carrier.url
    account.identity = {"user": carrier.user, "account": carrier.account_number}
    account.set_secrets({"password": carrier.password})
    account.calls_per_second = 50.0
    account.read_timeout_seconds = 10.0
    account.support_contact = "Chat in the VoIP.ms portal"
    account.save()
    return account


def _server(pbx: PbxAddress) -> PbxServer:
    server = PbxServer.objects.filter(name="pbx-sandbox-1").first()
    server = server or PbxServer(name="pbx-sandbox-1")
    server.sip_host = "pbx.ringup.example"
    server.domain_suffix = "pbx.ringup.example"
    server.event_host, server.event_port = pbx.event_host, pbx.event_port
    server.cache_dir = pbx.cache_dir
    server.recordings_dir, server.voicemail_dir = pbx.recordings_dir, pbx.voicemail_dir
    server.template_domain = pbx.template_domain
    server.set_secrets(dsn=pbx.dsn, event_password=pbx.event_password)
    server.save()
    return server


def _seed_bundle(group: ProductGroup, account: CarrierAccount, server: PbxServer) -> None:
    pbx = _product(group, "hosted-pbx", Product.Kind.HOSTED_PBX, "Hosted PBX", "29.00", hidden=True)
    seat = _product(group, "seat", Product.Kind.SEATS, "Seat", "5.00", hidden=True)
    number = _product(group, "pbx-number", Product.Kind.NUMBER, "Main number", "0", hidden=True)
    bundle, _ = Bundle.objects.update_or_create(
        slug="hosted-pbx-10",
        defaults={
            "group": group,
            "name": "Hosted PBX, 10 seats",
            "description": "Your own PBX: ten extensions with voicemail, and a US or Canadian number.",
            **money_columns(included_number=usd("2.50")),
        },
    )
    _price(bundle, Cycle.MONTHLY, "79.00")
    _price(bundle, Cycle.ANNUAL, "790.00")
    for product, quantity in ((pbx, 1), (seat, 10), (number, 1)):
        BundleItem.objects.update_or_create(
            bundle=bundle, product=product, defaults={"quantity": quantity}
        )
    Mapping.objects.update_or_create(bundle=bundle, defaults={"account": account, "server": server})


def _seed_number(group: ProductGroup, account: CarrierAccount, server: PbxServer) -> None:
    number = _product(group, "number", Product.Kind.NUMBER, "Phone number", "0", hidden=False)
    Mapping.objects.update_or_create(
        product=number, defaults={"account": account, "server": server}
    )


def _product(
    group: ProductGroup, slug: str, kind: Product.Kind, name: str, monthly: str, *, hidden: bool
) -> Product:
    product, _ = Product.objects.update_or_create(
        slug=slug,
        defaults={
            "group": group,
            "kind": kind,
            "name": name,
            "is_hidden": hidden,
            "seats": 1 if kind is Product.Kind.SEATS else 0,
        },
    )
    for cycle in (Cycle.MONTHLY, Cycle.ANNUAL):
        _price(product, cycle, str(Decimal(monthly) * (10 if cycle is Cycle.ANNUAL else 1)))
    return product


def _price(sold: Product | Bundle, cycle: Cycle, amount: str) -> None:
    Price.objects.update_or_create(
        bundle=sold if isinstance(sold, Bundle) else None,
        product=sold if isinstance(sold, Product) else None,
        cycle=cycle.value,
        currency="USD",
        defaults=money_columns(amount=usd(amount), setup=usd("0")),
    )
