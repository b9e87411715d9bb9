"""Django's handle on this part."""

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "ringup.flows"
    label = "flows"
