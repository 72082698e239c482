"""Limits on calls: counted for all processes together, shown in every answer, and not applied without Valkey."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from redis.asyncio import Redis

from app.api.limits import Counters
from app.domain.people.access import SYSTEM, Role
from app.embedded import Valkey
from app.main import create_app
from app.services.people import staff
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests.api.admin.conftest import csrf_token
from tests.api.conftest import HeadersOf, SilentJobQueue, Time

EMAIL, PASSWORD = "asha@kist.example", "correct horse"
Start = Callable[..., Awaitable[FastAPI]]


@pytest_asyncio.fixture
async def start(
    settings: Settings, clean_database: None, redis: Redis, time: Time, job_queue: SilentJobQueue
) -> AsyncIterator[Start]:
    """Starts an application with other settings: `await start(rate_limit=5)`."""
    async with AsyncExitStack() as stack:

        async def run(**changes: object) -> FastAPI:
            app = create_app(settings.model_copy(update=changes), job_queue=job_queue, clock=time)
            await stack.enter_async_context(app.router.lifespan_context(app))
            return app

        yield run


def client_of(app: FastAPI, *, address: str = "203.0.113.7") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 4321))
    return httpx.AsyncClient(transport=transport, base_url="http://kist.example")


async def statuses(client: httpx.AsyncClient, number: int, **request: object) -> list[int]:
    path = str(request.pop("path", "/health"))
    return [(await client.get(path, **request)).status_code for _ in range(number)]  # type: ignore[arg-type]


async def make_staff(app: FastAPI, *, email: str = EMAIL) -> None:
    uow_factory: UnitOfWorkFactory = app.state.uow_factory
    passwords = app.state.keyring.passwords
    await staff.create_staff(
        uow_factory, SYSTEM, passwords=passwords, email=email, name="Asha", role=Role.OFFICER, password=PASSWORD
    )


async def sign_in(client: httpx.AsyncClient, *, email: str = EMAIL, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/v1/auth/token", data={"username": email, "password": password})


# --- calls -----------------------------------------------------------------------------------------------------------


async def test_an_address_gets_exactly_its_calls(start: Start) -> None:
    client = client_of(await start(rate_limit=5))
    first = await client.get("/health")
    assert (first.headers["ratelimit-limit"], first.headers["ratelimit-remaining"]) == ("5", "4")
    assert 1 <= int(first.headers["ratelimit-reset"]) <= 60
    assert await statuses(client, 6) == [200, 200, 200, 200, 429, 429]
    refused = await client.get("/api/v1/clock")
    assert refused.json()["code"] == "too_many_calls"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"]
    assert refused.headers["ratelimit-remaining"] == "0"
    assert refused.headers["x-request-id"] == refused.json()["request_id"]
    assert (await client_of(client_app(client), address="203.0.113.8").get("/health")).status_code == 200


def client_app(client: httpx.AsyncClient) -> FastAPI:
    app = client._transport.app  # type: ignore[attr-defined]
    assert isinstance(app, FastAPI)
    return app


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER   {}", "Bearer {} ", "Bearer \t{}"])
async def test_a_token_is_counted_however_it_is_written(start: Start, form: str) -> None:
    app = await start(rate_limit_staff=2)
    await make_staff(app)
    token = (await sign_in(client_of(app))).json()["access_token"]
    found = []
    for number in range(3):
        client = client_of(app, address=f"203.0.113.{number}")
        answer = await client.get("/api/v1/clock", headers={"Authorization": form.format(token)})
        found.append((answer.status_code, answer.headers["ratelimit-limit"]))
    assert found == [(200, "2"), (200, "2"), (429, "2")]


async def test_each_surface_refuses_in_its_language(start: Start) -> None:
    client = client_of(await start(rate_limit=1))
    await client.get("/health")
    for path in ("/api/get-statement/?loan_id=1", "/view-loan/1"):
        answer = await client.get(path)
        assert (answer.status_code, list(answer.json())) == (429, ["error"])
        assert int(answer.headers["retry-after"]) >= 1


async def test_a_probe_is_never_refused(start: Start) -> None:
    client = client_of(await start(rate_limit=1))
    assert await statuses(client, 3, path="/livez") == [200, 200, 200]
    assert await statuses(client, 3, path="/readyz") == [200, 200, 200]


async def test_two_processes_count_together(start: Start) -> None:
    clients = [client_of(await start(rate_limit=6)) for _ in range(2)]
    found = [status for _ in range(5) for client in clients for status in await statuses(client, 1)]
    assert found.count(200) == 6


async def test_the_end_of_a_window_uses_up_no_calls(start: Start, redis: Redis) -> None:
    """Valkey gives whole seconds, and 0 in the last half of one: each call was then a lease of its own."""
    first, second = [client_of(await start(rate_limit=200)) for _ in range(2)]
    assert await statuses(first, 1) == [200]
    (counter,) = [key for key in await redis.keys() if b"calls:address" in key]
    await redis.pexpire(counter, 450)
    assert await statuses(second, 60) == [200] * 60


async def test_a_hundred_concurrent_calls_are_counted_exactly(start: Start) -> None:
    client = client_of(await start(rate_limit=40))
    answers = await asyncio.gather(*(client.get("/") for _ in range(100)))
    assert [answer.status_code for answer in answers].count(200) == 40


async def test_an_account_has_its_own_calls_from_any_address(start: Start) -> None:
    app = await start(rate_limit=3, rate_limit_staff=7)
    await make_staff(app)
    token = (await sign_in(client_of(app))).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    found = []
    for number in range(8):
        found += await statuses(client_of(app, address=f"203.0.113.{number}"), 1, headers=headers, path="/api/v1/clock")
    assert found == [200] * 7 + [429]


async def test_a_forged_token_has_no_calls_of_its_own(start: Start) -> None:
    app = await start(rate_limit=3, rate_limit_staff=1000)
    await make_staff(app)
    token = (await sign_in(client_of(app, address="203.0.113.200"))).json()["access_token"]
    head, claims, _ = token.split(".")
    client = client_of(app)
    found = [
        (await client.get("/api/v1/clock", headers={"Authorization": f"Bearer {head}.{claims}.{number}"})).status_code
        for number in range(5)
    ]
    assert found == [401, 401, 401, 429, 429]
    own = await client_of(app).get("/api/v1/clock", headers={"Authorization": f"Bearer {token}"})
    assert own.headers["ratelimit-remaining"] == "999"


async def test_an_ipv6_network_is_one_caller(start: Start) -> None:
    app = await start(rate_limit=2)
    found = [
        status
        for host in ("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1")
        for status in await statuses(client_of(app, address=host), 1)
    ]
    assert found == [200, 200, 429, 200]


async def test_a_forwarded_address_counts_only_from_a_proxy_of_ours(start: Start) -> None:
    app = await start(rate_limit=1, trusted_proxies="10.0.0.0/8")
    forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.50"}
    other = {"X-Forwarded-For": "198.51.100.2, 203.0.113.51"}
    proxy, stranger = client_of(app, address="10.1.2.3"), client_of(app, address="192.0.2.9")
    assert await statuses(proxy, 2, headers=forwarded) == [200, 429]
    assert await statuses(proxy, 1, headers=other) == [200]
    # The caller wrote the addresses before the one that our proxy added.
    assert await statuses(proxy, 1, headers={"X-Forwarded-For": "1.2.3.4, 203.0.113.50"}) == [429]
    assert await statuses(stranger, 1, headers=forwarded) == [200]
    assert await statuses(stranger, 1, headers=other) == [429]


async def test_without_valkey_calls_are_let_through_and_attempts_are_still_counted(
    start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = await start(redis_url=f"unix://{tmp_path}/nothing.sock", rate_limit=1, sign_in_attempts_of_account=3)
    await make_staff(app)
    client = client_of(app)
    answers = [await client.get("/health") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert "ratelimit-limit" not in answers[0].headers
    assert [(await sign_in(client, password="wrong horse!")).status_code for _ in range(4)] == [401, 401, 401, 429]
    assert len([each for each in caplog.records if "calls are not limited" in each.getMessage()]) == 1


async def test_calls_are_counted_again_after_valkey_returns(tmp_path: Path) -> None:
    valkey = Valkey(tmp_path, durable=False)
    valkey.start()
    try:
        counters = Counters(valkey.dsn())
        assert (await counters.add("one", window_seconds=60) or (0, 0))[0] == 1
        valkey.stop()
        assert await counters.add("one", window_seconds=60) is None
        valkey.start()
        counters._retry_at = 0.0
        assert (await counters.add("one", window_seconds=60) or (0, 0))[0] == 1
        await counters.close()
    finally:
        valkey.stop()


# --- attempts to sign in ---------------------------------------------------------------------------------------------


async def test_failed_sign_ins_block_one_account_only(start: Start) -> None:
    app = await start(sign_in_attempts_of_account=3)
    await make_staff(app)
    await make_staff(app, email="ravi@kist.example")
    found = []
    for number in range(4):
        client = client_of(app, address=f"203.0.113.{number}")
        found.append((await sign_in(client, email=f" {EMAIL.upper()}", password="wrong horse!")).status_code)
    assert found == [401, 401, 401, 429]
    # The right password is refused too, otherwise guessing could go on.
    refused = await sign_in(client_of(app))
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert 1 <= int(refused.headers["retry-after"]) <= 900
    older = await client_of(app).post("/api/login/", json={"email": EMAIL, "password": PASSWORD})
    assert (older.status_code, list(older.json())) == (429, ["error"])
    assert (await sign_in(client_of(app), email="ravi@kist.example")).status_code == 200


async def test_an_unknown_account_is_limited_in_the_same_way(start: Start) -> None:
    app = await start(sign_in_attempts_of_account=2)
    found = [(await sign_in(client_of(app), email="nobody@kist.example")).status_code for _ in range(3)]
    assert found == [401, 401, 429]
    numbers = [
        (await client_of(app).post("/api/login/", json={"aadhar_id": "234123412346", "password": PASSWORD})).status_code
        for _ in range(3)
    ]
    assert numbers == [401, 401, 429]


async def test_thirty_concurrent_guesses_are_counted_exactly(start: Start) -> None:
    app = await start(sign_in_attempts_of_account=4)
    await make_staff(app)
    answers = await asyncio.gather(*(sign_in(client_of(app), password="wrong horse!") for _ in range(30)))
    assert sorted(answer.status_code for answer in answers) == [401] * 4 + [429] * 26


async def test_failed_sign_ins_block_an_address(start: Start) -> None:
    app = await start(sign_in_attempts_of_address=3)
    await make_staff(app)
    client = client_of(app)
    found = [(await sign_in(client, email=f"{number}@kist.example")).status_code for number in range(4)]
    assert found == [401, 401, 401, 429]
    assert (await sign_in(client_of(app, address="203.0.113.8"))).status_code == 200


async def test_a_successful_sign_in_clears_the_count(start: Start) -> None:
    app = await start(sign_in_attempts_of_account=2, sign_in_attempts_of_address=3)
    await make_staff(app)
    client = client_of(app)
    for _ in range(3):
        assert (await sign_in(client, password="wrong horse!")).status_code in {401, 429}
        await app.state.keyring.attempts.succeeded(account=EMAIL, address="203.0.113.7")
        assert (await sign_in(client)).status_code == 200


async def test_the_admin_pages_count_the_same_attempts(start: Start) -> None:
    app = await start(sign_in_attempts_of_account=2)
    await make_staff(app)
    client = client_of(app)
    for _ in range(2):
        await sign_in(client, password="wrong horse!")
    form = await client.get("/admin/login")
    answer = await client.post(
        "/admin/login", data={"username": EMAIL, "password": PASSWORD, "csrftoken": csrf_token(form)}
    )
    assert (answer.status_code, "too many attempts" in answer.text) == (400, True)


async def test_a_stolen_token_guesses_no_password(start: Start) -> None:
    app = await start(sign_in_attempts_of_account=2)
    await make_staff(app)
    client = client_of(app)
    headers = {"Authorization": f"Bearer {(await sign_in(client)).json()['access_token']}"}
    guess = {"current_password": "wrong horse!", "new_password": "battery staple"}
    found = [(await client.put("/api/v1/auth/password", json=guess, headers=headers)).status_code for _ in range(3)]
    assert found == [422, 422, 429]
    assert (await sign_in(client)).status_code == 200


async def test_refresh_tokens_are_not_guessed(start: Start) -> None:
    app = await start(sign_in_attempts_of_address=2)
    await make_staff(app)
    client = client_of(app)
    good = (await sign_in(client)).json()["refresh_token"]
    found = [
        (await client.post("/api/v1/auth/refresh", json={"refresh_token": f"krt_{number}"})).status_code
        for number in range(3)
    ]
    assert found == [401, 401, 429]
    # A good token is not a guess: a person who shares an address with a thief stays signed in.
    assert (await client.post("/api/v1/auth/refresh", json={"refresh_token": good})).status_code == 200


async def test_a_token_that_is_counted_is_still_read(client: httpx.AsyncClient, headers_of: HeadersOf) -> None:
    headers = await headers_of(Role.OFFICER)
    answer = await client.get("/api/v1/clock", headers=headers)
    assert (answer.status_code, answer.headers["ratelimit-limit"]) == (200, "1000000")
