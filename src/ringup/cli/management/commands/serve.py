"""``ringup serve``: the shop, portal and back office, over HTTP."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError
from waitress.server import create_server

from ringup.accounts import first_owner


class Command(BaseCommand):
    help = "Serve shop, portal and back office (behind a TLS proxy in production)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--threads", type=int, default=8)

    def handle(self, *args: Any, **options: Any) -> None:
        server = create_server(
            get_wsgi_application(),
            host=options["host"],
            port=options["port"],
            threads=options["threads"],
            ident=None,
            **proxy_options(),
        )
        self._greet()
        self.stdout.write(f"Serving on http://{options['host']}:{options['port']}")
        server.run()

    def _greet(self) -> None:
        """A new installation has no owner: say where to begin."""
        try:
            if first_owner.is_needed():
                where = settings.RINGUP_URL + first_owner.path()
                self.stdout.write(f"There is no owner yet. Make the first one on {where}")
        except DatabaseError:
            self.stdout.write("The database is not ready: run «ringup migrate» first.")


def proxy_options() -> dict[str, Any]:
    """Whose forwarded headers count: without this, the server throws all of them away."""
    if not settings.RINGUP_PROXY_ADDRESS:
        return {}
    return {
        "trusted_proxy": settings.RINGUP_PROXY_ADDRESS,
        "trusted_proxy_headers": {"x-forwarded-proto", "x-forwarded-for"},
        "clear_untrusted_proxy_headers": True,
    }
