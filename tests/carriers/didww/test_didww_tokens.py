"""Tokens: bought where the key may go, used until they end, and bought anew once when refused."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

import pytest

from ringup.carriers.didww import tokens
from ringup.carriers.didww.auth import ApiKeyAuth
from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.failing import AccountProblem, NotAdmitted, NotEnabled
from ringup.carriers.didww.tokens import (
    BearerTokenAuth,
    Purse,
    Token,
    authentication_for,
    service_for,
)
from ringup.carriers.port import CarrierConnection
from ringup.core.failures import NothingHappened, OurFault
from tests.carriers.didww.papers_world import DidwwPapersWorld, papers_world

pytestmark = pytest.mark.once
MINTED, ASKED = "POST token", "GET balance"


@pytest.fixture
def world() -> Iterator[DidwwPapersWorld]:
    with papers_world(version="2026-11-19") as world:
        yield world


@pytest.fixture
def client(world: DidwwPapersWorld) -> Iterator[DidwwClient]:
    client = opened(world)
    yield client
    client.close()


def opened(world: DidwwPapersWorld, *, purse: Purse | None = None) -> DidwwClient:
    auth = BearerTokenAuth(world.sandbox.key, world.sandbox.token_url, purse=purse or Purse())
    return DidwwClient(world.connection(), auth)


def test_one_token_admits_to_many_calls(world: DidwwPapersWorld, client: DidwwClient) -> None:
    for _ in range(3):
        client.get("balance")
    assert (world.calls(MINTED), world.calls(ASKED)) == (1, 3)


def test_a_token_serves_all_clients_of_the_process(world: DidwwPapersWorld) -> None:
    for _ in range(3):
        with world.adapter() as carrier:
            carrier.balance()
    assert world.calls(MINTED) == 1


def test_a_token_is_renewed_before_it_ends(world: DidwwPapersWorld) -> None:
    purse = Purse()
    client = opened(world, purse=purse)
    client.get("balance")
    (account,) = purse._tokens
    known = purse._tokens[account]
    assert known.until == pytest.approx(time.monotonic() + 900, abs=5)
    ends_soon = time.monotonic() + tokens.MARGIN_SECONDS - 1
    purse.put(account, Token(known.text, ends_soon))
    client.get("balance")
    assert purse._tokens[account].text != known.text
    assert world.calls(MINTED) == 2
    client.close()


def test_a_token_that_is_refused_is_replaced_once(
    world: DidwwPapersWorld, client: DidwwClient
) -> None:
    client.get("balance")
    world.sandbox.state.tokens.clear()
    assert client.get("balance").resources
    assert (world.calls(MINTED), world.calls(ASKED)) == (2, 3)


def test_a_change_is_repeated_only_after_a_401(
    world: DidwwPapersWorld, client: DidwwClient
) -> None:
    facts = {"identity_type": "personal", "first_name": "A", "last_name": "B", "phone_number": "1"}
    client.create("identities", facts)
    world.sandbox.state.tokens.clear()
    client.create("identities", facts)
    assert world.made()["submit_identity"] == 2


def test_a_fresh_token_that_is_refused_ends_it(
    world: DidwwPapersWorld, client: DidwwClient
) -> None:
    world.sandbox.faults.add("status:401", method=ASKED, times=-1)
    with pytest.raises(NotAdmitted):
        client.get("balance")
    assert (world.calls(MINTED), world.calls(ASKED)) == (1, 1)
    world.sandbox.faults.clear()
    client.get("balance")
    assert world.calls(MINTED) == 2, "the refused one is not used again"


def test_a_known_token_that_is_refused_twice_ends_it(
    world: DidwwPapersWorld, client: DidwwClient
) -> None:
    client.get("balance")
    world.sandbox.faults.add("status:401", method=ASKED, times=-1)
    with pytest.raises(NotAdmitted):
        client.get("balance")
    assert (world.calls(MINTED), world.calls(ASKED)) == (2, 3)


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        ("429", NothingHappened),
        ("html", NothingHappened),
        ("500", NothingHappened),
        ("reply_lost_before", NothingHappened),
        ("status:401", NotAdmitted),
        ("status:400", AccountProblem),
    ],
)
def test_without_a_token_nothing_is_sent(
    world: DidwwPapersWorld, client: DidwwClient, kind: str, failure: type[Exception]
) -> None:
    world.sandbox.faults.add(kind, method=MINTED)
    facts = {"identity_type": "personal", "first_name": "A", "last_name": "B", "phone_number": "1"}
    with pytest.raises(failure) as caught:
        client.create("identities", facts)
    assert world.sandbox.key not in str(caught.value)
    assert world.calls("POST identities") == 0
    if kind == "429":
        assert isinstance(caught.value, NothingHappened)
        assert caught.value.retry_seconds == 3


def test_a_wrong_key_is_said_to_be_wrong(world: DidwwPapersWorld) -> None:
    auth = BearerTokenAuth("wrong", world.sandbox.token_url, purse=Purse())
    client = DidwwClient(world.connection(), auth)
    with pytest.raises(NotAdmitted, match="API key"):
        client.get("balance")
    client.close()


def test_a_token_for_reading_only_may_not_write(
    world: DidwwPapersWorld, client: DidwwClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "SCOPE", "read")
    client.get("balance")
    with pytest.raises(NotEnabled):
        client.create("identities", {"first_name": "Ann"})


def test_neither_key_nor_token_is_ever_written_down(
    world: DidwwPapersWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    purse = Purse()
    client = opened(world, purse=purse)
    client.get("balance")
    (token,) = purse._tokens.values()
    assert token.text not in repr(token)
    for secret in (world.sandbox.key, token.text):
        assert secret not in caplog.text
    client.close()


@pytest.mark.parametrize(
    ("told", "seconds"), [(900, 900), (1, 60), (10**9, 3600), (None, 60), ("long", 60), (True, 60)]
)
def test_the_word_on_how_long_it_lives_is_believed_within_bounds(
    told: object, seconds: float
) -> None:
    assert tokens._lifetime(told) == seconds


def connection(url: str, **options: str) -> CarrierConnection:
    return CarrierConnection(url, {}, {"api_key": "k"}, options)


def test_the_setting_chooses_the_strategy() -> None:
    url = "https://api.didww.com/v3"
    assert isinstance(authentication_for(connection(url)), ApiKeyAuth)
    old = authentication_for(connection(url, api_version="2026-04-16"))
    assert (old.version, old.secrets()) == ("2026-04-16", ("k",))
    new = authentication_for(connection(url, api_version="2026-11-19"))
    assert (new.version, new.secrets()) == ("2026-11-19", ("k",))
    with pytest.raises(OurFault, match="API version"):
        authentication_for(connection(url, api_version="2031-01-01"))


@pytest.mark.parametrize(
    ("api", "given", "service"),
    [
        ("https://api.didww.com/v3", "", "https://auth.didww.com/token"),
        ("https://sandbox-api.didww.com/v3", "", "https://auth-sandbox.didww.com/token"),
        ("http://127.0.0.1:8001/v3", "", "http://127.0.0.1:8001/token"),
        ("https://api.didww.com/v3", "https://id.didww.com/t", "https://id.didww.com/t"),
        ("http://127.0.0.1:1/v3", "http://127.0.0.1:1/other", "http://127.0.0.1:1/other"),
    ],
)
def test_tokens_are_bought_where_the_api_is(api: str, given: str, service: str) -> None:
    assert service_for(connection(api, token_url=given)) == service


@pytest.mark.parametrize(
    "given",
    [
        "https://evil.example/token",
        "https://didww.com.evil.example/token",
        "https://evildidww.com/token",
        "http://auth.didww.com/token",
        "https://auth.didww.com@evil.example/token",
        "auth.didww.com",
    ],
)
def test_the_key_goes_to_nobody_else(given: str) -> None:
    with pytest.raises(OurFault, match="token service"):
        service_for(connection("https://api.didww.com/v3", token_url=given))
    with pytest.raises(OurFault, match="token service"):
        service_for(connection("http://127.0.0.1:8001/v3", token_url=given))
