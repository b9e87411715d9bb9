"""Which part answers under which address."""

from django.urls import include, path

from ringup.core.health import healthz
from ringup.mail.bouncing import heard

handler500 = "ringup.core.faults.server_error"

urlpatterns = [
    path("healthz", healthz),
    path("hooks/mail/<slug:provider>/", heard, name="mail-hook"),
    path("account/", include("ringup.accounts.urls")),
    path("brand/", include("ringup.accounts.brand_urls")),
    path("my/", include("ringup.portal.urls")),
    path("office/", include("ringup.backoffice.urls")),
    path("", include("ringup.shop.urls")),
]
