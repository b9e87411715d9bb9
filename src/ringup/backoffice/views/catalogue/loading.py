"""How the catalogue's views load their rows. Staff sees all of them."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from ringup.catalog.bundling import PREFETCH
from ringup.catalog.models import Bundle, CustomField, Product, ProductGroup, ProductOption

_MAPPING = ("group", "mapping__account__defaults", "mapping__server")
_GROUP_MAPPING = ("group__mapping__account__defaults", "group__mapping__server")


def product_for_staff(request: HttpRequest, uid: uuid.UUID) -> Product:
    """A product with its group, mapping and prices."""
    rows = Product.objects.select_related(*_MAPPING, *_GROUP_MAPPING).prefetch_related("prices")
    return get_object_or_404(rows, uid=uid)


def bundle_for_staff(request: HttpRequest, uid: uuid.UUID) -> Bundle:
    """A bundle with its products and all prices."""
    rows = Bundle.objects.select_related(*_MAPPING).prefetch_related(*PREFETCH)
    return get_object_or_404(rows, uid=uid)


def group_for_staff(request: HttpRequest, uid: uuid.UUID) -> ProductGroup:
    return get_object_or_404(ProductGroup, uid=uid)


def field_for_staff(request: HttpRequest, uid: uuid.UUID, pk: int) -> CustomField:
    """A custom field of this product."""
    rows = CustomField.objects.select_related("product__group")
    return get_object_or_404(rows, product__uid=uid, pk=pk)


def option_for_staff(request: HttpRequest, uid: uuid.UUID, pk: int) -> ProductOption:
    """An option of this product."""
    rows = ProductOption.objects.select_related("product__group")
    return get_object_or_404(rows, product__uid=uid, pk=pk)
