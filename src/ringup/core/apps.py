"""Django's handle on the ground."""

from importlib import import_module

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "ringup.core"
    label = "core"

    def ready(self) -> None:
        # Checks need models, and models need the apps to be ready.
        import_module("ringup.core.checks")
