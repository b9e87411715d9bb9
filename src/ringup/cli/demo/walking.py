"""The two people of an order: a buyer who goes through the wizard, and staff who approves."""

from __future__ import annotations

from ringup.cli.demo.browsing import Browser, Lost, Page
from ringup.cli.demo.processes import Demo
from ringup.cli.demo.story import Story, eventually

PASSWORD = "Correct-Horse-9"  # noqa: S105 - of a demo that is forgotten at its end


def order(demo: Demo, story: Story, buyer: Browser, *, company: str, email: str) -> None:
    """Through the wizard, past staff, to the finished timeline."""
    see_through(demo, story, buyer, walk(buyer, company=company, email=email).url)


def see_through(demo: Demo, story: Story, buyer: Browser, order_url: str) -> None:
    """From the order that was placed, past staff, to the finished timeline."""
    story.tell(f"ordered: {order_url.removeprefix(demo.url)}")
    approve(demo, story, order_url)
    wait_until_ready(buyer, order_url)
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


def walk(buyer: Browser, *, company: str, email: str, own: frozenset[str] = frozenset()) -> Page:
    """Go through the wizard, step by step, until the order's own page, or a step that the caller
    answers himself: one of ``own``."""
    page = buyer.page
    for _ in range(len(STEPS) + 1):
        before, slug = page.url, page.url.rstrip("/").rpartition("/")[2]
        if "/my/orders/" in page.url or slug in own:
            return page
        field_name, typed = STEPS[slug]
        if slug == "company":
            typed = {**typed, "company": company, "email": email}
        page = buyer.send(page.form(has=field_name), **typed)
        if page.url == before:
            raise Lost(f"{page.url} did not accept the answers: {page.text[:800]}")
    raise Lost(f"the wizard does not end: {page.url}")


def approve(demo: Demo, story: Story, order_url: str) -> None:
    """Staff signs in, waits for the plan, reads it, approves it."""
    uid = order_url.rstrip("/").rpartition("/")[2]
    with Browser(demo.url) as staff:
        sign_in = staff.open(f"/office/orders/{uid}/").form(has="password")
        staff.send(sign_in, email=demo.staff_email, password=demo.staff_password)

        def look() -> Page | None:
            page = staff.open(f"/office/orders/{uid}/")
            return page if any("digest" in form.fields for form in page.forms) else None

        form = eventually(look, "the plan is ready").form(has="digest")
        # Whatever there is to look at, staff has looked at it.
        staff.send(form, **form.unticked)
        story.tell("staff read the plan and approved it")


def wait_until_ready(buyer: Browser, order_url: str) -> None:
    def look() -> Page | None:
        page = buyer.open(order_url)
        return page if "Everything is set up and works." in page.text else None

    eventually(look, "the order is ready")
