"""PBX templates in the back office: list, editor, preview, and what is refused."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client as Browser
from django.urls import reverse

from ringup.backoffice.pbx_templates.forms import TemplateForm
from ringup.catalog.models import CarrierDefaults
from ringup.core.models import Activity
from ringup.flows.previewing import recent_orders
from ringup.pbx.models import PbxTemplate
from ringup.pbx.template_fields import FIELDS, FieldKind
from ringup.services.models import Service
from tests.factories import Shop, make_pbx_order, service_of
from tests.world import People, make_user

# Pages and forms: no database answers them differently.
pytestmark = [pytest.mark.django_db, pytest.mark.once]


def posted(kind: str, **changes: Any) -> dict[str, Any]:
    """What a browser sends of an editor in which only ``changes`` were typed."""
    data: dict[str, Any] = {"name": "Mine", "note": ""}
    for one in FIELDS[kind]:
        if one.kind is FieldKind.YES_NO:
            data |= {one.name: "on"} if one.default else {}
        elif one.kind is FieldKind.SETS:
            data[one.name] = list(one.default)  # type: ignore[arg-type]
        else:
            data[one.name] = "" if one.default is None else str(one.default)
    return data | changes


def make(kind: str, name: str = "Mine", **values: Any) -> PbxTemplate:
    return PbxTemplate.objects.create(kind=kind, name=name, values=values)


def url(name: str, *arguments: Any) -> str:
    return reverse(f"office:{name}", args=arguments)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_template_of_each_kind_is_made_listed_and_shown(staff: Browser, shop: Shop) -> None:
    assert "No template yet" in text_of(staff.get(url("templates")))
    typed: dict[str, dict[str, Any]] = {
        "gateway": {"realm": "{host}", "ping": "30"},
        "inbound": {"record": "on", "caller_id_name_prefix": "Sales"},
        "outbound": {"calls": "4", "routes": "short ^7(\\d{3})$ 2085557$1\r\n"},
        "access": {"networks": '["203.0.113.0/24", "198.51.100.7"]'},
    }
    for kind, changes in typed.items():
        page = url("new-template", kind)
        assert staff.get(page).status_code == 200
        answer = staff.post(page, posted(kind, name=f"My {kind}", **changes))
        assert answer.status_code == 302, answer.content.decode()[-3000:]
        template = PbxTemplate.objects.get(kind=kind)
        assert answer["Location"] == url("template", template.uid)
        shown = text_of(staff.get(answer["Location"]))
        assert "v_" in shown
        assert "(None" not in shown
        assert staff.get(url("edit-template", template.uid)).status_code == 200
    stored = {row.kind: row.values for row in PbxTemplate.objects.all()}
    assert (stored["gateway"]["realm"], stored["gateway"]["ping"]) == ("{host}", 30)
    assert stored["outbound"]["routes"] == [
        {"name": "short", "expression": r"^7(\d{3})$", "sent": "2085557$1"}
    ]
    assert stored["access"]["networks"] == ["198.51.100.7/32", "203.0.113.0/24"]
    listed = text_of(staff.get(url("templates")))
    assert "My gateway" in listed
    assert "Ping every: " in listed
    only = text_of(staff.get(url("templates"), {"kind": "inbound"}))
    assert "My inbound" in only
    assert "My gateway" not in only
    assert staff.get(url("templates"), {"kind": "\x00nonsense"}).status_code == 200


def test_a_list_takes_few_queries(
    staff: Browser, shop: Shop, django_assert_max_num_queries: Any
) -> None:
    for number in range(15):
        make("gateway", f"Gateway {number}", ping=number + 5)
    with django_assert_max_num_queries(8):
        assert staff.get(url("templates")).status_code == 200


def test_editing_changes_only_what_was_typed_and_is_recorded(staff: Browser, shop: Shop) -> None:
    template = make("gateway", realm="a.example")
    page = url("edit-template", template.uid)
    form = staff.get(page).context
    data = posted("gateway", realm="b.example", version=form["version"])
    assert staff.post(page, data)["Location"] == url("template", template.uid)
    template.refresh_from_db()
    assert template.values["realm"] == "b.example"
    row = Activity.objects.get(subject=f"pbx-template:{template.uid}")
    assert (row.what, row.detail) == (
        "changed a PBX template",
        {"realm": ["a.example", "b.example"]},
    )
    # Saving it as it stands records nothing.
    version = staff.get(page).context["version"]
    assert staff.post(page, data | {"version": version}).status_code == 302
    assert Activity.objects.filter(subject__startswith="pbx-template").count() == 1


def test_two_who_edit_at_once_do_not_overwrite_each_other(staff: Browser, shop: Shop) -> None:
    template = make("gateway", realm="a.example")
    page = url("edit-template", template.uid)
    version = staff.get(page).context["version"]
    assert (
        staff.post(page, posted("gateway", realm="b.example", version=version)).status_code == 302
    )
    for seen in (version, "", "x" * 500):
        answer = staff.post(page, posted("gateway", realm="c.example", version=seen))
        assert answer.status_code == 422
        assert "Somebody else changed this template" in text_of(answer)
    template.refresh_from_db()
    assert template.values["realm"] == "b.example"


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("gateway", {"name": ""}, "name"),
    ("gateway", {"name": "x" * 81}, "name"),
    ("gateway", {"name": "a\x00b"}, "name"),
    ("gateway", {"realm": "{domain.__class__}"}, "realm"),
    ("gateway", {"realm": "{domain"}, "realm"),
    ("gateway", {"realm": "$${base_dir}"}, "realm"),
    ("gateway", {"realm": 'a"b'}, "realm"),
    ("gateway", {"realm": "a\x00b"}, "realm"),
    ("gateway", {"realm": "x" * 10_000}, "realm"),
    ("gateway", {"description": "a\u2028b"}, "description"),
    ("gateway", {"context": "acme.example"}, "context"),
    ("gateway", {"expire_seconds": "9" * 400}, "expire_seconds"),
    ("gateway", {"expire_seconds": ""}, "expire_seconds"),
    ("gateway", {"expire_seconds": "1e3"}, "expire_seconds"),
    ("gateway", {"register_transport": "sctp"}, "register_transport"),
    ("inbound", {"order": "5"}, "order"),
    ("inbound", {"hold_music": "${evil}"}, "hold_music"),
    ("inbound", {"condition_field": "${evil}"}, "condition_field"),
    ("outbound", {"open": ["nanp", "moon"]}, "open"),
    ("outbound", {"order": "50"}, "order"),
    ("outbound", {"routes": "only-a-name"}, "routes"),
    ("outbound", {"routes": "x ^(911)$ $1"}, "routes"),
    ("outbound", {"routes": "x ^(011\\d+)$ $1"}, "routes"),
    ("outbound", {"routes": "x (a/b) $1\x00"}, "routes"),
    ("outbound", {"routes": "x ^(5)$ $1\n" * 400}, "routes"),
    ("access", {"networks": ""}, "networks"),
    ("access", {"networks": "0.0.0.0/0"}, "networks"),
    ("access", {"networks": "10.0.0.0/8"}, "networks"),
    ("access", {"networks": "[" * 7000}, "networks"),
]


@pytest.mark.parametrize(("kind", "changes", "field"), WRONG)
def test_what_cannot_be_saved_says_why_at_its_field(
    kind: str, changes: dict[str, Any], field: str
) -> None:
    data = QueryDict(mutable=True)
    for name, value in posted(kind, **changes).items():
        data.setlist(name, value if isinstance(value, list) else [value])
    form = TemplateForm(kind, data)
    assert not form.is_valid()
    assert set(form.errors) == {field}


def test_what_is_refused_changes_nothing(staff: Browser, shop: Shop) -> None:
    for kind, changes, field in WRONG[3::9]:
        answer = staff.post(url("new-template", kind), posted(kind, **changes))
        assert answer.status_code == 422, (kind, changes)
        assert field in answer.context["form"].errors, (kind, changes)
        assert "Nothing was saved." in text_of(answer)
    preview = staff.post(url("preview-template", "gateway"), posted("gateway", realm="{domain"))
    assert preview.status_code == 422
    assert "Correct first: Realm." in text_of(preview)
    assert not PbxTemplate.objects.exists()
    assert not Activity.objects.filter(subject__startswith="pbx-template").exists()


def test_opening_what_costs_extra_warns_and_asks_once(staff: Browser, shop: Shop) -> None:
    page = url("new-template", "outbound")
    data = posted("outbound", open=["nanp", "international"])
    for name in ("premium", "islands"):
        refused = staff.post(page, posted("outbound", open=[name]))
        assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"confirmed"})
    answer = staff.post(page, data)
    assert "This opens numbers that cost extra: Other countries." in text_of(answer)
    assert "Numbers that cost extra are open" in text_of(answer)
    assert staff.post(page, data | {"confirmed": "on"}).status_code == 302
    template = PbxTemplate.objects.get()
    edit = url("edit-template", template.uid)
    version = staff.get(edit).context["version"]
    # It is open already: changing something else asks nothing; opening more asks again.
    more = posted("outbound", open=["nanp", "international"], calls="2", version=version)
    assert staff.post(edit, more).status_code == 302
    version = staff.get(edit).context["version"]
    wider = more | {"open": ["nanp", "international", "premium"], "version": version}
    assert "confirmed" in staff.post(edit, wider).context["form"].errors


def test_a_name_is_there_once_in_a_kind(staff: Browser, shop: Shop) -> None:
    make("gateway", "Mine")
    answer = staff.post(url("new-template", "gateway"), posted("gateway", name="Mine"))
    assert answer.status_code == 422
    assert "Another template of this kind is called Mine" in text_of(answer)
    assert staff.post(url("new-template", "inbound"), posted("inbound")).status_code == 302
    assert PbxTemplate.objects.count() == 2


def test_a_copy_begins_with_everything_but_the_name(staff: Browser, shop: Shop) -> None:
    template = make("gateway", "Toronto", realm="{host}", ping=30)
    page = url("new-template", "gateway")
    form = staff.get(page, {"from": str(template.uid)}).context["form"]
    assert form.initial["name"] == "Toronto copy"
    assert (form.initial["realm"], form.initial["ping"]) == ("{host}", 30)
    for nonsense in ("x", "\x00", str(uuid.UUID(int=7))):
        assert staff.get(page, {"from": nonsense}).status_code == 200


def test_a_template_that_an_account_chooses_stays(staff: Browser, shop: Shop) -> None:
    template = make("gateway", "Toronto")
    CarrierDefaults.objects.update_or_create(
        account=shop.account, defaults={"gateway_template": template}
    )
    page = url("delete-template", template.uid)
    assert shop.account.name in text_of(staff.get(page))
    answer = staff.post(page)
    assert answer.status_code == 422
    assert f"in use: defaults of {shop.account.name}. Nothing was deleted." in text_of(answer)
    assert PbxTemplate.objects.filter(pk=template.pk).exists()
    assert shop.account.name in text_of(staff.get(url("templates")))
    CarrierDefaults.objects.update(gateway_template=None)
    assert staff.post(page)["Location"] == url("templates")
    assert not PbxTemplate.objects.exists()
    row = Activity.objects.get(subject=f"pbx-template:{template.uid}")
    assert row.what == "deleted a PBX template"


def test_a_preview_is_merged_with_a_sample_or_a_real_order(
    staff: Browser, shop: Shop, people: People
) -> None:
    order = make_pbx_order(shop, people.acme, domain=f"acme.{shop.server.domain_suffix}")
    service = service_of(order)
    page = url("preview-template", "inbound")
    data = posted(
        "inbound", name="", caller_id_name_prefix="To {national}", description="{company}"
    )
    sample = text_of(staff.post(page, data))
    assert "effective_caller_id_name=To 2125550142#${caller_id_name}" in sample
    assert "Acme and Sons" in sample
    real = text_of(staff.post(page, data | {"merged": str(service.uid)}))
    number = Service.objects.get(tenant=service).number
    assert number is not None
    assert f"effective_caller_id_name=To {number.e164[2:]}#" in real
    assert f"1001 XML {service.name}" in real
    assert str(service.uid) in text_of(staff.get(url("new-template", "inbound")))
    # The same without a script: the page comes again, and nothing is saved.
    plain = staff.post(
        url("new-template", "inbound"),
        data | {"name": "Mine", "merged": str(service.uid), "preview": "yes"},
    )
    assert plain.status_code == 200
    assert f"1001 XML {service.name}" in text_of(plain)
    assert not PbxTemplate.objects.exists()
    for nonsense in ("x", "\x00", str(uuid.UUID(int=7)), "9" * 5000):
        assert "2125550142" in text_of(staff.post(page, data | {"merged": nonsense}))
    assert recent_orders() == [service]


def test_no_secret_is_in_a_preview(staff: Browser, shop: Shop, people: People) -> None:
    service = service_of(make_pbx_order(shop, people.acme))
    template = make("gateway", realm="{host}")
    opened = service.open_secrets()
    pages = [
        staff.get(url("template", template.uid), {"merged": str(service.uid)}),
        staff.get(url("edit-template", template.uid), {"merged": str(service.uid)}),
        staff.post(url("preview-template", "gateway"), posted("gateway", merged=str(service.uid))),
    ]
    for page in pages:
        text = text_of(page)
        assert service.account.name in text
        assert "\N{BULLET}" * 8 in text
        for secret in (opened["trunk_password"], opened["extensions"]["1001"]["sip"], "x" * 20):
            assert secret not in text


def test_a_preview_says_what_the_pbx_would_refuse(
    staff: Browser, shop: Shop, people: People
) -> None:
    # As an older release may have saved it.
    for name, music in (("a", "{once}"), ("b", "$1"), ("c", "a<b")):
        template = make("inbound", name, hold_music=music)
        answer = staff.get(url("template", template.uid))
        assert answer.status_code == 200
        assert "With this order the PBX could not take it" in text_of(answer)


def test_who_may_only_look_sees_no_button(shop: Shop, people: People) -> None:
    template = make("gateway", "Toronto", ping=30)
    browser = Browser()
    browser.force_login(make_user("robin", None, is_staff=True, role="read-only"))
    page = text_of(browser.get(url("template", template.uid)))
    assert "Ping every" in page
    for name in ("edit-template", "delete-template"):
        assert url(name, template.uid) not in page
        assert browser.post(url(name, template.uid)).status_code == 403
    assert url("new-template", "gateway") not in text_of(browser.get(url("templates")))
    assert browser.post(url("preview-template", "gateway"), posted("gateway")).status_code == 403


def test_unknown_kinds_and_templates_are_not_found(staff: Browser, shop: Shop) -> None:
    assert staff.get(url("new-template", "moon")).status_code == 404
    assert staff.post(url("preview-template", "moon")).status_code == 404
    assert staff.get(url("template", uuid.uuid4())).status_code == 404
