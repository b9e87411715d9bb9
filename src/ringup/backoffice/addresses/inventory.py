"""Numbers that we own, and what differs between a carrier and us."""

from __future__ import annotations

from django.urls import path

from ringup.backoffice.views import differences, inventory, settling

urlpatterns = [
    path("numbers/", inventory.inventory, name="inventory"),
    path("numbers/export/", inventory.export, name="inventory-export"),
    path("numbers/<uuid:uid>/", inventory.number, name="owned-number"),
    path("numbers/<uuid:uid>/route/", inventory.route, name="route-number"),
    path("numbers/compare/", inventory.compare, name="compare-all"),
    path("numbers/compare/<uuid:uid>/", inventory.compare_one, name="compare-provider"),
    path("numbers/passes/", inventory.passes, name="passes"),
    path("numbers/differences/", differences.differences, name="differences"),
    path("numbers/differences/export/", differences.export, name="differences-export"),
    path("numbers/differences/settle/", differences.settle_many, name="settle-many"),
    path("numbers/differences/<int:pk>/", differences.difference, name="difference"),
    path("numbers/differences/<int:pk>/look/", settling.look, name="look-again"),
    path("numbers/differences/<int:pk>/shelf/", settling.shelve, name="shelve-orphan"),
    path("numbers/differences/<int:pk>/give-back/", settling.give_back, name="give-back"),
    path("numbers/differences/<int:pk>/buy/", settling.buy, name="buy-again"),
    path("numbers/differences/<int:pk>/withdraw/", settling.withdraw, name="withdraw-missing"),
    path(
        "numbers/differences/<int:pk>/reference/",
        settling.write_reference,
        name="write-reference",
    ),
    path("numbers/differences/<int:pk>/cost/", settling.take_cost, name="take-cost"),
    path("numbers/differences/<int:pk>/accept/", settling.accept, name="accept-difference"),
    path(
        "numbers/differences/<int:pk>/accept/undo/",
        settling.unaccept,
        name="unaccept-difference",
    ),
]
