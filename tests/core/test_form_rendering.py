"""Inputs that are written without templates have the HTML of Django's own."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from ringup.core.form_rendering import Renderer

pytestmark = pytest.mark.once

WIDGETS = [
    forms.TextInput(attrs={"autocomplete": "off", "required": True, "disabled": False}),
    forms.EmailInput(),
    forms.PasswordInput(render_value=True),
    forms.NumberInput(attrs={"min": 1, "max": "9"}),
    forms.HiddenInput(),
    forms.CheckboxInput(),
    forms.URLInput(attrs={"class": 'a"b'}),
    forms.DateInput(),
    forms.FileInput(attrs={"accept": ".pdf"}),
    forms.RadioSelect(choices=[("a", "A"), ("b", "<B>")]),
    forms.Select(choices=[("a", "A"), ("b", "B")]),
]


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
@pytest.mark.parametrize("value", [None, "", "a", "q\"<&>'é", 7, True])
def test_an_input_is_written_as_django_writes_it(widget: forms.Widget, value: Any) -> None:
    attrs = {"id": "id_x", "aria-describedby": "id_x-help"}
    ours, django = (
        widget.render("x", value, attrs=attrs, renderer=renderer)
        for renderer in (Renderer(), DjangoTemplates())
    )
    assert ours == django
