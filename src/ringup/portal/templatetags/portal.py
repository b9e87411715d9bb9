"""``{% load portal %}``: for which client a reader acts, and what he may do there."""

from __future__ import annotations

from django import template
from django.http import HttpRequest
from django.template import Context

from ringup.accounts.access import membership_of, memberships_of
from ringup.accounts.member_roles import May
from ringup.accounts.models import Membership

register = template.Library()


@register.simple_tag(takes_context=True)
def acting_membership(context: Context) -> Membership | None:
    """``{% acting_membership as membership %}``: None for guests and people without a client."""
    request = context.get("request")
    return membership_of(request) if isinstance(request, HttpRequest) else None


@register.simple_tag(takes_context=True)
def other_memberships(context: Context) -> list[Membership]:
    """``{% other_memberships as others %}``: the clients that the reader can change to."""
    request = context.get("request")
    if not isinstance(request, HttpRequest):
        return []
    present = membership_of(request)
    return [row for row in memberships_of(request) if row != present]


@register.filter
def may(membership: object, capability: str) -> bool:
    """``{% if membership|may:"edit-people" %}``: hides what the server would refuse anyway."""
    return isinstance(membership, Membership) and membership.may(May(capability))
