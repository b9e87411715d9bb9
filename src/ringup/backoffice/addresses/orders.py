"""The queue, orders and runs."""

from django.urls import path

from ringup.backoffice.views import orders, queue, runs

urlpatterns = [
    path("", queue.home, name="home"),
    path("queue/", queue.queue, name="queue"),
    path("queue/export/", queue.export, name="queue-export"),
    path("orders/<uuid:uid>/", orders.order, name="order"),
    path("orders/<uuid:uid>/approve/", orders.approve, name="approve"),
    path("orders/<uuid:uid>/check/", orders.check, name="check"),
    path("orders/<uuid:uid>/reject/", orders.reject, name="reject"),
    path("orders/<uuid:uid>/number/", orders.choose_number, name="choose-number"),
    path("orders/<uuid:uid>/support/", orders.support, name="support"),
    path("orders/<uuid:uid>/new-link/", orders.new_link, name="new-link"),
    path("orders/<uuid:uid>/runs/<uuid:run>/resume/", runs.resume, name="resume"),
    path("orders/<uuid:uid>/runs/<uuid:run>/undo/", runs.undo, name="undo"),
    path("orders/<uuid:uid>/steps/<int:step>/skip/", runs.skip, name="skip"),
]
