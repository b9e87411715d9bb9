"""PBX servers."""

from __future__ import annotations

from django.urls import path

from ringup.backoffice.views import servers

urlpatterns = [
    path("servers/", servers.index, name="servers"),
    path("servers/add/", servers.add, name="add-server"),
    path("servers/<uuid:uid>/", servers.server, name="server"),
    path("servers/<uuid:uid>/edit/", servers.edit, name="edit-server"),
    path("servers/<uuid:uid>/test/", servers.test, name="test-server"),
    path("servers/<uuid:uid>/prepare/", servers.prepare, name="prepare-server"),
    path("servers/<uuid:uid>/use/", servers.change_use, name="use-server"),
    path("servers/<uuid:uid>/delete/", servers.delete, name="delete-server"),
]
