"""Django's handle on this part."""

from django.apps import AppConfig


class CliConfig(AppConfig):
    name = "ringup.cli"
    label = "cli"
