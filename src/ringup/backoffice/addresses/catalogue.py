"""Product groups, products, bundles, and their prices."""

from __future__ import annotations

from django.urls import path

from ringup.backoffice.views.catalogue import bundles, groups, products, questions, retiring

urlpatterns = [
    path("products/", products.products, name="products"),
    path("products/new/", products.new, name="product-new"),
    path("products/<uuid:uid>/", products.product, name="product"),
    path("products/<uuid:uid>/edit/", products.edit, name="product-edit"),
    path("products/<uuid:uid>/prices/", products.prices, name="product-prices"),
    path("products/<uuid:uid>/fields/new/", questions.new_field, name="field-new"),
    path("products/<uuid:uid>/fields/<int:pk>/", questions.field, name="field"),
    path(
        "products/<uuid:uid>/fields/<int:pk>/remove/", questions.remove_field, name="field-remove"
    ),
    path("products/<uuid:uid>/options/new/", questions.new_option, name="option-new"),
    path("products/<uuid:uid>/options/<int:pk>/", questions.option, name="option"),
    path(
        "products/<uuid:uid>/options/<int:pk>/remove/",
        questions.remove_option,
        name="option-remove",
    ),
    path("products/<uuid:uid>/retire/", retiring.retire_product, name="product-retire"),
    path("products/<uuid:uid>/back/", retiring.bring_back_product, name="product-back"),
    path("products/<uuid:uid>/delete/", retiring.delete_product, name="product-delete"),
    path("bundles/", bundles.bundles, name="bundles"),
    path("bundles/new/", bundles.new, name="bundle-new"),
    path("bundles/<uuid:uid>/", bundles.bundle, name="bundle"),
    path("bundles/<uuid:uid>/edit/", bundles.edit, name="bundle-edit"),
    path("bundles/<uuid:uid>/contents/", bundles.contents, name="bundle-contents"),
    path("bundles/<uuid:uid>/prices/", bundles.prices, name="bundle-prices"),
    path("bundles/<uuid:uid>/retire/", retiring.retire_bundle, name="bundle-retire"),
    path("bundles/<uuid:uid>/back/", retiring.bring_back_bundle, name="bundle-back"),
    path("bundles/<uuid:uid>/delete/", retiring.delete_bundle, name="bundle-delete"),
    path("product-groups/", groups.groups, name="product-groups"),
    path("product-groups/new/", groups.new, name="group-new"),
    path("product-groups/<uuid:uid>/", groups.edit, name="group"),
    path("product-groups/<uuid:uid>/move/", groups.move, name="group-move"),
    path("product-groups/<uuid:uid>/delete/", groups.delete, name="group-delete"),
]
