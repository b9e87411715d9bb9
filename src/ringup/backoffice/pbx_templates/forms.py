"""The form of a PBX template, made from the declarations of ``pbx.template_fields``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from ringup.backoffice.sections import Section
from ringup.pbx.custom_routes import BadRoutes, read_routes, shown_routes
from ringup.pbx.merging import BadValues, checked
from ringup.pbx.models import PbxTemplate
from ringup.pbx.template_fields import (
    FIELDS,
    MERGE_FIELDS,
    OUTBOUND,
    FieldKind,
    TemplateField,
    field_of,
)
from ringup.pbx.templating import Written

NAMING = Section("Template", ("name", "note"))
_DIALLED = field_of(OUTBOUND, "open").section
LEDES = {
    "Identity": "The password is always the one that Ringup makes for the order, or the carrier's: no "
    "template holds one.",
    "In the dialplan": "The context is always public: there FusionPBX looks for calls from outside, "
    "and only there it says whose call it is. Which extension rings, the order says.",
    _DIALLED: "911, 933 and 988 always have their own routes. No template takes them "
    "away or comes before them.",
}


class TemplateForm(forms.Form):
    """Name, note and the fields of one kind. ``written()`` is what the verbs take."""

    name = forms.CharField(label="Name", max_length=80)
    note = forms.CharField(
        label="Note", max_length=200, required=False, help_text="For your colleagues."
    )

    def __init__(
        self, kind: str, *args: Any, template: PbxTemplate | None = None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.kind = kind
        self.values: dict[str, Any] = {}
        for one in FIELDS[kind]:
            self.fields[one.name] = _field(one)
        if kind == OUTBOUND:
            self.fields["confirmed"] = forms.BooleanField(
                label="Yes, tenants of this template may call numbers that cost extra",
                required=False,
                help_text="Only asked when foreign, island or premium numbers are opened. Stolen "
                "phone passwords are used to call exactly those, usually at night; limit the "
                "calls at once, and watch the carrier's balance.",
            )

    def clean(self) -> dict[str, Any]:
        """Check by the rules of the kind; each sentence stands at its field."""
        raw: dict[str, Any] = {}
        for one in FIELDS[self.kind]:
            if one.name not in self.cleaned_data:
                continue
            try:
                raw[one.name] = _raw(one, self.cleaned_data[one.name])
            except BadRoutes as error:
                self.add_error(one.name, str(error))
        try:
            self.values = checked(self.kind, raw)
        except BadValues as error:
            for name, sentence in error.errors.items():
                if name not in self.errors:
                    self.add_error(name, sentence)
        return self.cleaned_data

    def written(self) -> Written:
        """What staff typed, checked."""
        return Written(
            name=self.cleaned_data["name"],
            note=self.cleaned_data["note"],
            values=self.values,
            confirmed=bool(self.cleaned_data.get("confirmed")),
        )


def sections_for(kind: str) -> tuple[Section, ...]:
    """The cards of the form, in the sequence of the declarations."""
    titles = list(dict.fromkeys(one.section for one in FIELDS[kind]))
    cards = tuple(
        Section(
            title,
            tuple(one.name for one in FIELDS[kind] if one.section == title)
            + (("confirmed",) if title == _DIALLED else ()),
            LEDES.get(title, ""),
        )
        for title in titles
    )
    return (NAMING, *cards)


def merge_fields_of(kind: str) -> list[tuple[str, str]]:
    """The merge fields that any field of the kind takes, with their meaning."""
    used = frozenset[str]().union(*(one.merges for one in FIELDS[kind]))
    return [(f"{{{name}}}", words) for name, words in MERGE_FIELDS.items() if name in used]


def initial_of(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields show of a template's values; what it lacks has its default."""
    return {one.name: _shown(one, values.get(one.name, one.default)) for one in FIELDS[kind]}


def _shown(one: TemplateField, value: Any) -> Any:
    if one.kind is FieldKind.ROUTES:
        return shown_routes(value or ())
    if one.kind is FieldKind.NETWORKS:
        return "\n".join(value or ())
    return list(value) if one.kind is FieldKind.SETS else value


def _raw(one: TemplateField, value: Any) -> Any:
    return read_routes(value) if one.kind is FieldKind.ROUTES else value


def _field(one: TemplateField) -> forms.Field:
    given: dict[str, Any] = {
        "label": one.label,
        "required": False,
        "help_text": one.help,
        "initial": _shown(one, one.default),
    }
    match one.kind:
        case FieldKind.YES_NO:
            return forms.BooleanField(**given)
        case FieldKind.CHOICE:
            return forms.ChoiceField(choices=one.choices, **given)
        case FieldKind.SETS:
            return forms.MultipleChoiceField(
                choices=one.choices, widget=forms.CheckboxSelectMultiple, **given
            )
        case FieldKind.NUMBER:
            return _number(one, given)
        case FieldKind.ROUTES | FieldKind.NETWORKS:
            area = forms.Textarea(attrs={"rows": 5, "spellcheck": "false"})
            return forms.CharField(max_length=one.longest, widget=area, **given)
        case _:
            plain = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
            return forms.CharField(max_length=one.longest, widget=plain, **given)


def _number(one: TemplateField, given: dict[str, Any]) -> forms.IntegerField:
    said = f"Type a whole number from {one.least} to {one.most}."
    messages = {"invalid": said, "min_value": said, "max_value": said}
    return forms.IntegerField(
        min_value=one.least, max_value=one.most, error_messages=messages, **given
    )
