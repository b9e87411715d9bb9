"""Staff, roles and the activity log."""

from __future__ import annotations

from django.urls import path

from ringup.backoffice.views import activity, staff

urlpatterns = [
    path("staff/", staff.staff, name="staff"),
    path("staff/invite/", staff.invite, name="staff-invite"),
    path("staff/roles/", staff.roles, name="staff-roles"),
    path("staff/<uuid:uid>/", staff.member, name="member"),
    path("staff/<uuid:uid>/invite/", staff.invite_again, name="member-invite"),
    path("staff/<uuid:uid>/off/", staff.switch_off, name="member-off"),
    path("staff/<uuid:uid>/on/", staff.switch_on, name="member-on"),
    path("staff/<uuid:uid>/two-step/reset/", staff.reset_second_step, name="member-reset"),
    path("activity/", activity.activity, name="activity"),
    path("activity/export/", activity.export, name="activity-export"),
]
