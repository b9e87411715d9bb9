"""Which mails a member of staff gets: his own choice."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ringup.accounts.access import allowed, user_of
from ringup.accounts.roles import Can
from ringup.accounts.staff_notices import as_usual, choose_notices, notices_of, open_to
from ringup.core.sentences import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.SEE_ORDERS)
def my_mails(request: HttpRequest) -> HttpResponse:
    """The mails of one's role, each with a tick."""
    user = user_of(request)
    assert user is not None  # allowed
    refusal = ""
    if request.method == "POST":
        try:
            if "usual" in request.POST:
                as_usual(user)
            else:
                choose_notices(user, request.POST.getlist("notice"))
        except Refusal as no:
            refusal = str(no)
        else:
            messages.success(request, "Saved. It counts from the next mail on.")
            return redirect("office:my-mails")
    chosen = notices_of(user)
    context = {
        "nav": "my-mails",
        "rows": [(notice, notice in chosen) for notice in open_to(user)],
        "is_usual": user.notices is None,
        "refusal": refusal,
    }
    return render(request, "office/my_mails.html", context, status=422 if refusal else 200)
