"""Django's handle on this part."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "ringup.accounts"
    label = "accounts"
