"""Django's handle on this part."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "ringup.shop"
    label = "shop"
