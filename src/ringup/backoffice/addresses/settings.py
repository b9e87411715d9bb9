"""Brand, mail server, and the first-run set-up."""

from __future__ import annotations

from django.urls import path

from ringup.backoffice.views import blocked, brands, first_steps, settings

urlpatterns = [
    path("set-up/", first_steps.set_up, name="set-up"),
    path("first-steps/", first_steps.steps, name="first-steps"),
    path("first-steps/catalogue/", first_steps.catalogue, name="starting-catalogue"),
    path("settings/", brands.default, name="settings"),
    path("settings/brands/", brands.brands, name="brands"),
    path("settings/brands/new/", brands.new, name="brand-new"),
    path("settings/brands/<uuid:uid>/", brands.brand, name="brand"),
    path("settings/brands/<uuid:uid>/delete/", brands.delete, name="brand-delete"),
    path("settings/brands/<uuid:uid>/terms/<int:version>/", brands.terms, name="brand-terms"),
    path("blocked/", blocked.blocked, name="blocked"),
    path("blocked/<uuid:uid>/remove/", blocked.remove, name="blocked-remove"),
    path("settings/mail/", settings.mail_server, name="mail-server"),
    path("settings/mail/test/", settings.test_mail, name="test-mail"),
    path("settings/mail/forget/", settings.forget_mail_server, name="forget-mail-server"),
]
