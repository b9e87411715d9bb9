"""``{% load mails %}``: what pages say of addresses."""

from __future__ import annotations

from django import template

from ringup.mail.bouncing import bounced_addresses

register = template.Library()


@register.simple_tag
def bounced(address: str) -> str:
    """Why the last mail to the address came back; empty where it did not."""
    return bounced_addresses([address]).get(address.lower(), "")
