"""The words of mails: the list, the editor with its preview, a test to oneself, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts.access import actor_of, allowed, user_of
from ringup.accounts.brands import default_brand
from ringup.accounts.models import Brand
from ringup.accounts.roles import Can
from ringup.backoffice.mails.editor import PARTS, WordsForm, differences, insertions
from ringup.backoffice.mails.framed import framed
from ringup.core.limiting import Limit, count
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows.mails.samples import samples_for, values_for
from ringup.mail import templating
from ringup.mail.events import MailEvent, all_events, event_of
from ringup.mail.faces import LANGUAGES, face_of
from ringup.mail.framing import with_logo_inside
from ringup.mail.language import BadTemplate
from ringup.mail.models import MailTemplate
from ringup.mail.templating import BadWords
from ringup.mail.wording import Wording, delivered, faults_of, fill, starting_point

TEST_MAILS = Limit("mail-tests", times=20, seconds=600)


@dataclass(frozen=True, slots=True)
class Place:
    """Which words are edited: of one mail, brand and language."""

    event: MailEvent
    brand: Brand
    code: str

    @property
    def query(self) -> str:
        return urlencode({"brand": str(self.brand.pk), "language": self.code})

    @property
    def url(self) -> str:
        return f"{reverse('office:mail-template', args=[self.event.name])}?{self.query}"


@require_safe
@allowed(Can.EDIT_MAILS)
def index(request: HttpRequest) -> HttpResponse:
    """Every mail that Ringup sends, and where its words were changed."""
    own: dict[str, list[MailTemplate]] = {}
    for row in MailTemplate.objects.defer("text", "html").order_by("language"):
        own.setdefault(row.event, []).append(row)
    rows = [
        (
            event,
            own.get(event.name, []),
            [code for code in LANGUAGES if delivered(event.name, code)],
        )
        for event in all_events().values()
    ]
    groups = [
        (title, [row for row in rows if row[0].audience == audience])
        for title, audience in (("To clients", "client"), ("To staff", "staff"))
    ]
    brands = {brand.pk: brand.name for brand in Brand.objects.all()}
    context = {"nav": "mail-templates", "groups": groups, "brands": brands}
    return render(request, "office/mail_templates/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_MAILS)
def editor(request: HttpRequest, event: str) -> HttpResponse:
    """Subject, text and page of one mail, for one brand and language."""
    place = _place(request, event)
    row = templating.own_words(place.brand.pk, place.event, place.code)
    if request.method != "POST":
        words = templating.words_of(row, place.event, place.code)
        initial = {part: getattr(words, part) for part in PARTS}
        return _editor(request, place, WordsForm(initial=initial), templating.version_of(row))
    form, seen = WordsForm(request.POST), request.POST.get("version", "")[:64]
    if "insert" in request.POST:
        return _editor(request, place, _inserted(request, form), seen)
    form.is_valid()
    try:
        if "test" in request.POST:
            messages.success(request, _send_test(request, place, form.wording()))
            return _editor(request, place, form, seen)
        if form.is_valid():
            templating.save(
                place.event,
                form.wording(),
                brand_id=place.brand.pk,
                code=place.code,
                actor=actor_of(request),
                seen=seen,
            )
            messages.success(request, "Saved. The next mail is written with these words.")
            return redirect(place.url)
    except BadWords as bad:
        form.tell(bad.faults)
    except Refusal as refusal:
        return _editor(request, place, form, seen, refusal=str(refusal))
    return _editor(request, place, form, seen)


@require_http_methods(["GET", "HEAD", "POST"])
@framed
@allowed(Can.EDIT_MAILS)
def preview(request: HttpRequest, event: str) -> HttpResponse:
    """The mail as it would be read, for the frame: saved words, or those in the editor."""
    place = _place(request, event)
    if request.method == "POST":
        words = WordsForm(request.POST).wording()
    else:
        row = templating.own_words(place.brand.pk, place.event, place.code)
        words = templating.words_of(row, place.event, place.code)
    values = values_for(place.event, _asked(request, "sample"), place.brand.pk)
    face = face_of(place.brand.pk)
    try:
        written = fill(words, place.event, values, face=face, code=place.code)
    except BadTemplate as bad:
        faults = faults_of(words, place.event)
        context = {
            "parts": [(PARTS[part], found) for part, found in faults.items()] or [("", bad.faults)]
        }
        return render(request, "office/mail_templates/_faults.html", context, status=422)
    if _asked(request, "form") == "text":
        return render(request, "office/mail_templates/_text.html", {"written": written})
    return HttpResponse(with_logo_inside(written.html, face))


@require_POST
@allowed(Can.EDIT_MAILS)
def reset(request: HttpRequest, event: str) -> HttpResponse:
    """Back to the delivered words."""
    place, seen = _place(request, event), request.POST.get("version", "")[:64]
    try:
        templating.reset(
            place.event,
            brand_id=place.brand.pk,
            code=place.code,
            actor=actor_of(request),
            seen=seen,
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The delivered words count again.")
    return redirect(place.url)


def _asked(request: HttpRequest, name: str) -> str:
    given = request.POST if request.method == "POST" else request.GET
    return given.get(name, request.GET.get(name, "")).replace("\x00", "")[:80]


def _place(request: HttpRequest, name: str) -> Place:
    event = event_of(name)
    if event is None:
        raise Http404
    key, code = _asked(request, "brand"), _asked(request, "language")
    is_key = key.isascii() and key.isdigit() and len(key) < 19
    brand = Brand.objects.filter(pk=int(key)).first() if is_key else None
    return Place(event, brand or default_brand(), code if code in LANGUAGES else "en")


def _inserted(request: HttpRequest, form: WordsForm) -> WordsForm:
    """Without a script: the merge field stands at the end of the chosen part."""
    words, part = form.wording(), request.POST.get("part", "")
    initial = {name: getattr(words, name) for name in PARTS}
    if part in PARTS:
        initial[part] = f"{initial[part]} {request.POST['insert'][:200]}".strip()
    return WordsForm(initial=initial)


def _send_test(request: HttpRequest, place: Place, words: Wording) -> str:
    user = user_of(request)
    assert user is not None  # the guard has looked
    if not count(TEST_MAILS, str(user.pk)):
        raise Refusal(f"Wait {TEST_MAILS.minutes} minutes before the next test. Nothing was sent.")
    templating.send_sample(
        place.event,
        words,
        values_for(place.event, _asked(request, "sample"), place.brand.pk),
        brand_id=place.brand.pk,
        face=face_of(place.brand.pk),
        code=place.code,
        to=user.email,
        sender=place.brand.mail_from,
        actor=actor_of(request),
    )
    return f"A test is on its way to {user.email}. Nothing was saved."


def _editor(
    request: HttpRequest, place: Place, form: WordsForm, version: str, *, refusal: str = ""
) -> HttpResponse:
    row = templating.own_words(place.brand.pk, place.event, place.code)
    original = starting_point(place.event.name, place.code)
    subject = f"mail-template:{place.event.name}"
    context: dict[str, Any] = {
        "nav": "mail-templates",
        "place": place,
        "event": place.event,
        "form": form,
        "version": version,
        "row": row,
        "refusal": refusal,
        "fields": insertions(place.event),
        "parts": PARTS,
        "part": _asked(request, "part") or "html",
        "samples": samples_for(place.event, place.brand.pk),
        "sample": _asked(request, "sample"),
        "brands": Brand.objects.order_by("-is_default", "name"),
        "languages": LANGUAGES,
        "is_translated": delivered(place.event.name, place.code) is not None,
        "differences": differences(original, form.wording()),
        "history": Activity.objects.filter(subject=subject).order_by("-pk")[:8],
        "subject": subject,
    }
    status = 422 if form.errors or refusal else 200
    return render(request, "office/mail_templates/editor.html", context, status=status)
