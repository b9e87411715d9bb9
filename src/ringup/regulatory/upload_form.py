"""What an upload posts: the same in every face."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from ringup.core.actors import Actor
from ringup.core.sentences import Refusal
from ringup.regulatory.models import Document, RegulatoryFile
from ringup.regulatory.sound_files import NO_FILE, require_size
from ringup.regulatory.uploading import NO_DATE, add_document


class UploadForm(forms.Form):
    """One document. What is missing or wrong in it is said by the verb, for the row that it is about."""

    slot = forms.CharField(max_length=100)
    type = forms.CharField(max_length=80, required=False)
    dated = forms.DateField(required=False, error_messages={"invalid": NO_DATE})
    file = forms.FileField(required=False, allow_empty_file=True, max_length=1000)

    def value(self, name: str) -> Any:
        """What was typed, as far as it is sound."""
        return self.cleaned_data.get(name)

    @property
    def slot_typed(self) -> str:
        return str(self.value("slot") or "")

    @property
    def chosen(self) -> str:
        return str(self.value("type") or "")

    @property
    def dated_typed(self) -> date | None:
        day: date | None = self.value("dated")
        return day


def uploaded(request: HttpRequest) -> UploadForm:
    """The form of a request, cleaned as far as it goes."""
    form = UploadForm(request.POST, request.FILES)
    form.is_valid()
    return form


def receive(form: UploadForm, file: RegulatoryFile, *, actor: Actor) -> Document:
    """Add what was posted. ``Refusal`` says what to do."""
    if "dated" in form.errors:
        raise Refusal(NO_DATE, field="dated")
    sent: UploadedFile | None = form.value("file")
    if sent is None:
        raise Refusal(NO_FILE, field="file")
    require_size(sent.size or 0)
    return add_document(
        file,
        slot=form.slot_typed,
        type_key=form.chosen,
        name=sent.name or "",
        content=sent.read(),
        dated=form.dated_typed,
        actor=actor,
    )
