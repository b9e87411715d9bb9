"""Django's own way to know a login by its password; only the query that reads who is signed in is
prepared, since every page asks it."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from ringup.accounts.models import User
from ringup.core.prepared import prepared


@prepared
def _users(pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk)


class Backend(ModelBackend):
    """What ``AUTHENTICATION_BACKENDS`` names."""

    def get_user(self, user_id: int) -> User | None:
        for user in _users(user_id):
            return user if self.user_can_authenticate(user) else None
        return None
