"""Clients."""

from django.urls import path

from ringup.backoffice.views import clients

urlpatterns = [
    path("clients/", clients.clients, name="clients"),
    path("clients/export/", clients.export, name="clients-export"),
    path("clients/<uuid:uid>/", clients.client, name="client"),
    path("clients/<uuid:uid>/let-in/", clients.let_in, name="let-in"),
    path("clients/<uuid:uid>/notes/", clients.note, name="client-note"),
    path("clients/<uuid:uid>/notes/<uuid:note>/delete/", clients.delete, name="delete-client-note"),
]
