"""Which part answers under which address."""

from django.urls import include, path

from ringup.carriers import hearing
from ringup.core.health import healthz
from ringup.mail import bouncing

handler500 = "ringup.core.faults.server_error"

urlpatterns = [
    path("healthz", healthz),
    path("hooks/mail/<slug:provider>/", bouncing.heard, name="mail-hook"),
    path("hooks/carriers/<uuid:uid>/", hearing.heard, name="carrier-hook"),
    path("account/", include("ringup.accounts.urls")),
    path("brand/", include("ringup.accounts.brand_urls")),
    path("my/", include("ringup.portal.urls")),
    path("office/", include("ringup.backoffice.urls")),
    path("", include("ringup.shop.urls")),
]
