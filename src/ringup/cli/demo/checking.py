"""``demo --check``: places orders over HTTP as a client would, approves them as staff, and looks at
carriers, PBX and mailbox whether everything exists exactly once."""

from __future__ import annotations

import time

from ringup.cli.demo.browsing import Browser, Lost
from ringup.cli.demo.outside import (
    require_mails,
    require_secrets,
    require_sign_in,
    require_tenant,
    require_trunk,
)
from ringup.cli.demo.processes import Demo
from ringup.cli.demo.regulated import regulated_pbx
from ringup.cli.demo.story import NotSo, Story, json_of
from ringup.cli.demo.walking import order


def check(demo: Demo) -> int:
    """0 when everything held, 1 otherwise. Prints the timeline either way."""
    story = Story()
    print(f"Checking {demo.url}")
    try:
        _plain_number(demo, story)
        _hosted_pbx(demo, story)
        regulated_pbx(demo, story)
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
        order(demo, story, buyer, company="Plain Number Ltd", email="plain@client.example")
    state = json_of(f"{demo.voipms['control']}/state")
    rows = [row for row in state["dids"] if f"+1{row['did']}" == number]
    story.require(len(rows) == 1, f"{number} is in the carrier's inventory once")
    story.require(rows[0]["routing"].startswith("fwd:"), "its calls go to a forwarding")
    story.require(len(state["forwardings"]) == 1, "there is one forwarding")
    require_mails(demo, story, "plain@client.example", 2)


def _hosted_pbx(demo: Demo, story: Story) -> None:
    """A PBX with ten seats and a main number."""
    with Browser(demo.url) as buyer:
        buyer.send(buyer.open("/").form(slug="hosted-pbx-10"))
        story.tell("a guest chose the bundle Hosted PBX, 10 seats")
        company, email = "Karoo Freight (Pty) Ltd", "thandi@karoo.example"
        order(demo, story, buyer, company=company, email=email)
    did = require_trunk(demo, story)
    forms = (did, f"1{did}", f"+1{did}")
    require_tenant(demo, story, "karoofreight.pbx.ringup.example", forms)
    mails = require_mails(demo, story, email, 2)
    require_secrets(demo, story, mails)
    require_sign_in(demo, story, mails)
