"""Number price rules, exchange rates, and the CSV of products and prices."""

from __future__ import annotations

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
