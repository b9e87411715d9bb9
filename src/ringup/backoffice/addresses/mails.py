"""The log of mails, and their words."""

from __future__ import annotations

from django.urls import path

from ringup.backoffice.views import mail_templates, mails

urlpatterns = [
    path("mails/", mails.index, name="mails"),
    path("mails/<uuid:uid>/", mails.mail, name="mail"),
    path("mails/<uuid:uid>/page/", mails.page, name="mail-page"),
    path("mails/<uuid:uid>/again/", mails.again, name="mail-again"),
    path("mails/<uuid:uid>/address/", mails.correct, name="correct-mail"),
    path("mail-texts/", mail_templates.index, name="mail-templates"),
    path("mail-texts/<slug:event>/", mail_templates.editor, name="mail-template"),
    path("mail-texts/<slug:event>/page/", mail_templates.preview, name="preview-mail"),
    path("mail-texts/<slug:event>/reset/", mail_templates.reset, name="reset-mail-template"),
]
