"""So many pages at once, and none keeps the others waiting while it waits itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.http import HttpRequest, HttpResponse
from pytest_django import Settings

from ringup.core.outside import outside_call
from ringup.core.turns import Turns, out_of_turn

pytestmark = pytest.mark.once
Answer = Callable[[HttpRequest], HttpResponse]
LONG = 10.0


class Pages:
    """Pages that stay where they are until they are let go."""

    def __init__(self) -> None:
        self.working = threading.Semaphore(0)
        self.go = threading.Event()

    def compute(self, _: HttpRequest) -> HttpResponse:
        self.working.release()
        assert self.go.wait(LONG)
        return HttpResponse()

    def ask_outside(self, request: HttpRequest) -> HttpResponse:
        with out_of_turn(), out_of_turn():
            self.compute(request)
        return HttpResponse()

    def arrive(self, *, within: float = LONG) -> bool:
        """Whether one more page is being worked at."""
        return self.working.acquire(timeout=within)


@contextmanager
def asked(turns: Turns, times: int) -> Iterator[None]:
    """So many pages are asked for at once; at the end all were answered."""
    threads = [threading.Thread(target=turns, args=[HttpRequest()]) for _ in range(times)]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(LONG)
        assert not thread.is_alive()


@pytest.fixture
def pages(settings: Settings) -> Iterator[Pages]:
    settings.RINGUP_WEB_TURNS = 2
    pages = Pages()
    with ExitStack() as stack:
        stack.callback(pages.go.set)
        yield pages


def test_no_more_pages_are_worked_at_than_there_are_turns(pages: Pages) -> None:
    with asked(Turns(pages.compute), 5):
        assert pages.arrive()
        assert pages.arrive()
        assert not pages.arrive(within=0.05)
        pages.go.set()
        assert all(pages.arrive() for _ in range(3))


def test_who_waits_for_others_keeps_nobody_waiting(pages: Pages) -> None:
    with asked(Turns(pages.ask_outside), 6):
        assert all(pages.arrive() for _ in range(6))
        pages.go.set()


def test_whoever_comes_back_waits_for_a_turn_again(settings: Settings) -> None:
    settings.RINGUP_WEB_TURNS = 1
    slow, busy, answered = Pages(), Pages(), threading.Event()

    def page(request: HttpRequest) -> HttpResponse:
        slow.ask_outside(request)
        answered.set()
        return HttpResponse()

    turns = Turns(page)
    other = Turns(busy.compute)
    other._free = turns._free
    with asked(turns, 1):
        assert slow.arrive()
        with asked(other, 1):
            assert busy.arrive()
            slow.go.set()
            assert not answered.wait(0.05)
            busy.go.set()
        assert answered.wait(LONG)


@pytest.mark.parametrize("is_outside", [False, True])
def test_a_page_that_fails_gives_its_turn_back(settings: Settings, is_outside: bool) -> None:
    settings.RINGUP_WEB_TURNS = 1

    def fail(_: HttpRequest) -> HttpResponse:
        if is_outside:
            with out_of_turn():
                raise ValueError("broken")
        raise ValueError("broken")

    turns = Turns(fail)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            turns(HttpRequest())
    assert turns._free.acquire(blocking=False)
    assert not turns._free.acquire(blocking=False)


@pytest.mark.django_db(transaction=True)
def test_asking_a_port_gives_the_turn_away(pages: Pages) -> None:
    def ask(request: HttpRequest) -> HttpResponse:
        with outside_call("a carrier"):
            return pages.compute(request)

    with asked(Turns(ask), 4):
        assert all(pages.arrive() for _ in range(4))
        pages.go.set()
