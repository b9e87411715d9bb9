"""Addresses of the shop and of the checkout."""

from django.urls import path

from ringup.shop import checkout, views

app_name = "shop"
urlpatterns = [
    path("", views.home, name="home"),
    path("start/", views.start, name="start"),
    path("checkout/<uuid:uid>/", checkout.resume, name="resume"),
    path("checkout/<uuid:uid>/leave/", checkout.leave, name="leave"),
    path("checkout/<uuid:uid>/domain/", checkout.preview_domain, name="preview-domain"),
    path("checkout/<uuid:uid>/<slug:slug>/", checkout.step, name="step"),
]
