"""A small realistic catalogue, for the demo and for tests: one bundle and one plain number for each
carrier."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from ringup.accounts.brands import default_brand
from ringup.accounts.models import Brand
from ringup.carriers.models import CarrierAccount
from ringup.core.actors import RINGUP
from ringup.core.money import Money
from ringup.core.sealing import remember_key
from ringup.flows import starting_catalogue
from ringup.flows.starting_catalogue import WORLDWIDE, Terms
from ringup.pbx.models import PbxServer


@dataclass(frozen=True, slots=True)
class VoipmsAddress:
    """Where the carrier is, and who we are there."""

    url: str
    user: str
    password: str
    account_number: str = ""


@dataclass(frozen=True, slots=True)
class DidwwAddress:
    """Where the second carrier is, and our keys there."""

    url: str
    key: str
    callback_secret: str = ""


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


TERMS = Terms(
    seats=10,
    monthly=usd("79.00"),
    included_number=usd("2.50"),
    number_percent=60,
    number_addition=usd("0.50"),
)


@transaction.atomic
def seed(carrier: VoipmsAddress, pbx: PbxAddress) -> tuple[CarrierAccount, PbxServer]:
    """Make, or bring up to date, the sandbox account, the sandbox PBX and what is sold on them."""
    # The guests of a rehearsal have mailboxes that nobody looks into.
    Brand.objects.filter(pk=default_brand().pk).update(needs_proved_email=False)
    remember_key()
    account, server = _account(carrier), _server(pbx)
    starting_catalogue.make(TERMS, account=account, server=server, actor=RINGUP)
    return account, server


@transaction.atomic
def seed_worldwide(carrier: DidwwAddress, server: PbxServer) -> CarrierAccount:
    """The same for the second carrier, whose numbers may need papers."""
    account = CarrierAccount.objects.filter(name="DIDWW sandbox").first()
    account = account or CarrierAccount(name="DIDWW sandbox", kind="didww")
    account.url = carrier.url
    account.set_secrets({"api_key": carrier.key, "callback_secret": carrier.callback_secret})
    account.calls_per_second = 50.0
    account.read_timeout_seconds = 10.0
    account.portal_url = "https://my-sandbox.didww.com/"
    account.support_contact = "Ticket in the DIDWW portal"
    account.save()
    starting_catalogue.make(TERMS, account=account, server=server, actor=RINGUP, range_=WORLDWIDE)
    return account


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
    # A carrier that is called from a known address wants to know it (from the range for examples).
    server.egress_addresses = ["192.0.2.10/32"]
    server.domain_suffix = "pbx.ringup.example"
    server.event_host, server.event_port = pbx.event_host, pbx.event_port
    server.cache_dir = pbx.cache_dir
    server.recordings_dir, server.voicemail_dir = pbx.recordings_dir, pbx.voicemail_dir
    server.template_domain = pbx.template_domain
    server.set_secrets(dsn=pbx.dsn, event_password=pbx.event_password)
    server.save()
    return server
