"""The contract of papers, kept by the DIDWW adapter over a real socket, in both versions of the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.carriers.contract_papers import PapersContract
from tests.carriers.didww.papers_world import DidwwPapersWorld
from tests.carriers.didww.papers_world import papers_world as running

pytestmark = pytest.mark.once


class TestDidww(PapersContract):
    """With the key of the account."""

    @pytest.fixture
    def papers_world(self) -> Iterator[DidwwPapersWorld]:
        with running() as world:
            yield world


class TestDidwwWithTokens(PapersContract):
    """With tokens, in the newer version."""

    @pytest.fixture
    def papers_world(self) -> Iterator[DidwwPapersWorld]:
        with running(version="2026-11-19") as world:
            yield world
