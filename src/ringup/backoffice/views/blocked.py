"""Who may not order: the rules, a new one, taking one away."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.blocking import block, unblock
from ringup.accounts.models import BlockRule
from ringup.accounts.roles import Can
from ringup.backoffice.paging import paged
from ringup.core.sentences import Refusal


class BlockForm(forms.Form):
    """One rule."""

    kind = forms.ChoiceField(label="What", choices=BlockRule.Kind.choices)
    value = forms.CharField(
        label="Which",
        max_length=254,
        help_text="anna@example.com, example.com, 203.0.113.0/24 or +1 416 555 0142",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(
        label="Reason", max_length=200, required=False, help_text="For your colleagues alone."
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_ORDERS)
def blocked(request: HttpRequest) -> HttpResponse:
    """All rules, the newest first, and the form of another."""
    form = BlockForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            rule = block(**form.cleaned_data, actor=actor_of(request))
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"{rule.value} can order no more.")
            return redirect("office:blocked")
    context = {
        "nav": "blocked",
        "form": form,
        "paged": paged(request, BlockRule.objects.order_by("-pk")),
    }
    return render(request, "office/settings/blocked.html", context, status=_status(form))


def _status(form: BlockForm) -> int:
    return 422 if form.errors else 200


@require_POST
@allowed(Can.WORK_ORDERS)
def remove(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Take a rule away. One that is away already stays so."""
    rule = BlockRule.objects.filter(uid=uid).first()
    if rule is not None:
        unblock(rule, actor=actor_of(request))
        messages.success(request, f"The rule about {rule.value} is gone.")
    return redirect("office:blocked")
