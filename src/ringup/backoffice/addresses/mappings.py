"""Product mappings, and what is not on sale."""

from __future__ import annotations

from django.urls import path

from ringup.backoffice.views import mappings
from ringup.catalog.choosing import Method

urlpatterns = [
    path("mappings/", mappings.mappings, name="mappings"),
    path("mappings/bundles/", mappings.save, {"method": Method.BUNDLE}, name="map-bundles"),
    path("mappings/groups/", mappings.save, {"method": Method.GROUP}, name="map-groups"),
    path("mappings/products/", mappings.save, {"method": Method.SINGLE}, name="map-products"),
    path("mappings/undo/", mappings.undo, name="undo-mappings"),
    path("mappings/not-on-sale/", mappings.not_on_sale, name="not-on-sale"),
]
