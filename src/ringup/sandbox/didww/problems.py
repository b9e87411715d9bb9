"""What the API refuses, as JSON:API errors."""

from __future__ import annotations

from typing import Any

VALIDATION = "100"


class ApiError(Exception):
    """One refusal: the HTTP status, and the rows of ``errors``."""

    def __init__(self, status: int, *errors: dict[str, Any]) -> None:
        super().__init__(f"{status}: {errors}")
        self.status = status
        self.errors = [{"status": str(status)} | error for error in errors]


def invalid(pointer: str, title: str, *, name: str = "") -> ApiError:
    """422 for one attribute or relationship: ``title`` is "is invalid" and the like."""
    return ApiError(422, validation(pointer, title, name=name))


def validation(pointer: str, title: str, *, name: str = "") -> dict[str, Any]:
    """One row of a 422: the detail says which, and what of it."""
    detail = f"{name or pointer.rsplit('/', 1)[-1]} - {title}"
    return {
        "title": title,
        "detail": detail,
        "code": VALIDATION,
        "source": {"pointer": f"/data{pointer}"},
    }


def sentence(text: str) -> dict[str, Any]:
    """One row of a 422 about the whole: a sentence for people."""
    return {
        "title": text,
        "detail": text,
        "code": VALIDATION,
        "source": {"pointer": "/data"},
    }


def not_found() -> ApiError:
    return ApiError(404, {"title": "Record not found", "detail": "Record not found", "code": "404"})


def bad(code: str, detail: str, **more: Any) -> ApiError:
    """400."""
    return ApiError(400, {"title": detail, "detail": detail, "code": code} | more)


def unauthorized() -> ApiError:
    return ApiError(401, {"title": "Unauthorized", "detail": "Authorization failed", "code": "401"})


def not_enabled() -> ApiError:
    return ApiError(403, {"title": "Forbidden", "detail": "Feature is not enabled", "code": "403"})


# No title and no code here: that is how it is recorded.
TOO_MANY = ApiError(429, {"detail": "Too Many Requests"})
OUT_OF_SCOPE = ApiError(
    403, {"title": "Forbidden", "detail": "The token's scope does not cover this", "code": "403"}
)
