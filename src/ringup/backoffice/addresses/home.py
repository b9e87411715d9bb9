"""The first page, and the search that stands on every page."""

from django.urls import path

from ringup.backoffice.views import home, search

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
]
