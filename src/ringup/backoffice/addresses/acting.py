"""Acting as a client."""

from django.urls import path

from ringup.backoffice.views import acting

urlpatterns = [
    path("act-as/<uuid:uid>/", acting.act_as, name="act-as"),
    path("act-as/end/", acting.stop_acting, name="stop-acting"),
]
