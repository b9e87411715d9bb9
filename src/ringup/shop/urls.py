"""Addresses of the shop and of the checkout."""

from django.urls import path

from ringup.shop import asking, cart, checkout, keeping, papers, starting, taxing, terms, views

app_name = "shop"
urlpatterns = [
    path("", views.home, name="home"),
    path("terms/", terms.current, name="terms"),
    path("terms/<int:version>/", terms.older, name="terms-version"),
    path("start/", starting.start, name="start"),
    path("select/", starting.select, name="select"),
    path("ask/<slug:ticket>/", asking.ask, name="ask"),
    path("asked/<uuid:uid>/", asking.asked, name="asked"),
    path("checkout/<uuid:uid>/", checkout.resume, name="resume"),
    path("cart/", cart.page, name="cart"),
    path("cart/place/", cart.place, name="place"),
    path("cart/code/", cart.promote, name="promote"),
    path("checkout/<uuid:uid>/remove/", cart.remove, name="remove"),
    path("checkout/<uuid:uid>/leave/", keeping.leave, name="leave"),
    path("checkout/<uuid:uid>/again/", keeping.again, name="again"),
    path("checkout/<uuid:uid>/longer/", keeping.extend, name="extend"),
    path("checkout/<uuid:uid>/taxes/", taxing.preview, name="preview-taxes"),
    path("checkout/<uuid:uid>/domain/", checkout.preview_domain, name="preview-domain"),
    path("checkout/<uuid:uid>/papers/upload/", papers.upload, name="papers-upload"),
    path("checkout/<uuid:uid>/papers/cities/", papers.cities, name="papers-cities"),
    path("checkout/<uuid:uid>/<slug:slug>/", checkout.step, name="step"),
]
