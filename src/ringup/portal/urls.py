"""Addresses of the client portal."""

from django.urls import path

from ringup.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("orders/<uuid:uid>/", views.order, name="order"),
    path("orders/<uuid:uid>/cancel/", views.cancel, name="cancel"),
    path("orders/<uuid:uid>/number/", views.choose_number, name="choose-number"),
    path("services/<uuid:uid>/new-link/", views.new_link, name="new-link"),
    path("secrets/<str:token>/", views.secrets, name="secrets"),
]
