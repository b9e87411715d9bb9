"""Approving several orders of the queue with one button."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.orders.many import bills, candidates, chosen_orders
from ringup.flows.orders import approving_many


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_ORDERS)
def approve_many(request: HttpRequest) -> HttpResponse:
    """First the plan of each and what all of them cost; the button approves exactly those."""
    if request.method == "POST":
        orders = chosen_orders(request.POST.getlist("order"))
        seen = [(order, request.POST.get(f"digest-{order.uid}", "")) for order in orders]
        results = approving_many.approve_many(seen, actor=actor_of(request))
        done = sum(not result.refusal for result in results)
        context = {"nav": "queue", "results": results, "done": done}
        return render(request, "office/approved_many.html", context)
    found = candidates(chosen_orders(request.GET.getlist("order")))
    ready = [one for one in found if not one.why]
    context = {
        "nav": "queue",
        "ready": ready,
        "not_ready": [one for one in found if one.why],
        "bills": bills(ready),
    }
    return render(request, "office/approve_many.html", context)
