"""Addresses of signing in and out, and of passwords."""

from django.urls import path

from ringup.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("password/", views.ChangePassword.as_view(), name="change-password"),
    path("password/forgotten/", views.ForgottenPassword.as_view(), name="forgotten-password"),
    path("password/forgotten/sent/", views.ForgottenPasswordSent.as_view(), name="forgotten-sent"),
    path("password/<uidb64>/<token>/", views.SetPassword.as_view(), name="set-password"),
]
