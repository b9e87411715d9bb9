"""Carrier accounts, called providers on screen, and the number search at one of them."""

from django.urls import path

from ringup.backoffice.views import index_search, number_search, providers

urlpatterns = [
    path("providers/", providers.index, name="providers"),
    path("providers/add/<slug:kind>/", providers.add, name="add-provider"),
    path("providers/release/<slug:kind>/", providers.release, name="release-provider"),
    path("providers/<uuid:uid>/", providers.edit, name="provider"),
    path("providers/<uuid:uid>/test/", providers.test, name="test-provider"),
    path("providers/<uuid:uid>/use/", providers.change_use, name="use-provider"),
    path("providers/<uuid:uid>/delete/", providers.delete, name="delete-provider"),
    path("number-search/", number_search.search, name="number-search"),
    path("number-search/index/", index_search.search, name="index-search"),
]
