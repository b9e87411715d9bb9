"""What must hold outside, after an order: at the PBX, at the carrier, in the mailbox."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from ringup.cli.demo.browsing import Browser
from ringup.cli.demo.processes import Demo
from ringup.cli.demo.story import NotSo, Story, eventually, json_of
from ringup.cli.demo.walking import PASSWORD


def require_tenant(demo: Demo, story: Story, domain: str, forms: tuple[str, ...]) -> None:
    """In the PBX's own tables, and by asking who answers its number in these forms."""
    rows = json_of(f"{demo.fusionpbx['control']}/state")[domain]
    for table, count in TENANT_ROWS.items():
        story.require(rows.get(table) == count, f"{domain} has {count} in {table}")
    for form in forms:
        call = json_of(f"{demo.fusionpbx['control']}/lookup/inbound", number=form)
        rings = call["bridges"][-1]["target"] if call["bridges"] else call["outcome"]
        story.require(rings == f"user/1001@{domain}", f"a call to {form} rings extension 1001")
    call = json_of(f"{demo.fusionpbx['control']}/lookup/outbound", domain=domain, number="911")
    story.require(not call["bridges"], "911 is not sent anywhere before an address is confirmed")


def require_trunk(demo: Demo, story: Story) -> str:
    """At VoIP.ms, all of it once. Returns the number that leads to the sub-account, ten digits."""
    carrier = json_of(f"{demo.voipms['control']}/state")
    [main] = [row for row in carrier["dids"] if row["routing"].startswith("account:")]
    story.require(len(carrier["dids"]) == 2, "the carrier's inventory holds two numbers")
    story.require(len(carrier["sub_accounts"]) == 1, "the carrier has one sub-account")
    charges = Counter((row["type"], row["description"]) for row in carrier["ledger"])
    story.require(set(charges.values()) == {1}, "nothing was charged twice")
    return str(main["did"])


TENANT_ROWS = {
    "v_domains": 1,
    "v_users": 1,
    "v_extensions": 10,
    "v_voicemails": 10,
    "v_gateways": 1,
    "v_destinations": 1,
}


def require_mails(demo: Demo, story: Story, address: str, count: int) -> list[dict[str, Any]]:
    """The client's mails, once they have all arrived."""

    def look() -> list[dict[str, Any]] | None:
        mails = [mail for mail in json_of(str(demo.smtp["url"])) if address in str(mail["to"])]
        return mails if len(mails) >= count else None

    mails = eventually(look, f"{count} mails to {address} arrive")
    for mail in mails:
        story.tell(f"mail to {address}: {mail['subject']}")
    story.require(len(mails) == count, f"{address} has {count} mails, each once")
    text = " ".join(str(mail["text"]) for mail in mails)
    story.require(PASSWORD not in text, "no mail carries a password")
    return mails


def require_secrets(demo: Demo, story: Story, mails: list[dict[str, Any]]) -> None:
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


def require_sign_in(demo: Demo, story: Story, mails: list[dict[str, Any]]) -> None:
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
