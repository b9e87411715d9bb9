"""The commands that an operator types."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ringup.carriers.models import CarrierAccount
from ringup.core.models import Activity
from ringup.jobs import attending
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.scheduling import begin_due_slots
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def said(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def test_the_doctor_finds_a_healthy_installation_healthy(world: World) -> None:
    attending.attend()
    begin_due_slots()
    text = said("doctor")
    assert "  ✓ VoIP.ms sandbox: Reachable, balance $250.00; sandbox" in text
    assert "  ✓ pbx-sandbox-1: FusionPBX 5.5" in text
    assert "  ✓ Worker: 1 process on " in text
    assert "✗" not in text
    assert "?" not in text

    found = json.loads(said("doctor", "--json"))
    assert (found["state"], found["counts"]["error"]) == ("warning", 0)
    names = {finding["name"]: finding for finding in found["findings"]}
    assert names["Migrations"]["state"] == "ok"
    assert names["VoIP.ms sandbox"]["milliseconds"] > 0


def test_the_doctor_names_what_is_wrong_and_exits_1(world: World) -> None:
    account = CarrierAccount.objects.get()
    account.set_secrets({"password": "wrong-password"})
    account.save()
    world.server.event_port = 1
    world.server.save()
    out = StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("doctor", stdout=out)
    assert exit_.value.code == 1
    text = out.getvalue()
    assert "  ✗ VoIP.ms sandbox: " in text
    assert "  ✗ pbx-sandbox-1: " in text
    assert "  ✗ Worker: No worker runs" in text
    assert "wrong-password" not in text
    with pytest.raises(SystemExit):
        call_command("doctor", "--json", stdout=(raw := StringIO()))
    assert json.loads(raw.getvalue())["state"] == "error"
    assert "wrong-password" not in raw.getvalue()


@pytest.mark.once
def test_a_shell_without_settings_is_told_what_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ringup", "doctor"], env={}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("RINGUP_SECRET_KEY is not set. ")
    assert "Traceback" not in done.stderr


def test_parked_jobs_are_listed_released_and_dropped(db: None) -> None:
    assert said("parked") == "No job is parked.\n"
    for key in ("a/1", "a/2", "a/3"):
        enqueue("jobs.probe", key=key)
    first, second, _ = Job.objects.order_by("pk")
    Job.objects.update(parked=True, last_error="It said no.")
    assert "a/2" in said("parked")
    assert "It said no." in said("parked")
    for nonsense in ("x", "²", "9" * 40):
        with pytest.raises(CommandError, match="Nothing was changed"):
            said("parked", "--release", nonsense)
    assert said("parked", "--release", str(first.pk), "999999") == "1 jobs released.\n"
    assert said("parked", "--drop", str(second.pk)) == "1 jobs dropped.\n"
    assert dict(Job.objects.values_list("key", "parked")) == {"a/1": False, "a/3": True}
    assert said("parked", "--release", "all") == "1 jobs released.\n"
    assert Activity.objects.filter(what="released").count() == 2


def test_preparing_a_server_may_be_repeated_and_survives_a_wrong_name(world: World) -> None:
    assert "is prepared" in said("prepare_server", "pbx-sandbox-1")
    assert "is prepared" in said("prepare_server", "pbx-sandbox-1")
    with pytest.raises(CommandError, match="Known: pbx-sandbox-1"):
        said("prepare_server", "nowhere")
