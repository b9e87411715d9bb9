"""Django's handle on this part."""

from django.apps import AppConfig


class ProvisioningConfig(AppConfig):
    name = "ringup.provisioning"
    label = "provisioning"
