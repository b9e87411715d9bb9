"""People: staff signs in with a second factor."""

from __future__ import annotations

from allauth.mfa.models import Authenticator

from ringup.accounts.models import User
from ringup.accounts.roles import Role
from ringup.accounts.two_factor import STEPS
from ringup.flows.health.findings import Check, Group, Verdict, doubtful, fine, listed


def second_factors() -> Verdict:
    """Staff whose password alone lets them in."""
    staff = User.objects.filter(is_staff=True, is_active=True)
    protected = Authenticator.objects.filter(type__in=STEPS).values("user")
    without = list(
        staff.exclude(pk__in=protected).order_by("email").values_list("email", flat=True)
    )
    if without:
        return doubtful(
            f"{len(without)} of {staff.count()} sign in with a password alone: "
            f"{listed(without, most=3)}.",
            "Each sets one up in the menu below their name: Your two-step sign-in.",
        )
    return fine(f"Used by all staff ({len(staff)})." if staff else "There is no staff yet.")


def owners() -> Verdict:
    """Somebody must be able to let others in; better two."""
    count = User.objects.filter(is_staff=True, is_active=True, role=Role.OWNER).count()
    if not count:
        return doubtful("There is no owner.", "Make one: ringup first_owner")
    return fine("One." if count == 1 else f"{count}.")


def checks() -> list[Check]:
    return [
        Check(Group.PEOPLE, "Two-step sign-in", second_factors),
        Check(Group.PEOPLE, "Owners", owners),
    ]
