"""The commands that an operator types."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ringup.carriers.models import CarrierAccount
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def said(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def test_the_doctor_finds_a_healthy_installation_healthy(world: World) -> None:
    text = said("doctor")
    assert "✓ carrier VoIP.ms sandbox, balance $250.00" in text
    assert "✓ PBX pbx-sandbox-1: FusionPBX 5.5" in text
    assert "✗" not in text


def test_the_doctor_names_what_is_wrong_and_exits_1(world: World) -> None:
    account = CarrierAccount.objects.get()
    account.set_secrets({"password": "wrong"})
    account.save()
    world.server.event_port = 1
    world.server.save()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=out)
    assert "✗ carrier VoIP.ms sandbox" in out.getvalue()
    assert "✗ PBX pbx-sandbox-1" in out.getvalue()
    assert "wrong" not in out.getvalue().replace("something is wrong", "")


def test_preparing_a_server_may_be_repeated_and_survives_a_wrong_name(world: World) -> None:
    assert "is prepared" in said("prepare_server", "pbx-sandbox-1")
    assert "is prepared" in said("prepare_server", "pbx-sandbox-1")
    with pytest.raises(CommandError, match="Known: pbx-sandbox-1"):
        said("prepare_server", "nowhere")
