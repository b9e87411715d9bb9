"""The mails that staff gets by itself: what they are about, who may read them, and who does."""

from __future__ import annotations

from django.db import models, transaction

from ringup.accounts.models import User
from ringup.accounts.roles import Can, Role
from ringup.core.models import Activity
from ringup.core.sentences import Refusal


class Notice(models.TextChoices):
    """What a mail to staff can be about. Each member of staff chooses among those of his role."""

    NEW_ORDER = "new-order", "A new order waits for approval"
    ORDER_STOPPED = "order-stopped", "An order failed, or its run waits for a person"
    CLIENT_WROTE = "client-wrote", "A client wrote about an order, or answered a question"
    PROPOSAL_ANSWERED = "proposal-answered", "A client took or left a number that we proposed"
    PAPERS = "papers", "Papers wait for review, were rejected, or take long at the provider"
    MAIL_FAILED = "mail-failed", "A mail could not be delivered"
    LOW_BALANCE = "low-balance", "The balance at a provider is low"
    DIFFERENCES = "differences", "A provider's numbers differ from our books"

    @property
    def needs(self) -> Can:
        """Whose role lacks it gets no such mail, whatever he has chosen."""
        return NEEDS.get(self, Can.SEE_ORDERS)


NEEDS = {
    Notice.LOW_BALANCE: Can.SEE_PROVIDERS,
    Notice.DIFFERENCES: Can.SEE_NUMBERS,
}
_ORDERS = frozenset(
    {
        Notice.NEW_ORDER,
        Notice.ORDER_STOPPED,
        Notice.CLIENT_WROTE,
        Notice.PROPOSAL_ANSWERED,
        Notice.PAPERS,
    }
)

# Who gets what while he has chosen nothing himself.
USUAL_NOTICES: dict[str, frozenset[Notice]] = {
    Role.OWNER: frozenset(Notice),
    Role.MANAGER: _ORDERS | {Notice.MAIL_FAILED, Notice.DIFFERENCES},
    Role.PROVISIONING: _ORDERS | {Notice.DIFFERENCES},
    Role.SUPPORT: frozenset({Notice.CLIENT_WROTE}),
}


def open_to(user: User) -> list[Notice]:
    """What this member of staff may choose among, in the order of the page."""
    return [notice for notice in Notice if user.can(notice.needs)]


def notices_of(user: User) -> frozenset[Notice]:
    """What this member of staff gets: his choice, or what is usual for his role."""
    usual = USUAL_NOTICES.get(user.role, frozenset())
    chosen = usual if user.notices is None else frozenset(user.notices)
    return frozenset(notice for notice in open_to(user) if notice in chosen)


def readers(notice: Notice) -> list[User]:
    """To whom such a mail goes, the oldest login first."""
    staff = User.objects.filter(is_staff=True, is_active=True).exclude(email="").order_by("pk")
    return [user for user in staff if notice in notices_of(user)]


def choose_notices(user: User, wanted: list[str]) -> None:
    """Have exactly these mails from now on. Refuses what the role does not allow."""
    known = {notice.value for notice in open_to(user)}
    if not known.issuperset(wanted):
        raise Refusal("Choose among the mails of the list. Nothing was changed.")
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(notices=sorted(set(wanted)))
        what = "chose which mails to get"
        Activity.record(user.as_actor(), f"user:{user.uid}", what, mails=sorted(set(wanted)))
    user.notices = sorted(set(wanted))


def as_usual(user: User) -> None:
    """Have the mails of one's role again, also those that may be added to it."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(notices=None)
        Activity.record(user.as_actor(), f"user:{user.uid}", "chose the usual mails of the role")
    user.notices = None
