"""An account never talks to a host of the other environment, nor in clear over a network."""

from __future__ import annotations

import pytest

from ringup.carriers.environments import problem_with
from ringup.carriers.voipms.adapter import VoipMs
from tests.carriers.toy import Toy

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("adapter", "url", "is_sandbox", "problem"),
    [
        (VoipMs, "https://voip.ms/api/v1/rest.php", False, ""),
        (VoipMs, "http://voip.ms/api/v1/rest.php", False, "Use https"),
        (VoipMs, "https://127.0.0.1:9/api/v1/rest.php", False, "not VoIP.ms's real service"),
        (VoipMs, "https://VOIP.ms/api/v1/rest.php", True, "orders cost money"),
        (VoipMs, "https://voip.ms./api/v1/rest.php", True, "orders cost money"),
        (VoipMs, "https://www.voip.ms/api/v1/rest.php", True, "orders cost money"),
        (VoipMs, "https://notvoip.ms/", True, ""),
        (VoipMs, "http://127.0.0.1:8711/api/v1/rest.php", True, ""),
        (VoipMs, "http://[::1]:8711/", True, ""),
        (VoipMs, "http://localhost/", True, ""),
        (VoipMs, "http://sandbox.example/", True, "Use https"),
        (VoipMs, "http://127.0.0.1.evil.example/", True, "Use https"),
        (VoipMs, "https://sandbox.example/", True, ""),
        (VoipMs, "file:///etc/passwd", True, "whole address"),
        (VoipMs, "gopher://127.0.0.1/", True, "whole address"),
        (VoipMs, "https://me:secret@voip.ms/", False, "whole address"),
        (VoipMs, "https://voip.ms:port/", False, "whole address"),
        (VoipMs, "https://[voip.ms/", False, "whole address"),
        (VoipMs, "", True, "whole address"),
        (Toy, Toy.sandbox_url, True, ""),
        (Toy, Toy.production_url, True, "orders cost money"),
        (Toy, Toy.sandbox_url, False, "Choose the sandbox environment"),
    ],
)
def test_which_addresses_fit_which_environment(
    adapter: type[Toy], url: str, is_sandbox: bool, problem: str
) -> None:
    found = problem_with(adapter, url, is_sandbox=is_sandbox)
    assert problem in found if problem else not found
