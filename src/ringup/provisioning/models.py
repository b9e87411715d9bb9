"""The journal of the machine: plans as rows, approvals, runs and their steps."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import ClassVar

from django.db import models

from ringup.core.fields import MoneyField, public_uid
from ringup.services.models import Service


class Plan(models.Model):
    """The difference between a service's wanted state and the world, as it was at ``made``.

    ``digest`` is the hash over its rows that the approving form posts back. ``conditions`` are
    shown, not approved: ``[{"ok": true, "text": "The balance is $25.00"}]``. ``problem`` is why no plan
    could be made.
    """

    uid = public_uid()
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="plans")
    generation = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    conditions = models.JSONField(default=list)
    problem = models.TextField(blank=True)
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"plan {self.digest[:8]} for {self.service}"

    @property
    def is_possible(self) -> bool:
        """Whether staff may approve it: it was made, and every condition holds."""
        return not self.problem and all(condition["ok"] for condition in self.conditions)


class Change(models.Model):
    """One row of a plan. Its identity is (key, action, wanted_digest); ``text`` is for people."""

    class Action(models.TextChoices):
        CREATE = "create", "Create"
        CHANGE = "change", "Change"
        REMOVE = "remove", "Remove"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="changes")
    position = models.PositiveSmallIntegerField()
    target = models.CharField(max_length=80)
    key = models.CharField(max_length=120)
    action = models.CharField(max_length=10, choices=Action)
    wanted_digest = models.CharField(max_length=64)
    cost_once = MoneyField()
    cost_monthly = MoneyField()
    undoable = models.BooleanField(default=True)
    text = models.CharField(max_length=400)
    parts = models.JSONField(default=list)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "key"], name="provisioning_change_once"),
            models.CheckConstraint(
                name="provisioning_action_is_known",
                condition=models.Q(action__in=["create", "change", "remove"]),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Approval(models.Model):
    """Staff's consent to exactly the rows of a plan, up to their costs, until a time.

    A remaining row must be among the approved ones and cost no more than ``cost_once`` and
    ``cost_monthly`` there; ``bound_once`` and ``bound_monthly`` hold for all together.
    """

    uid = public_uid()
    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="approval")
    by = models.CharField(max_length=60)
    by_label = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField()
    bound_once = MoneyField()
    bound_monthly = MoneyField()

    def __str__(self) -> str:
        return f"approval of {self.plan} by {self.by_label}"


class Run(models.Model):
    """One execution of an approved plan. One at a time per tenant (or lone number)."""

    class State(models.TextChoices):
        READY = "ready", "Ready"
        RUNNING = "running", "Running"
        WAITING = "waiting", "Waiting"
        FAILED = "failed", "Failed"
        ASKING = "asking", "Asks for approval"
        DONE = "done", "Done"
        UNDOING = "undoing", "Undoing"
        UNDO_FAILED = "undo-failed", "Undo failed"
        UNDONE = "undone", "Undone"

    uid = public_uid()
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="runs")
    # The service whose runs exclude each other: the tenant's for everything that lives in it.
    tenant = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="tenant_runs")
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="runs")
    generation = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.READY)
    problem = models.TextField(blank=True, help_text="for staff, whole")
    client_problem = models.CharField(max_length=300, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)

    # Every legal move, in one place. What is not here cannot happen. A restored backup lets every
    # run that was under way ask.
    MOVES: ClassVar[Mapping[str, Set[str]]] = {
        State.READY: {State.RUNNING, State.ASKING, State.UNDOING},
        State.RUNNING: {State.RUNNING, State.WAITING, State.FAILED, State.ASKING, State.DONE},
        State.WAITING: {State.RUNNING, State.FAILED, State.ASKING, State.UNDOING},
        State.FAILED: {State.RUNNING, State.UNDOING},
        State.ASKING: {State.RUNNING, State.UNDOING},
        State.DONE: frozenset(),
        State.UNDOING: {State.UNDOING, State.UNDONE, State.UNDO_FAILED},
        State.UNDO_FAILED: {State.UNDOING},
        State.UNDONE: frozenset(),
    }
    OPEN = ("ready", "running", "waiting", "failed", "asking", "undoing", "undo-failed")

    class Meta:
        get_latest_by = "pk"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=models.Q(
                    state__in=[
                        "ready",
                        "running",
                        "waiting",
                        "failed",
                        "asking",
                        "undoing",
                        "undo-failed",
                    ]
                ),
                name="provisioning_one_run_per_tenant",
            ),
            models.CheckConstraint(
                name="provisioning_run_state_is_known",
                condition=models.Q(
                    state__in=[
                        "ready",
                        "running",
                        "waiting",
                        "failed",
                        "asking",
                        "done",
                        "undoing",
                        "undo-failed",
                        "undone",
                    ]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.service}"

    @classmethod
    def whole(cls, uid: str) -> Run:
        """A run with all that working on it reads."""
        return cls.objects.select_related(
            "service__account", "service__server", "service__tenant", "service__client",
            "service__brand", "service__number", "approval__plan",
        ).get(uid=uid)  # fmt: skip


class Step(models.Model):
    """One step of a run: the journal row. ``touched`` is set, and committed, before the outside call;
    only a touched step may be undone. A refused step made nothing."""

    class State(models.TextChoices):
        READY = "ready", "Ready"
        RUNNING = "running", "Running"
        WAITING = "waiting", "Waiting"
        CHECKING = "checking", "Checking the outcome"
        DONE = "done", "Done"
        SKIPPED = "skipped", "Skipped"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"
        UNDONE = "undone", "Undone"
        UNDO_FAILED = "undo-failed", "Undo failed"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=120)
    target = models.CharField(max_length=80)
    text = models.CharField(max_length=400)
    state = models.CharField(max_length=12, choices=State, default=State.READY)
    touched = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    run_at = models.DateTimeField(null=True)
    # When the last try began whose outcome nobody has written down yet.
    unknown_since = models.DateTimeField(null=True)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    parts = models.JSONField(default=list)
    detail = models.TextField(blank=True, help_text="for staff")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "key"], name="provisioning_step_once"),
            models.CheckConstraint(
                name="provisioning_step_state_is_known",
                condition=models.Q(
                    state__in=[
                        "ready",
                        "running",
                        "waiting",
                        "checking",
                        "done",
                        "skipped",
                        "refused",
                        "failed",
                        "undone",
                        "undo-failed",
                    ]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.text}: {self.state}"
