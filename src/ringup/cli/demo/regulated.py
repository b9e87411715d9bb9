"""The order of a number that needs papers: told and uploaded by the buyer, approved by one click of
staff, and built by itself when the carrier has looked at them."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

from PIL import Image

from ringup.cli.demo.browsing import Browser, Form, Page
from ringup.cli.demo.outside import require_mails, require_tenant
from ringup.cli.demo.processes import Demo
from ringup.cli.demo.story import Story, json_of
from ringup.cli.demo.walking import see_through, walk

COMPANY, EMAIL = "Protea Wines (Pty) Ltd", "lindiwe@protea.example"
DOMAIN = "proteawines.pbx.ringup.example"
TOLD = {
    "kind": "business",
    "first_name": "Lindiwe",
    "last_name": "Naidoo",
    "phone": "+27 21 001 2200",
    "contact_email": EMAIL,
    "company_name": COMPANY,
    "company_reg_number": "2014/088123/07",
    "vat_id": "4820271199",
    "identity_country": "ZA",
    "country": "ZA",
    "city": "Cape Town",
    "street": "14 Harrington Street",
    "postal_code": "8001",
    "service_description": "Calls of our customers.",
    "consent": "on",
    # The button that stays on the page, where the documents are added.
    "stay": "yes",
}
OWN = frozenset({"number", "papers"})


def regulated_pbx(demo: Demo, story: Story) -> None:
    """A PBX with a South African number, for a business."""
    with Browser(demo.url) as buyer:
        buyer.send(buyer.open("/").form(slug="hosted-pbx-10-worldwide"))
        page = walk(buyer, company=COMPANY, email=EMAIL, own=OWN)
        select = buyer.open(f"{page.url}?country=ZA").form(has="e164")
        number = select.fields["e164"].split()[0]
        buyer.send(select)
        story.tell(f"a guest chose {number}, which needs papers")
        _tell(story, buyer)
        placed = walk(buyer, company=COMPANY, email=EMAIL)
        see_through(demo, story, buyer, placed.url)
    _require_registered(demo, story, number)
    digits = number.removeprefix("+")
    require_tenant(demo, story, DOMAIN, (digits, number))
    _require_home(demo, story)
    require_mails(demo, story, EMAIL, 3)


def _tell(story: Story, buyer: Browser) -> None:
    """The step of the papers: who, where, and a picture for each document that is wanted."""
    page = buyer.send(buyer.page.form(has="first_name"), **TOLD)
    count = sum("slot" in form.fields for form in page.forms)
    for place in range(count):
        page = _upload(buyer, [form for form in page.forms if "slot" in form.fields][place])
    story.tell(f"told whose number it will be, and uploaded {count} documents")
    go_on = page.form(has="first_name")
    buyer.send(go_on, **{name: value for name, value in TOLD.items() if name != "stay"})


def _upload(buyer: Browser, form: Form) -> Page:
    typed = {"dated": dt.datetime.now(tz=dt.UTC).date().isoformat()}
    typed = {name: value for name, value in typed.items() if name in form.fields}
    if kinds := [kind for kind in form.choices.get("type", []) if kind]:
        typed["type"] = kinds[0]
    return buyer.upload(form, "scan.png", _picture(), **typed)


def _picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (600, 800), "white").save(file, "PNG")
    return file.getvalue()


def _require_registered(demo: Demo, story: Story, number: str) -> None:
    """At the carrier: all of it once, and the number works."""
    state = json_of(f"{demo.didww['control']}/state")
    digits = number.removeprefix("+")
    rows = [row for row in state["dids"] if row["number"] == digits]
    story.require(len(rows) == 1, f"{number} is in the carrier's inventory once")
    flags = [rows[0][flag] for flag in ("awaiting_registration", "blocked", "terminated")]
    story.require(not any(flags), "it is registered, and works")
    for kind in ("orders", "identities", "addresses", "address_verifications"):
        story.require(len(state[kind]) == 1, f"the carrier has one of {kind.replace('_', ' ')}")
    [verified] = state["address_verifications"]
    story.require(verified["status"] == "approved", "the carrier approved the papers")


def _require_home(demo: Demo, story: Story) -> None:
    """The PBX calls its own country as one does there, and no other."""
    for dialled, is_open in (("0115550123", True), ("0862123456", False), ("+13125550123", False)):
        ask = f"{demo.fusionpbx['control']}/lookup/outbound"
        bridges = json_of(ask, domain=DOMAIN, number=dialled)["bridges"]
        words = "goes to the carrier" if is_open else "is closed"
        story.require(bool(bridges) is is_open, f"a call to {dialled} {words}")
