"""The health page and its exports."""

from __future__ import annotations

from django.urls import path

from ringup.backoffice.views import health

urlpatterns = [
    path("health/", health.page, name="health"),
    path("health/check/", health.check, name="health-check"),
    path("health/export.csv", health.spreadsheet, name="health-csv"),
    path("health/report.pdf", health.printed, name="health-pdf"),
]
