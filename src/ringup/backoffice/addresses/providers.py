"""Carrier accounts, called providers on screen, and the number search at one of them."""

from __future__ import annotations

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
