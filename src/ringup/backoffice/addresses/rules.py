"""Promotion codes, taxes and fees."""

from __future__ import annotations

from django.urls import path

from ringup.backoffice.views import promotions, taxes

urlpatterns = [
    path("promotions/", promotions.codes, name="promotions"),
    path("promotions/new/", promotions.new, name="promotion-new"),
    path("promotions/<uuid:uid>/", promotions.edit, name="promotion"),
    path("promotions/<uuid:uid>/retire/", promotions.retire, name="promotion-retire"),
    path("taxes/", taxes.rules, name="taxes"),
    path("taxes/new/", taxes.tax, name="tax-new"),
    path("taxes/<uuid:uid>/", taxes.tax, name="tax"),
    path("taxes/<uuid:uid>/retire/", taxes.retire_tax, name="tax-retire"),
    path("taxes/seller/<uuid:uid>/", taxes.seller, name="tax-seller"),
    path("taxes/exempt/", taxes.exempt, name="tax-exempt"),
    path("taxes/exempt/<uuid:uid>/end/", taxes.tax_again, name="tax-again"),
    path("fees/new/", taxes.fee, name="fee-new"),
    path("fees/<uuid:uid>/", taxes.fee, name="fee"),
    path("fees/<uuid:uid>/retire/", taxes.retire_fee, name="fee-retire"),
]
