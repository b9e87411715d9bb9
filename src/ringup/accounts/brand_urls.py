"""Addresses of a brand's colours and logo."""

from django.urls import path

from ringup.accounts import brand_views

app_name = "brand"
urlpatterns = [
    path("colours/<int:look>/<slug:accent>.css", brand_views.colours, name="colours"),
    path("logo/<slug:digest>", brand_views.logo, name="logo"),
]
