"""Addresses of signing in and out, of passwords and of the second step. Of django-allauth's own
addresses none is served."""

from django.urls import path

from ringup.accounts import factor_views, second_step_views, views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-in/passkey/", second_step_views.passkey, name="passkey"),
    path("sign-in/passkey/options/", second_step_views.passkey_options, name="passkey-options"),
    path("sign-in/second/", second_step_views.second_step, name="second-step"),
    path(
        "sign-in/second/passkey/", second_step_views.second_step_passkey, name="second-step-passkey"
    ),
    path(
        "sign-in/second/options/", second_step_views.second_step_options, name="second-step-options"
    ),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("confirm/", second_step_views.confirm, name="confirm"),
    path("two-step/", factor_views.two_step, name="two-step"),
    path("two-step/app/", factor_views.app, name="app"),
    path("two-step/passkey/", factor_views.passkey_add, name="passkey-add"),
    path("two-step/passkey/options/", factor_views.passkey_add_options, name="passkey-add-options"),
    path("two-step/remove/<int:pk>/", factor_views.factor_remove, name="factor-remove"),
    path("two-step/codes/", factor_views.codes, name="codes"),
    path("two-step/codes/new/", factor_views.codes_renew, name="codes-renew"),
    path("password/", views.ChangePassword.as_view(), name="change-password"),
    path("password/forgotten/", views.ForgottenPassword.as_view(), name="forgotten-password"),
    path("password/forgotten/sent/", views.ForgottenPasswordSent.as_view(), name="forgotten-sent"),
    path("password/<uidb64>/<token>/", views.SetPassword.as_view(), name="set-password"),
]
