"""The queue, orders and runs."""

from django.urls import path

from ringup.backoffice.views import (
    approving_many,
    changing_orders,
    my_mails,
    orders,
    queue,
    runs,
    saved_views,
    talking,
)

urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("queue/export/", queue.export, name="queue-export"),
    path("approve/", approving_many.approve_many, name="approve-many"),
    path("my-mails/", my_mails.my_mails, name="my-mails"),
    path("queue/views/", saved_views.save, name="save-view"),
    path("queue/views/<uuid:uid>/delete/", saved_views.delete, name="delete-view"),
    path("orders/<uuid:uid>/", orders.order, name="order"),
    path("orders/<uuid:uid>/approve/", orders.approve, name="approve"),
    path("orders/<uuid:uid>/check/", orders.check, name="check"),
    path("orders/<uuid:uid>/reject/", orders.reject, name="reject"),
    path("orders/<uuid:uid>/cancel/", changing_orders.cancel, name="cancel"),
    path("orders/<uuid:uid>/number/", changing_orders.choose_number, name="choose-number"),
    path(
        "orders/<uuid:uid>/number/back/",
        changing_orders.withdraw_proposal,
        name="withdraw-proposal",
    ),
    path("orders/<uuid:uid>/address/", changing_orders.domain, name="rename"),
    path("orders/<uuid:uid>/proof/", changing_orders.ask_for_proof, name="ask-for-proof"),
    path("orders/<uuid:uid>/write/", talking.write, name="write"),
    path("orders/<uuid:uid>/question/back/", talking.withdraw_question, name="withdraw-question"),
    path("orders/<uuid:uid>/note/", talking.note, name="note"),
    path("orders/<uuid:uid>/support/", orders.support, name="support"),
    path("orders/<uuid:uid>/new-link/", orders.new_link, name="new-link"),
    path("orders/<uuid:uid>/runs/<uuid:run>/resume/", runs.resume, name="resume"),
    path("orders/<uuid:uid>/runs/<uuid:run>/undo/", runs.undo, name="undo"),
    path("orders/<uuid:uid>/steps/<int:step>/skip/", runs.skip, name="skip"),
]
