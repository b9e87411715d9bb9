"""Sandboxes that are made fresh again between tests, which is ten times faster than new ones.

A test that changes tables or roles, and not only rows, starts a sandbox of its own instead.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack

import psycopg

from ringup.sandbox.fusionpbx import ANY, Options
from ringup.sandbox.postgres import PostgresServer
from tests.pbx.fusionpbx.fusionpbx_world import FusionpbxWorld, fusionpbx_world

_REMEMBER = """
DO $$ DECLARE name text; filled boolean; BEGIN
  CREATE SCHEMA pristine;
  FOR name IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
    IF filled THEN
      EXECUTE format('CREATE TABLE pristine.%I AS TABLE public.%I', name, name);
    END IF;
  END LOOP;
END $$
"""
# Only what differs is written again.
_RESTORE = """
DO $$ DECLARE name text; kept boolean; now_ text; then_ text; digest text :=
  'SELECT coalesce(count(*) || ''/'' || sum(hashtext(t::text)::bigint), '''') FROM %I.%I t'; BEGIN
  DROP SCHEMA IF EXISTS ringup CASCADE;
  FOR name IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  LOOP
    kept := to_regclass(format('pristine.%I', name)) IS NOT NULL;
    EXECUTE format(digest, 'public', name) INTO now_;
    then_ := '';
    IF kept THEN
      EXECUTE format(digest, 'pristine', name) INTO then_;
    END IF;
    CONTINUE WHEN now_ = then_;
    EXECUTE format('DELETE FROM public.%I', name);
    IF kept THEN
      EXECUTE format('INSERT INTO public.%I SELECT * FROM pristine.%I', name, name);
    END IF;
  END LOOP;
END $$
"""


class FreshWorlds:
    """One sandbox for each kind that is asked for, kept until the end of the test session."""

    def __init__(self, postgres: PostgresServer) -> None:
        self._postgres = postgres
        self._stack = ExitStack()
        self._worlds: dict[str, FusionpbxWorld] = {}

    def close(self) -> None:
        self._stack.close()

    def fresh(self, options: Options | None = None) -> FusionpbxWorld:
        """A sandbox as if it had just been started."""
        options = options or Options()
        kind = repr(options)
        if kind not in self._worlds:
            world = self._stack.enter_context(fusionpbx_world(self._postgres, options))
            with psycopg.connect(world.sandbox.dsn, autocommit=True) as connection:
                connection.execute(_REMEMBER)
            self._worlds[kind] = world
        else:
            _reset(self._worlds[kind])
        return self._worlds[kind]


def _reset(world: FusionpbxWorld) -> None:
    sandbox = world.sandbox
    sandbox.faults.clear()
    sandbox.registrar = ANY
    with psycopg.connect(sandbox.dsn, autocommit=True) as connection:
        connection.execute(_RESTORE)
    for root in (sandbox.recordings_dir, sandbox.voicemail_dir / "default", sandbox.cache_dir):
        for path in root.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    sandbox.api.execute("memcache flush")
    for gateway in sandbox.switch.gateways():
        sandbox.switch.kill_gateway(gateway.profile, gateway.name)
    sandbox.switch.reload_acl()
    sandbox.forget_commands()
