"""Django's handle on this part."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "ringup.mail"
    label = "mail"
