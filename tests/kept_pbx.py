"""A FusionPBX sandbox as it once was, with all that tests can change of it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from ringup.sandbox.fusionpbx import SandboxFusionpbx
from tests.pristine import Pristine


class KeptPbx:
    """Remembers rows, files, loaded gateways, and how carriers answer them, when it is made."""

    def __init__(self, sandbox: SandboxFusionpbx) -> None:
        self._sandbox = sandbox
        self._rows = Pristine(sandbox.dsn)
        self._registrar = sandbox.registrar
        self._gateways = _loaded(sandbox)
        self._directory = Path(tempfile.mkdtemp(prefix="ringup-kept-"))
        self._places = (sandbox.cache_dir, sandbox.recordings_dir, sandbox.voicemail_dir)
        for number, place in enumerate(self._places):
            shutil.copytree(place, self._directory / str(number))

    def close(self) -> None:
        self._rows.close()
        shutil.rmtree(self._directory)

    def bring_back(self) -> None:
        sandbox = self._sandbox
        sandbox.faults.clear()
        sandbox.registrar = self._registrar
        self._rows.bring_back()
        for number, place in enumerate(self._places):
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(self._directory / str(number), place)
        sandbox.api.execute("memcache flush")
        for gateway in sandbox.switch.gateways():
            sandbox.switch.kill_gateway(gateway.profile, gateway.name)
        for profile, _ in self._gateways:
            sandbox.switch.rescan(profile)
        assert _loaded(sandbox) == self._gateways
        sandbox.switch.reload_acl()
        sandbox.forget_commands()


def _loaded(sandbox: SandboxFusionpbx) -> set[tuple[str, str]]:
    return {(gateway.profile, gateway.name) for gateway in sandbox.switch.gateways()}
