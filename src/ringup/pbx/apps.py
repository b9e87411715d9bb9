"""Django's handle on this part."""

from django.apps import AppConfig


class PbxConfig(AppConfig):
    name = "ringup.pbx"
    label = "pbx"
