"""The frame that all mails share: the brand above, the mail, where to ask below. Text and HTML."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from ringup.mail.dressing import dress, link_colour, on_colour
from ringup.mail.events import Audience
from ringup.mail.faces import Face

# The logo travels with the mail, so that nothing is fetched from elsewhere when it is read.
LOGO_ID = "logo"
WORDS = {
    "en": {
        "rehearsal": (
            "This is a rehearsal: the order is marked as sandbox, no real number is bought and "
            "nothing is ever charged."
        ),
        "order": "Order",
        "stands": "see where it stands",
        "stuck": "Stuck? Reply to this e-mail",
        "write": "or write to",
        "quote": "and quote",
        "staff": "You get this mail because you are on the staff of",
        "choose": "Choose which ones under My mails in the back office.",
    },
    "fr": {
        "rehearsal": (
            "Ceci est une répétition : la commande est marquée comme essai, aucun vrai numéro "
            "n’est acheté et rien n’est jamais facturé."
        ),
        "order": "Commande",
        "stands": "voir où elle en est",
        "stuck": "Une question ? Répondez à ce message",
        "write": "ou écrivez à",
        "quote": "en indiquant",
        "staff": "Vous recevez ce message parce que vous faites partie de l’équipe de",
        "choose": "Choisissez lesquels sous My mails.",
    },
}


def frame_text(
    body: str, values: Mapping[str, Any], *, face: Face, language: str, audience: Audience
) -> str:
    """The plain text with the frame's lines around it."""
    context = _context(values, face, language, audience) | {"body": body.strip()}
    text = render_to_string("mail/_frame.txt", context)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def frame_html(
    body: str,
    values: Mapping[str, Any],
    *,
    face: Face,
    language: str,
    audience: Audience,
    title: str,
) -> str:
    """The page. ``body`` is rendered and escaped already."""
    dressed = dress(body, accent=face.accent)
    context = _context(values, face, language, audience) | {
        "title": title,
        "body": mark_safe(dressed),  # noqa: S308 - what it names is escaped; other tags are gone
        "on_accent": on_colour(face.accent),
        "link_colour": link_colour(face.accent),
        "logo_id": LOGO_ID if face.logo else "",
    }
    return render_to_string("mail/_frame.html", context)


def with_logo_inside(html: str, face: Face) -> str:
    """The page as a browser can show it: the logo in the page instead of beside it."""
    if not face.logo:
        return html
    data = base64.b64encode(face.logo).decode()
    return html.replace(f"cid:{LOGO_ID}", f"data:{face.logo_type};base64,{data}")


def _context(
    values: Mapping[str, Any], face: Face, language: str, audience: Audience
) -> dict[str, Any]:
    return {
        "words": WORDS.get(language, WORDS["en"]),
        "language": language if language in WORDS else "en",
        "face": face,
        "is_for_staff": audience is Audience.STAFF,
        "is_sandbox": bool(values.get("is_sandbox")),
        "order_label": values.get("order_label", ""),
        "order_url": values.get("order_url", ""),
    }
