"""Django's handle on this part."""

from django.apps import AppConfig


class CarriersConfig(AppConfig):
    name = "ringup.carriers"
    label = "carriers"
