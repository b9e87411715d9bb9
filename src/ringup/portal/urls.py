"""Addresses of the client portal."""

from django.urls import path

from ringup.portal import data, joining, papers, people, profile, service_page, talking, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("orders/<uuid:uid>/", views.order, name="order"),
    path("orders/<uuid:uid>/cancel/", views.cancel, name="cancel"),
    path("orders/<uuid:uid>/number/", views.choose_number, name="choose-number"),
    path("orders/<uuid:uid>/write/", talking.write, name="write"),
    path("orders/<uuid:uid>/take/", talking.take, name="take-proposal"),
    path("orders/<uuid:uid>/leave/", talking.leave, name="leave-proposal"),
    path("orders/<uuid:uid>/papers/", papers.papers, name="order-papers"),
    path("orders/<uuid:uid>/papers/upload/", papers.upload, name="order-papers-upload"),
    path("orders/<uuid:uid>/papers/correct/", papers.correct, name="order-papers-correct"),
    path("orders/<uuid:uid>/papers/send/", papers.send, name="order-papers-send"),
    path("orders/<uuid:uid>/papers/<uuid:document>/", papers.document, name="order-document"),
    path(
        "orders/<uuid:uid>/papers/<uuid:document>/preview/",
        papers.preview,
        name="order-document-preview",
    ),
    path("services/<uuid:uid>/", service_page.service, name="service"),
    path("services/<uuid:uid>/connection/", service_page.connection, name="service-connection"),
    path("services/<uuid:uid>/ask/", service_page.ask, name="service-ask"),
    path("services/<uuid:uid>/new-link/", views.new_link, name="new-link"),
    path("secrets/<str:token>/", views.secrets, name="secrets"),
    path("join/<str:token>/", joining.join, name="join"),
    path("act-for/<uuid:uid>/", people.act_for, name="act-for"),
    path("leave/<uuid:uid>/", people.leave, name="leave"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invitations/<uuid:uid>/again/", people.invite_again, name="invite-again"),
    path("people/invitations/<uuid:uid>/back/", people.take_back, name="invite-back"),
    path("people/<uuid:uid>/role/", people.change_role, name="member-role"),
    path("people/<uuid:uid>/remove/", people.remove, name="member-remove"),
    path("company/", profile.company, name="company"),
    path("profile/", profile.profile, name="profile"),
    path("profile/mails/<uuid:uid>/", profile.topics, name="topics"),
    path("profile/e-mail/", profile.email, name="email"),
    path("profile/e-mail/verify/", profile.email_verify, name="email-verify"),
    path("profile/e-mail/keep/", profile.email_drop, name="email-drop"),
    path("profile/e-mail/<str:token>/", profile.email_confirm, name="email-confirm"),
    path("profile/devices/<uuid:uid>/", profile.device_out, name="device-out"),
    path("data/", data.data, name="data"),
    path("data/file/", data.export, name="data-export"),
    path("data/close/", data.close, name="data-close"),
]
