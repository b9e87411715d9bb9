"""What staff types about papers: what to correct and why, and a document for the client."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from ringup.core.sentences import Refusal
from ringup.regulatory.correcting import correctable
from ringup.regulatory.models import RegulatoryFile
from ringup.regulatory.wanted_documents import WantedDocument


def asked_in(posted: QueryDict, file: RegulatoryFile) -> dict[str, str]:
    """What was ticked to be corrected, with the words for the client beside it."""
    ticked = set(posted.getlist("what"))
    return {
        name: posted.get(f"words-{name}", "").strip()
        for name in correctable(file)
        if name in ticked
    }


class DocumentForm(forms.Form):
    """One document for a slot. ``regulatory.uploading`` judges what is in it."""

    type = forms.ChoiceField(label="Kind of document")
    dated = forms.DateField(
        label="Date on the document",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The day that the bill or statement bears.",
    )
    file = forms.FileField(
        label="File",
        help_text="JPG, PNG or PDF, at most 10 MB.",
        widget=forms.ClearableFileInput(attrs={"accept": ".jpg,.jpeg,.png,.pdf"}),
        error_messages={"required": "Choose a file. Nothing was stored."},
    )

    def __init__(self, wanted: WantedDocument, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = self.fields["type"]
        assert isinstance(kinds, forms.ChoiceField)
        kinds.choices = [(one.key, one.name) for one in wanted.types]
        if not wanted.needs_date:
            del self.fields["dated"]

    def cleaned_document(self) -> dict[str, Any]:
        """As ``add_document`` takes it."""
        file = self.cleaned_data["file"]
        return {
            "type_key": self.cleaned_data["type"],
            "dated": self.cleaned_data.get("dated"),
            "name": file.name,
            "content": file.read(),
        }

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal at its field, or above all."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
