"""Django's handle on this part."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "ringup.jobs"
    label = "jobs"
