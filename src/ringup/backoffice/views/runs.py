"""What staff can do with a run that stands still: resume it, undo it, skip a step of it."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.orders.access import order_for_staff, run_for_staff, step_for_staff
from ringup.backoffice.orders.run_card import run_card
from ringup.backoffice.views.orders import answer, decision, for_a_reason
from ringup.flows.orders import approving


@require_POST
@allowed(Can.WORK_ORDERS)
def resume(request: HttpRequest, uid: uuid.UUID, run: uuid.UUID) -> HttpResponse:
    """Go on from the step that failed. Finished steps are not repeated."""
    order = order_for_staff(request, uid)
    row = run_for_staff(request, order, run)
    return answer(
        request,
        order,
        lambda: approving.resume(row, actor=actor_of(request)),
        said=f"{order.label} goes on. Finished steps are not repeated.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_ORDERS)
def undo(request: HttpRequest, uid: uuid.UUID, run: uuid.UUID) -> HttpResponse:
    """Take everything back that the run made. The question names what is lost."""
    order = order_for_staff(request, uid)
    row = run_for_staff(request, order, run)
    if request.method == "POST":
        return answer(
            request,
            order,
            lambda: approving.take_back(row, actor=actor_of(request)),
            said=f"{order.label} is being undone, newest step first.",
        )
    return decision(request, "undo", {"order": order, "card": run_card(row)})


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_ORDERS)
def skip(request: HttpRequest, uid: uuid.UUID, step: int) -> HttpResponse:
    """Go on without the proof that the gateway is registered, for a written reason."""
    order = order_for_staff(request, uid)
    row = step_for_staff(request, order, step)
    return for_a_reason(
        request,
        "skip",
        order,
        lambda reason: approving.skip_step(row, reason=reason, actor=actor_of(request)),
        said=f"Skipped. The reason is kept in the history of {order.label}.",
        step=row,
    )
