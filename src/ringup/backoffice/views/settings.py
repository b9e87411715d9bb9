"""The mail server."""

from __future__ import annotations

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from ringup.accounts.access import actor_of, allowed, user_of
from ringup.accounts.brands import default_brand
from ringup.accounts.roles import Can
from ringup.backoffice.settings_forms import MailServerForm, TestMailForm
from ringup.core.limiting import Limit, count
from ringup.core.sentences import Refusal
from ringup.mail.configuring import forget_server, save_server, send_test
from ringup.mail.connecting import configured_server

TEST_MAILS = Limit("test-mails", times=10, seconds=600)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_SETTINGS)
def mail_server(request: HttpRequest) -> HttpResponse:
    """The server that mails go out by."""
    form = MailServerForm(
        request.POST if request.method == "POST" else None, stored=configured_server()
    )
    if form.is_valid():
        try:
            save_server(form.wanted(), actor=actor_of(request))
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, "Saved. Now send a test mail.")
            return redirect("office:mail-server")
    return _mail_page(request, form, TestMailForm(initial={"to": _own_address(request)}))


@require_POST
@allowed(Can.EDIT_SETTINGS)
def test_mail(request: HttpRequest) -> HttpResponse:
    """Send one mail now, and say what the server answered."""
    form = TestMailForm(request.POST)
    if form.is_valid():
        row, to = default_brand(), form.cleaned_data["to"]
        try:
            if not count(TEST_MAILS, "all"):
                raise Refusal("Ten test mails in ten minutes are enough. Wait a little.")
            send_test(to=to, sender=row.mail_from, brand=row.name, actor=actor_of(request))
        except Refusal as refusal:
            form.add_error("to", str(refusal))
        else:
            messages.success(request, f"The mail server took a test mail for {to}.")
            return redirect("office:mail-server")
    return _mail_page(request, MailServerForm(stored=configured_server()), form)


@require_POST
@allowed(Can.EDIT_SETTINGS)
def forget_mail_server(request: HttpRequest) -> HttpResponse:
    """Let the settings of the machine count again."""
    forget_server(actor=actor_of(request))
    messages.success(request, "Removed. The settings of the machine count again.")
    return redirect("office:mail-server")


def _mail_page(request: HttpRequest, form: MailServerForm, test: TestMailForm) -> HttpResponse:
    context = {
        "nav": "settings",
        "tab": "mail",
        "form": form,
        "test": test,
        "server": configured_server(),
        "test_action": reverse("office:test-mail"),
    }
    status = max(_status(form), _status(test))
    return render(request, "office/settings/mail.html", context, status=status)


def _own_address(request: HttpRequest) -> str:
    user = user_of(request)
    return user.email if user else ""


def _status(form: BaseForm) -> int:
    return 422 if form.errors else 200
