"""Django's handle on this part."""

from django.apps import AppConfig


class RegulatoryConfig(AppConfig):
    name = "ringup.regulatory"
    label = "regulatory"
