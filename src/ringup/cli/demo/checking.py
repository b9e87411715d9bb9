"""``demo --check``: places orders over HTTP as a client would, approves them as staff, and looks at
carrier, PBX and mailbox whether everything exists exactly once."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from ringup.cli.demo.browsing import Browser, Lost, Page
from ringup.cli.demo.processes import Demo

PASSWORD = "Correct-Horse-9"  # noqa: S105 - of a demo that is forgotten at its end
SECONDS = 90.0


class NotSo(Exception):
    """Something that must hold does not."""


@dataclass
class Story:
    """What happened, line by line, with the seconds since the start."""

    began: float = field(default_factory=time.monotonic)

    def tell(self, line: str) -> None:
        print(f"  {time.monotonic() - self.began:6.1f} s  {line}", flush=True)

    def require(self, holds: bool, line: str) -> None:
        """Tell what holds, or stop."""
        if not holds:
            raise NotSo(line)
        self.tell(f"✓ {line}")


def check(demo: Demo) -> int:
    """0 when everything held, 1 otherwise. Prints the timeline either way."""
    story = Story()
    print(f"Checking {demo.url}")
    try:
        _plain_number(demo, story)
        _hosted_pbx(demo, story)
    except (NotSo, Lost) as problem:
        story.tell(f"✗ {problem}")
        print(_last_lines(demo))
        return 1
    print(f"Everything held, after {time.monotonic() - story.began:.1f} s.")
    return 0


def _last_lines(demo: Demo) -> str:
    """The ends of the logs, for whoever has to find out why."""
    return "\n".join(
        f"--- {name} ---\n{(demo.logs / name).read_text()[-1500:]}"
        for name in ("web.log", "worker.log")
    )


# -- the two orders -----------------------------------------------------------------------------


def _plain_number(demo: Demo, story: Story) -> None:
    """A number that is forwarded to a telephone."""
    with Browser(demo.url) as buyer:
        select = buyer.open("/?country=CA&region=ON").form(has="e164")
        # Where two carriers sell, the button says which product it is for.
        number = select.fields["e164"].split()[0]
        chosen = buyer.send(select)
        story.tell(f"a guest found {number} and selected it")
        buyer.open(chosen.link("/checkout/"))
        _order(demo, story, buyer, company="Plain Number Ltd", email="plain@client.example")
    state = _json(f"{demo.voipms['control']}/state")
    rows = [row for row in state["dids"] if f"+1{row['did']}" == number]
    story.require(len(rows) == 1, f"{number} is in the carrier's inventory once")
    story.require(rows[0]["routing"].startswith("fwd:"), "its calls go to a forwarding")
    story.require(len(state["forwardings"]) == 1, "there is one forwarding")
    _require_mails(demo, story, "plain@client.example", 2)


def _hosted_pbx(demo: Demo, story: Story) -> None:
    """A PBX with ten seats and a main number."""
    with Browser(demo.url) as buyer:
        buyer.send(buyer.open("/").form(slug="hosted-pbx-10"))
        story.tell("a guest chose the bundle Hosted PBX, 10 seats")
        company, email = "Karoo Freight (Pty) Ltd", "thandi@karoo.example"
        _order(demo, story, buyer, company=company, email=email)
    _require_tenant(demo, story, "karoofreight.pbx.ringup.example")
    mails = _require_mails(demo, story, email, 2)
    _require_secrets(demo, story, mails)
    _require_sign_in(demo, story, mails)


def _order(demo: Demo, story: Story, buyer: Browser, *, company: str, email: str) -> None:
    """Through the wizard, past staff, to the finished timeline."""
    order_url = _walk(buyer, company=company, email=email).url
    story.tell(f"ordered: {order_url.removeprefix(demo.url)}")
    _approve(demo, story, order_url)
    _wait_until_ready(buyer, order_url)
    for moment in buyer.page.moments:
        story.tell(f"the client's timeline: {moment}")


# What a buyer types, step by step. The number is the first of the list, the rest is as offered.
STEPS: dict[str, tuple[str, dict[str, str]]] = {
    "company": (
        "company",
        {
            "contact": "Thandi Mokoena",
            "phone": "+1 416 555 0142",
            "country": "CA",
            "region": "ON",
        },
    ),
    "number": ("e164", {}),
    "tenant": ("label", {}),
    "destination": ("telephone", {"goal": "telephone", "telephone": "+1 416 555 0177"}),
    "administrator": (
        "username",
        {
            "username": "admin",
            "password": PASSWORD,
            "repeated": PASSWORD,
            "time_zone": "America/Toronto",
            "group": "admin",
            "emergency": "on",
        },
    ),
}


def _walk(buyer: Browser, *, company: str, email: str) -> Page:
    """Go through the wizard, step by step, until the order's own page."""
    page = buyer.page
    for _ in range(len(STEPS) + 1):
        if "/my/orders/" in page.url:
            return page
        before, slug = page.url, page.url.rstrip("/").rpartition("/")[2]
        field_name, typed = STEPS[slug]
        if slug == "company":
            typed = {**typed, "company": company, "email": email}
        page = buyer.send(page.form(has=field_name), **typed)
        if page.url == before:
            raise Lost(f"{page.url} did not accept the answers: {page.text[:800]}")
    raise Lost(f"the wizard does not end: {page.url}")


def _approve(demo: Demo, story: Story, order_url: str) -> None:
    """Staff signs in, waits for the plan, reads it, approves it."""
    uid = order_url.rstrip("/").rpartition("/")[2]
    with Browser(demo.url) as staff:
        sign_in = staff.open(f"/office/orders/{uid}/").form(has="password")
        staff.send(sign_in, email=demo.staff_email, password=demo.staff_password)

        def look() -> Page | None:
            page = staff.open(f"/office/orders/{uid}/")
            return page if any("digest" in form.fields for form in page.forms) else None

        form = _eventually(look, "the plan is ready").form(has="digest")
        # Whatever there is to look at, staff has looked at it.
        staff.send(form, **form.unticked)
        story.tell("staff read the plan and approved it")


def _wait_until_ready(buyer: Browser, order_url: str) -> None:
    def look() -> Page | None:
        page = buyer.open(order_url)
        return page if "Everything is set up and works." in page.text else None

    _eventually(look, "the order is ready")


# -- what must hold outside ---------------------------------------------------------------------


def _require_tenant(demo: Demo, story: Story, domain: str) -> None:
    """In the PBX's own tables, and by asking who answers."""
    rows = _json(f"{demo.fusionpbx['control']}/state")[domain]
    for table, count in TENANT_ROWS.items():
        story.require(rows.get(table) == count, f"{domain} has {count} in {table}")
    carrier = _json(f"{demo.voipms['control']}/state")
    [main] = [row for row in carrier["dids"] if row["routing"].startswith("account:")]
    story.require(len(carrier["dids"]) == 2, "the carrier's inventory holds two numbers")
    story.require(len(carrier["sub_accounts"]) == 1, "the carrier has one sub-account")
    charges = Counter((row["type"], row["description"]) for row in carrier["ledger"])
    story.require(set(charges.values()) == {1}, "nothing was charged twice")
    for form in (main["did"], f"1{main['did']}", f"+1{main['did']}"):
        call = _json(f"{demo.fusionpbx['control']}/lookup/inbound", number=form)
        rings = call["bridges"][-1]["target"] if call["bridges"] else call["outcome"]
        story.require(rings == f"user/1001@{domain}", f"a call to {form} rings extension 1001")
    call = _json(f"{demo.fusionpbx['control']}/lookup/outbound", domain=domain, number="911")
    story.require(not call["bridges"], "911 is not sent anywhere before an address is confirmed")


TENANT_ROWS = {
    "v_domains": 1,
    "v_users": 1,
    "v_extensions": 10,
    "v_voicemails": 10,
    "v_gateways": 1,
    "v_destinations": 1,
}


def _require_mails(demo: Demo, story: Story, address: str, count: int) -> list[dict[str, Any]]:
    """The client's mails, once they have all arrived."""

    def look() -> list[dict[str, Any]] | None:
        mails = [mail for mail in _json(str(demo.smtp["url"])) if address in str(mail["to"])]
        return mails if len(mails) >= count else None

    mails = _eventually(look, f"{count} mails to {address} arrive")
    for mail in mails:
        story.tell(f"mail to {address}: {mail['subject']}")
    story.require(len(mails) == count, f"{address} has {count} mails, each once")
    text = " ".join(str(mail["text"]) for mail in mails)
    story.require(PASSWORD not in text, "no mail carries a password")
    return mails


def _require_secrets(demo: Demo, story: Story, mails: list[dict[str, Any]]) -> None:
    """The one-time link opens with a button, once."""
    text = " ".join(str(mail["text"]) for mail in mails)
    found = re.search(r"http\S+/my/secrets/\S+", text)
    if found is None:
        raise NotSo("the welcome mail has a one-time link")
    with Browser(demo.url) as client:
        page = client.open(found.group())
        page = client.send(page.form(action="secrets"))
        story.require("1010" in page.text, "the one-time link shows the credentials")
        page = client.open(found.group())
        story.require("1010" not in page.text, "and shows them once")


def _require_sign_in(demo: Demo, story: Story, mails: list[dict[str, Any]]) -> None:
    """The signed link of the confirmation sets a password, and then the client sees his order."""
    text = " ".join(str(mail["text"]) for mail in mails)
    found = re.search(r"http\S+/account/\S+", text)
    if found is None:
        raise NotSo("the confirmation mail has a link to set a password")
    with Browser(demo.url) as client:
        form = client.open(found.group()).form(has="new_password1")
        client.send(
            form, new_password1="three words together", new_password2="three words together"
        )
        page = client.open("/my/")
        story.require("karoofreight" in page.text, "the client has set a password and signed in")


Found = TypeVar("Found")


def _eventually(look: Callable[[], Found | None], what: str) -> Found:
    """Look until it is so, or say what never came."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.2)
    raise NotSo(f"{what}, within {SECONDS:.0f} s")


def _json(url: str, **query: str) -> Any:
    return httpx.get(url, params=query or None, timeout=10).raise_for_status().json()
