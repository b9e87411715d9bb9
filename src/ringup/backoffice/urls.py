"""Addresses of the back office."""

from django.urls import include, path

app_name = "office"
urlpatterns = [
    path("", include("ringup.backoffice.addresses.home")),
    path("", include("ringup.backoffice.addresses.orders")),
    path("", include("ringup.backoffice.addresses.papers")),
    path("", include("ringup.backoffice.addresses.acting")),
    path("", include("ringup.backoffice.addresses.new_order")),
    path("", include("ringup.backoffice.addresses.clients")),
    path("", include("ringup.backoffice.addresses.inventory")),
    path("", include("ringup.backoffice.addresses.own_stock")),
    path("", include("ringup.backoffice.addresses.catalogue")),
    path("", include("ringup.backoffice.addresses.pricing")),
    path("", include("ringup.backoffice.addresses.rules")),
    path("", include("ringup.backoffice.addresses.mappings")),
    path("", include("ringup.backoffice.addresses.providers")),
    path("", include("ringup.backoffice.addresses.stock")),
    path("", include("ringup.backoffice.addresses.servers")),
    path("", include("ringup.backoffice.addresses.templates")),
    path("", include("ringup.backoffice.addresses.staff")),
    path("", include("ringup.backoffice.addresses.settings")),
    path("", include("ringup.backoffice.addresses.health")),
    path("", include("ringup.backoffice.addresses.mails")),
]
