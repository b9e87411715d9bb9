"""The shelf of own numbers, and its CSV."""

from __future__ import annotations

from django.urls import path

from ringup.backoffice.views import own_stock, own_stock_csv

urlpatterns = [
    path("own-stock/", own_stock.shelf, name="own-stock"),
    path("own-stock/export/", own_stock.export, name="own-stock-export"),
    path("own-stock/import/", own_stock_csv.upload, name="own-stock-import"),
    path("own-stock/change/", own_stock.change, name="own-stock-change"),
    path("own-stock/new/", own_stock.new, name="own-stock-new"),
    path("own-stock/<uuid:uid>/", own_stock.number, name="own-stock-number"),
]
