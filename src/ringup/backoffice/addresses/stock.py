"""What each provider has on sale."""

from __future__ import annotations

from django.urls import path

from ringup.backoffice.views import stock

urlpatterns = [
    path("providers/<uuid:uid>/stock/", stock.stock, name="stock"),
    path("providers/<uuid:uid>/stock/sync/", stock.sync, name="sync-stock"),
]
