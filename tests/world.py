"""Builders for tests: peers, people, drafts and orders, made by the product's own verbs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ringup.accounts.brands import default_brand
from ringup.accounts.models import Client, Membership, User
from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.port import NumberOffer, NumberQuery
from ringup.catalog.models import Bundle, Product
from ringup.cli.seeding import PbxAddress, VoipmsAddress, seed
from ringup.core.actors import RINGUP, Actor
from ringup.flows.checkout import checking_out, drafting
from ringup.flows.orders import approving
from ringup.jobs.clock import FromNow
from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.numbers import publishing, syncing
from ringup.orders.models import Draft, Order
from ringup.pbx.models import PbxServer
from ringup.pbx.opening import pbx_for
from ringup.provisioning.models import Run
from ringup.sandbox.fusionpbx import SandboxFusionpbx
from ringup.sandbox.voipms import VoipmsSandbox

PASSWORD = "Correct-Horse-9"
COMPANY = {
    "company": "Karoo Freight (Pty) Ltd",
    "contact": "Thandi Mokoena",
    "email": "thandi@karoo.example",
    "phone": "+14165550142",
}
ADMINISTRATOR = {
    "username": "admin",
    "email": "thandi@karoo.example",
    "time_zone": "America/Toronto",
    "language": "en-us",
}


@dataclass(frozen=True)
class Peers:
    """The sandbox servers of a test process."""

    voipms: VoipmsSandbox
    fusionpbx: SandboxFusionpbx


@dataclass(frozen=True)
class World:
    peers: Peers
    account: CarrierAccount
    server: PbxServer
    bundle: Bundle
    number: Product

    def offer(self, index: int = 0, **query: Any) -> NumberOffer:
        """One number on sale at the sandbox carrier."""
        wanted = NumberQuery(**({"country": "US", "region": "NY", "limit": index + 1} | query))
        with carrier_for(self.account) as carrier:
            return carrier.search(wanted)[index]

    def pbx_draft(self, *, offer: NumberOffer | None = None, **company: str) -> Draft:
        """A complete draft of the bundle."""
        draft = drafting.start(self.bundle, client=None)
        drafting.save_company(draft, COMPANY | company)
        drafting.choose_number(draft, (offer or self.offer()).e164)
        label = draft.answers["tenant"]["label"]
        drafting.save_tenant(draft, label=label)
        drafting.save_answers(draft, "administrator", ADMINISTRATOR)
        return draft

    def number_draft(
        self, *, goal: str, value: str = "", client: Client | None = None, **more: str
    ) -> Draft:
        """A complete draft of a plain number."""
        draft = drafting.start(self.number, client=client)
        drafting.save_company(draft, COMPANY)
        drafting.choose_number(draft, self.offer(5).e164)
        drafting.save_answers(draft, "destination", {"goal": goal, "value": value, **more})
        return draft

    def pbx_order(self, **company: str) -> Order:
        return checking_out.submit(self.pbx_draft(**company), administrator_password=PASSWORD)

    def stock(self) -> None:
        """What the sandbox carrier has on sale now, fetched by a pass and published. Other jobs wait."""
        CarrierAccount.objects.filter(pk=self.account.pk).update(calls_per_second=1000.0)
        begun = syncing.begin(self.account, actor=RINGUP)
        while Job.objects.filter(name=syncing.JOB).update(queue="stock", due=FromNow(-1)):
            assert run_one(("stock",))
        begun.refresh_from_db()
        assert begun.problem == ""
        publishing.publish()

    def prepare_pbx(self) -> None:
        with pbx_for(self.server) as pbx:
            pbx.prepare()


def make_world(peers: Peers) -> World:
    voipms, pbx = peers.voipms, peers.fusionpbx
    account, server = seed(
        VoipmsAddress(voipms.url, voipms.user, voipms.password, voipms.account),
        PbxAddress(
            dsn=pbx.dsn,
            event_host=pbx.event_socket.host,
            event_port=pbx.event_socket.port,
            event_password=pbx.event_socket.password,
            cache_dir=str(pbx.cache_dir),
            recordings_dir=str(pbx.recordings_dir),
            voicemail_dir=str(pbx.voicemail_dir),
            template_domain=pbx.template_domain,
        ),
    )
    CarrierAccount.objects.filter(pk=account.pk).update(calls_per_second=100_000.0)
    account.refresh_from_db()
    world = World(
        peers=peers,
        account=account,
        server=server,
        bundle=Bundle.objects.get(slug="hosted-pbx-10"),
        number=Product.objects.get(slug="number"),
    )
    world.prepare_pbx()
    return world


@dataclass(frozen=True)
class People:
    acme: Client
    other: Client
    alice: User
    bob: User
    charlie: User
    sam: User


def make_people() -> People:
    acme, other = make_client("Acme"), make_client("Other")
    return People(
        acme=acme,
        other=other,
        alice=make_user("alice", acme),
        bob=make_user("bob", acme, role=Membership.Role.TECHNICAL),
        charlie=make_user("charlie", other),
        sam=make_user("sam", None, is_staff=True),
    )


def make_client(name: str) -> Client:
    return Client.objects.create(
        brand=default_brand(),
        name=name,
        contact_name=f"{name} Contact",
        email=f"office@{name.lower()}.example",
        phone="+14165550100",
    )


def make_user(
    name: str, client: Client | None, *, role: str = Membership.Role.OWNER, is_staff: bool = False
) -> User:
    """A login of ``client``, or a member of staff with the role of that name (owner)."""
    email = f"{name}@example.com"
    user = User.objects.create_user(
        username=email,
        email=email,
        password=PASSWORD,
        first_name=name.title(),
        is_staff=is_staff,
        role=role if is_staff else "",
    )
    if client is not None:
        Membership.objects.create(user=user, client=client, role=role)
    return user


SAM = Actor("staff:1", "Sam")


def run_jobs() -> None:
    """Every job that is due, in this process."""
    while run_one():
        pass


def approve(order: Order) -> Run:
    """As staff would: wait for the plan, read it, approve what was seen."""
    run_jobs()
    plan = approving.latest_plan(order)
    assert plan is not None
    assert plan.is_possible, (plan.problem, plan.conditions)
    seen = approving.doubts_mark(order)
    return approving.approve(order, digest=plan.digest, doubts_seen=seen, actor=SAM)


def run_to_the_end(order: Order, *, seconds: float = 20.0) -> Run:
    """Work on jobs until the order's newest run has come to rest."""
    deadline = time.monotonic() + seconds
    while True:
        run_jobs()
        run = approving.latest_run(order)
        if run is not None and run.state not in ("ready", "running", "waiting", "undoing"):
            return run
        assert time.monotonic() < deadline, run and [
            (step.key, step.state, step.detail) for step in run.steps.all()
        ]
        time.sleep(0.02)
