"""Django's handle on this part."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "ringup.backoffice"
    label = "backoffice"
