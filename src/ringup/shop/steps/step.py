"""What every page of the wizard can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.http import QueryDict

from ringup.numbers.holding import Buyer
from ringup.orders.models import Draft


class Step(ABC):
    """One page of the wizard. ``slug`` is its place in the address and in ``draft.answers``."""

    slug: ClassVar[str]
    title: ClassVar[str]
    template: ClassVar[str]
    # Names of inputs, by which a refusal finds its step.
    inputs: ClassVar[frozenset[str]] = frozenset()

    def applies(self, draft: Draft) -> bool:
        """Whether a draft of this thing has the step at all."""
        return True

    def complete(self, draft: Draft) -> bool:
        """Whether what was answered lets the buyer go on."""
        return self.slug in draft.answers

    def name(self, draft: Draft) -> str:
        """Its name in the stepper."""
        return self.title

    @abstractmethod
    def form(self, draft: Draft, data: QueryDict | None = None) -> Any:
        """The form: bound to ``data``, or with what the draft already knows."""

    @abstractmethod
    def save(self, draft: Draft, form: Any, *, buyer: Buyer) -> None:
        """Keep a valid form's answers. Raises ``Refusal``."""

    def only_looks(self, data: QueryDict) -> bool:
        """Whether the buyer pressed a button that shows what he typed, and keeps nothing of it."""
        return False

    def stays(self, draft: Draft) -> bool:
        """Whether the page is shown again after saving: the buyer says when he goes on."""
        return False

    def context(self, draft: Draft, form: Any) -> dict[str, Any]:
        """What the page shows beside the form."""
        return {}

    def unread(self, draft: Draft, form: Any) -> dict[str, Any]:
        """What stands instead of ``context`` and ``form`` where staff acts as the client, and may not
        read what was told."""
        return {}

    def answers(self, draft: Draft) -> dict[str, Any]:
        found: dict[str, Any] = draft.answers.get(self.slug, {})
        return found
