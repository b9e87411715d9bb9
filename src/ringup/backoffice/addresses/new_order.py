"""Orders that staff places for a client."""

from django.urls import path

from ringup.backoffice.views import new_order

urlpatterns = [
    path("orders/new/", new_order.new_order, name="new-order"),
    path("orders/new/<uuid:uid>/", new_order.begin_order, name="begin-order"),
]
