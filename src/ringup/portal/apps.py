"""Django's handle on this part."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "ringup.portal"
    label = "portal"
