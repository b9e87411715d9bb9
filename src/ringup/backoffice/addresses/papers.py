"""The papers of an order's number: looking, asking, and the documents."""

from django.urls import path

from ringup.backoffice.views import papers, papers_phases

urlpatterns = [
    path("orders/<uuid:uid>/papers/", papers.papers, name="papers"),
    path("orders/<uuid:uid>/papers/correction/", papers.ask, name="papers-ask"),
    path("orders/<uuid:uid>/papers/correction/back/", papers.withdraw, name="papers-withdraw"),
    path(
        "orders/<uuid:uid>/papers/documents/<uuid:document>/",
        papers.document,
        name="papers-document",
    ),
    path(
        "orders/<uuid:uid>/papers/documents/<uuid:document>/preview/",
        papers.preview,
        name="papers-preview",
    ),
    path("orders/<uuid:uid>/papers/add/<slug:slot>/", papers.upload, name="papers-upload"),
    path("orders/<uuid:uid>/papers/submit/", papers_phases.submit, name="papers-submit"),
    path("orders/<uuid:uid>/papers/proofs/", papers_phases.upload_proofs, name="papers-proofs"),
    path("orders/<uuid:uid>/papers/uploaded/", papers_phases.mark_uploaded, name="papers-uploaded"),
    path("orders/<uuid:uid>/papers/check/", papers_phases.check_status, name="papers-check"),
    path("orders/<uuid:uid>/papers/again/", papers_phases.submit_again, name="papers-again"),
    path("orders/<uuid:uid>/papers/reset/", papers_phases.reset, name="papers-reset"),
    path("orders/<uuid:uid>/papers/order/", papers_phases.place_order, name="place-order"),
]
