"""A mail's page inside a page: it may bring its styles, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, cast

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]
_ONLY_STYLES = {
    "default-src": [NONE],
    "script-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": True,
}


def framed(view: View[Rest]) -> View[Rest]:
    """For a view that answers with a mail: shown in a frame of ours, without scripts or a way out."""
    guarded = csp_replace(_ONLY_STYLES)(xframe_options_sameorigin(view))
    return cast("View[Rest]", update_wrapper(guarded, view))
