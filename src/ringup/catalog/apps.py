"""Django's handle on this part."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "ringup.catalog"
    label = "catalog"
