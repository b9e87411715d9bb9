"""Django's handle on this part."""

from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "ringup.services"
    label = "services"
