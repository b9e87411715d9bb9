"""Gateway, route and access-list templates."""

from __future__ import annotations

from django.urls import path

from ringup.backoffice.views import templates

urlpatterns = [
    path("pbx-templates/", templates.index, name="templates"),
    path("pbx-templates/new/<slug:kind>/", templates.add, name="new-template"),
    path("pbx-templates/preview/<slug:kind>/", templates.try_out, name="preview-template"),
    path("pbx-templates/<uuid:uid>/", templates.template, name="template"),
    path("pbx-templates/<uuid:uid>/edit/", templates.edit, name="edit-template"),
    path("pbx-templates/<uuid:uid>/delete/", templates.delete, name="delete-template"),
]
