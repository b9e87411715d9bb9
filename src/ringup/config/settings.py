"""Django's settings, read from ``RINGUP_*`` (each also as ``RINGUP_*_FILE``). Safe by default.

``docs/operations.md`` lists every one. ``RINGUP_DEVELOPMENT=true`` is for a laptop and the demo:
it makes a secret key and a key file in ``RINGUP_VAR`` when there are none.
"""

from __future__ import annotations

import sys
from pathlib import Path

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF

from ringup.config import registry
from ringup.core.env import BadSetting, env, env_bool, env_int, env_list
from ringup.core.keys import create_key_file

# Lets forms and views be written as the generics that the type checker knows.
django_stubs_ext.monkeypatch()

DEVELOPMENT = env_bool("DEVELOPMENT", default="pytest" in sys.modules)
VAR = Path(env("VAR", "var")).resolve()

if DEVELOPMENT:
    SECRET_KEY = env("SECRET_KEY", "development-only-" + "x" * 40)
    RINGUP_KEY_FILE = Path(env("KEY_PATH", str(VAR / "keys")))
    create_key_file(RINGUP_KEY_FILE)
else:
    SECRET_KEY = env("SECRET_KEY")
    RINGUP_KEY_FILE = Path(env("KEY_PATH", "/etc/ringup/keys"))
    if len(SECRET_KEY) < 50:
        raise BadSetting("RINGUP_SECRET_KEY must have at least 50 characters")

DEBUG = env_bool("DEBUG", default=False)
# What is served beside the brands' own domains. Django reads its list once, so it lets all through
# and ``accounts.hosts.KnownHosts``, the first middleware, refuses the others.
RINGUP_HOSTS = env_list(
    "HOSTS", default="localhost,127.0.0.1,[::1],testserver" if DEVELOPMENT else ""
)
ALLOWED_HOSTS = ["*"]
# Where people reach this installation; links in mails begin with it.
RINGUP_URL = env("URL", "http://localhost:8000" if DEVELOPMENT else "").rstrip("/")
CSRF_TRUSTED_ORIGINS = [RINGUP_URL] if RINGUP_URL else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    # Only its models and rules of second factors: none of its addresses is served.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "ringup.core",
    "ringup.jobs",
    "ringup.mail",
    "ringup.carriers",
    "ringup.pbx",
    "ringup.accounts",
    "ringup.catalog",
    "ringup.numbers",
    "ringup.regulatory",
    "ringup.services",
    "ringup.orders",
    "ringup.provisioning",
    "ringup.flows",
    "ringup.shop",
    "ringup.portal",
    "ringup.backoffice",
    "ringup.cli",
]

MIDDLEWARE = [
    "ringup.accounts.hosts.KnownHosts",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ringup.core.turns.Turns",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "ringup.accounts.hosts.BrandCsrf",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "ringup.config.urls"
WSGI_APPLICATION = "ringup.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ringup.accounts.storefronts.brand_of_request",
            ],
        },
    }
]

# Writes inputs without templates.
FORM_RENDERER = "ringup.core.form_rendering.Renderer"

# -- database -----------------------------------------------------------------------------------

DATABASES = {
    "default": dj_database_url.parse(env("DATABASE_URL", f"sqlite:///{VAR}/ringup.sqlite3"))
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: it holds money, and costs 0.4 ms a commit.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
    # Tests use a file too: several connections and processes must see one database.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
else:
    # A connection asks the same few hundred questions all day. PostgreSQL reads and plans each once,
    # which halves its work.
    DATABASES["default"]["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 5}
# Opening a connection costs as much as a page, and a new one has planned nothing yet.
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

# -- people -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["ringup.accounts.backend.Backend"]
SESSION_ENGINE = "ringup.core.sessions"
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "portal:home"
LOGOUT_REDIRECT_URL = "shop:home"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_RESET_TIMEOUT = 14 * 24 * 3600

# Whether staff must sign in in two steps, or may.
RINGUP_STAFF_TWO_FACTOR = env("STAFF_TWO_FACTOR", "offered" if DEVELOPMENT else "required")
if RINGUP_STAFF_TWO_FACTOR not in {"required", "offered"}:
    raise BadSetting("RINGUP_STAFF_TWO_FACTOR must be required or offered")
MFA_ADAPTER = "ringup.accounts.two_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
# One code to either side of now: telephones are a few seconds off.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODE_DIGITS = 10
# A passkey is two factors in one (the device, and its PIN or finger), wherever it is used.
MFA_WEBAUTHN_USER_VERIFICATION = "required"

# -- safety -------------------------------------------------------------------------------------

SECURE = not DEVELOPMENT
# Looks for Django's class by its name; ours is a subclass (``accounts.hosts.BrandCsrf``).
SILENCED_SYSTEM_CHECKS = ["security.W003"]
SECURE_SSL_REDIRECT = env_bool("SSL_REDIRECT", default=SECURE)
SECURE_HSTS_SECONDS = env_int("HSTS_SECONDS", default=31_536_000 if SECURE else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
# The address from which our TLS proxy speaks to us; empty without one.
RINGUP_PROXY_ADDRESS = ""
if env_bool("BEHIND_PROXY", default=False):
    RINGUP_PROXY_ADDRESS = env("PROXY_ADDRESS", "127.0.0.1")
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# -- words, time, files -------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(VAR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEVELOPMENT
# Nothing that is uploaded touches a disk in clear; how much is read at all: ``core/uploads.py``.
FILE_UPLOAD_HANDLERS = ["ringup.core.uploads.KeptInMemory"]

# -- mail ---------------------------------------------------------------------------------------

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env("SMTP_HOST", "localhost")
EMAIL_PORT = env_int("SMTP_PORT", default=25)
EMAIL_HOST_USER = env("SMTP_USER", "")
EMAIL_HOST_PASSWORD = env("SMTP_PASSWORD", "")
EMAIL_USE_TLS = env_bool("SMTP_TLS", default=False)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env("MAIL_FROM", "Ringup <service@ringup.example>")

# Who tells of mails that came back later (``mail/bouncing.py``), and the secret that proves him.
RINGUP_MAIL_PROVIDER = env("MAIL_PROVIDER", "")
RINGUP_MAIL_PROVIDER_SECRET = env("MAIL_PROVIDER_SECRET", "")
if RINGUP_MAIL_PROVIDER not in {"", "mailgun", "postmark", "brevo"}:
    raise BadSetting("RINGUP_MAIL_PROVIDER must be mailgun, postmark or brevo")
if RINGUP_MAIL_PROVIDER and not RINGUP_MAIL_PROVIDER_SECRET:
    raise BadSetting("RINGUP_MAIL_PROVIDER needs RINGUP_MAIL_PROVIDER_SECRET")
# For how many days the words of mails are kept; that a mail went out is kept longer.
RINGUP_MAIL_DAYS = env_int("MAIL_DAYS", default=90)
if RINGUP_MAIL_DAYS < 1:
    raise BadSetting("RINGUP_MAIL_DAYS must be at least 1")

# -- Ringup's own -------------------------------------------------------------------------------

RINGUP_CARRIERS = registry.CARRIERS
RINGUP_PBXES = registry.PBXES
RINGUP_JOBS = registry.JOBS
RINGUP_SCHEDULES = registry.SCHEDULES
RINGUP_MAIL_EVENTS = registry.MAIL_EVENTS
# What mails ask of brands and readers, which belong to a part above them.
RINGUP_MAIL_FACE = "ringup.accounts.mail_faces.face_of"
RINGUP_MAIL_READER = "ringup.accounts.mail_faces.reader_language"
# The search index of this host, compiled from the stock: may be deleted at any time.
RINGUP_INDEX_FILE = Path(env("INDEX_PATH", str(VAR / "numbers.index")))
# How many processes of `ringup serve` answer pages.
RINGUP_WEB_PROCESSES = env_int("WEB_PROCESSES", default=1)
if RINGUP_WEB_PROCESSES < 1:
    raise BadSetting("RINGUP_WEB_PROCESSES must be at least 1")
# How many pages each of them works at, at the same time; those that wait for others do not count.
RINGUP_WEB_TURNS = env_int("WEB_TURNS", default=4)
if RINGUP_WEB_TURNS < 1:
    raise BadSetting("RINGUP_WEB_TURNS must be at least 1")
# How often what a provider has on sale is fetched.
RINGUP_SYNC_HOURS = env_int("SYNC_HOURS", default=6)
if RINGUP_SYNC_HOURS < 1:
    raise BadSetting("RINGUP_SYNC_HOURS must be at least 1")
# An order that nobody goes on with is closed after so many days.
RINGUP_DRAFT_DAYS = env_int("DRAFT_DAYS", default=14)
if RINGUP_DRAFT_DAYS < 1:
    raise BadSetting("RINGUP_DRAFT_DAYS must be at least 1")
# So long after a number works, or its order ended, the files of its papers are kept, and the facts of
# identities and addresses that no number needs any more.
RINGUP_PAPERS_RETENTION_DAYS = env_int("PAPERS_RETENTION_DAYS", default=30)
if RINGUP_PAPERS_RETENTION_DAYS < 0:
    raise BadSetting("RINGUP_PAPERS_RETENTION_DAYS must be at least 0")
# Number searches a minute of one browser and of one network address; 0 counts none.
RINGUP_SEARCHES_PER_BROWSER = env_int("SEARCHES_PER_BROWSER", default=300)
RINGUP_SEARCHES_PER_ADDRESS = env_int("SEARCHES_PER_ADDRESS", default=1200)
# How old what is on sale may be for a search while somebody types; 0 reads it each time.
RINGUP_SHELF_SECONDS = env_int("SHELF_SECONDS", default=5)
# Concurrent outbound calls of one tenant, whatever its number of seats.
RINGUP_MAX_OUTBOUND_CALLS = env_int("MAX_OUTBOUND_CALLS", default=10)
# A job that fails this often is parked for a person.
RINGUP_JOB_TRIES = env_int("JOB_TRIES", default=10)
# How often a worker looks for jobs by itself, and the pause behind a process that died young, which
# doubles from death to death. Only tests have others.
RINGUP_JOB_LOOK_SECONDS = 1.0
RINGUP_RESTART_SECONDS = 1.0
RINGUP_LEASE_SECONDS = env_int("LEASE_SECONDS", default=20)
# How long a lost purchase may need until the carrier's inventory shows it; until then a look that
# finds nothing proves nothing.
RINGUP_SETTLE_SECONDS = env_int("SETTLE_SECONDS", default=60)
# A step that the outside keeps from happening is tried this often, then a person looks.
RINGUP_STEP_ATTEMPTS = env_int("STEP_ATTEMPTS", default=8)
# The pause before a step's second try; it doubles each time, up to two minutes.
RINGUP_RETRY_SECONDS = env_int("RETRY_SECONDS", default=2)
# How long an approval holds for what costs money.
RINGUP_APPROVAL_HOURS = env_int("APPROVAL_HOURS", default=72)
# How long a gateway may take to register before its step fails.
RINGUP_GATEWAY_MINUTES = env_int("GATEWAY_MINUTES", default=15)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"tokens": {"()": "ringup.core.log_lines.WithoutTokens"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["tokens"]}
    },
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", "INFO")},
    # httpx logs whole URLs at INFO, and some carriers want credentials there.
    "loggers": {"httpx": {"level": "WARNING"}, "httpcore": {"level": "WARNING"}},
}
