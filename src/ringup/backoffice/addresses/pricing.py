"""Number price rules, exchange rates, and the CSV of products and prices."""

from __future__ import annotations

from django.urls import path

from ringup.backoffice.views import catalogue_csv, exchange_rates, pricing

urlpatterns = [
    path("number-prices/", pricing.price_rules, name="price-rules"),
    path("number-prices/export/", pricing.export, name="price-rules-export"),
    path("number-prices/new/", pricing.new_rule, name="price-rule-new"),
    path("number-prices/<int:pk>/", pricing.edit_rule, name="price-rule"),
    path("number-prices/<int:pk>/delete/", pricing.delete, name="price-rule-delete"),
    path("exchange-rates/", exchange_rates.rates, name="exchange-rates"),
    path("exchange-rates/set/", exchange_rates.put, name="exchange-rate-set"),
    path("exchange-rates/<int:pk>/delete/", exchange_rates.delete, name="exchange-rate-delete"),
    path("catalogue/export/", catalogue_csv.export, name="catalogue-export"),
    path("catalogue/import/", catalogue_csv.upload, name="catalogue-import"),
]
