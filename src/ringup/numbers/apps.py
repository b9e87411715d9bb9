"""Django's handle on this part."""

from django.apps import AppConfig


class NumbersConfig(AppConfig):
    name = "ringup.numbers"
    label = "numbers"
