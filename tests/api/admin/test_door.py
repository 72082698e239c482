"""Sign-in and sessions of the admin pages: who may sign in, for how long, and that no page opens without a session."""

import io
import json
import sys
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

from app.api.admin.sessions import COOKIE, Session, SessionCookies, derive_key
from app.db.models import RefreshToken
from app.db.repositories.audit import EventFilter
from app.domain.people.access import SYSTEM, Role
from app.observability import configure_logging
from app.services.operations.audit import list_events
from app.services.people.access import create_user_account
from app.services.people.credentials import set_password
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.conftest import ADMIN, OFFICER, PASSWORD, Browse, csrf_token
from tests.api.conftest import Time

SIGN_IN = "/admin/login"


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Every method and path of the admin application, with its parameters filled in."""
    (mount,) = [route for route in app.routes if isinstance(route, Mount) and route.path == "/admin"]
    inner = mount.app
    assert isinstance(inner, Starlette)
    return [
        (method, "/admin" + route.path.replace("{key}", "loans").replace("{storage}/{path:path}", "x/y"))
        for route in inner.routes
        if isinstance(route, Route)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


async def attempt(client: httpx.AsyncClient, *, email: str, password: str = PASSWORD) -> httpx.Response:
    form = await client.get(SIGN_IN)
    return await client.post(SIGN_IN, data={"username": email, "password": password, "csrftoken": csrf_token(form)})


async def test_without_a_session_every_page_leads_to_the_form(app: FastAPI, client: httpx.AsyncClient) -> None:
    routes = routes_of(app)
    assert ("POST", "/admin/_api/loans/row-action") in routes
    for method, path in routes:
        if path == SIGN_IN:
            continue
        token = csrf_token(await client.get(SIGN_IN))
        answer = await client.request(method, path, headers={"X-CSRFToken": token})
        assert (method, path, answer.status_code) == (method, path, 303)
        assert answer.headers["location"].startswith(f"http://kist.example{SIGN_IN}")


async def test_the_address_without_its_slash(client: httpx.AsyncClient) -> None:
    answer = await client.get("/admin")
    assert (answer.status_code, answer.headers["location"]) == (307, "/admin/")


async def test_staff_sign_in_with_a_cookie_that_scripts_cannot_read(client: httpx.AsyncClient, staff: None) -> None:
    answer = await attempt(client, email=f"  {ADMIN.upper()} ")
    assert (answer.status_code, answer.headers["location"]) == (303, "http://kist.example/admin/")
    (cookie,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith(COOKIE)]
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/admin", "max-age=1800"} <= attributes
    assert PASSWORD not in cookie


async def test_in_production_the_cookie_travels_over_https_only() -> None:
    session = Session(
        user_account_id=1, role=Role.ADMIN, email=ADMIN, credentials=1, began_at=1_763_000_000, seen_at=1_763_000_000
    )
    for secure in (True, False):
        response = Response()
        SessionCookies(secret="x" * 32, secure=secure).put(response, session)
        assert ("; Secure" in response.headers["set-cookie"]) is secure


@pytest.mark.parametrize(
    "email, password", [(ADMIN, "another password"), ("nobody@kist.example", PASSWORD), ("", ""), (ADMIN, "")]
)
async def test_a_failed_sign_in_never_says_why(
    client: httpx.AsyncClient, staff: None, email: str, password: str
) -> None:
    answer = await attempt(client, email=email, password=password)
    assert (answer.status_code, COOKIE in client.cookies) == (400, False)
    assert "is wrong" in answer.text


async def test_a_customer_does_not_get_in(
    app: FastAPI, client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory
) -> None:
    password_hash = await app.state.keyring.passwords.hash(PASSWORD)
    async with uow_factory.open(SYSTEM) as uow:
        await create_user_account(
            uow, role=Role.CUSTOMER, name="Asha", email="asha@example.in", password_hash=password_hash, customer_id=1
        )
    answer = await attempt(client, email="asha@example.in")
    assert (answer.status_code, COOKIE in client.cookies) == (400, False)


async def test_a_form_without_its_token_is_refused(client: httpx.AsyncClient, browse: Browse) -> None:
    answer = await client.post(SIGN_IN, data={"username": ADMIN, "password": PASSWORD})
    assert (answer.status_code, COOKIE in client.cookies) == (403, False)
    inside = await browse(ADMIN)
    for headers in ({}, {"X-CSRFToken": "made up"}):
        for path in ("/admin/_api/scheduled-tasks/row-action?name=pause&pk=sweep", "/admin/logout"):
            assert (await inside.post(path, headers=headers)).status_code == 403


async def test_a_session_ends_after_half_an_hour_of_silence(browse: Browse, time: Time) -> None:
    client = await browse(OFFICER)
    for _ in range(3):
        time.advance(minutes=25)
        assert (await client.get("/admin/loans/list")).url.path == "/admin/loans/list"
    time.advance(minutes=31)
    assert (await client.get("/admin/loans/list")).url.path == SIGN_IN


async def test_a_session_ends_after_eight_hours_in_any_case(browse: Browse, time: Time) -> None:
    client = await browse(OFFICER)
    seen = set()
    for _ in range(25):
        time.advance(minutes=20)
        seen.add((await client.get("/admin/loans/list")).url.path)
        if SIGN_IN in seen:
            break
    assert seen == {"/admin/loans/list", SIGN_IN}
    assert (time.now.hour, time.now.minute) == (14, 0)  # it began at 06:00


async def test_a_changed_password_ends_it_at_once(app: FastAPI, browse: Browse, uow_factory: UnitOfWorkFactory) -> None:
    client = await browse(OFFICER)
    await set_password(
        uow_factory, SYSTEM, passwords=app.state.keyring.passwords, email=OFFICER, password="quite another one"
    )
    assert (await client.get("/admin/loans/list")).url.path == SIGN_IN


async def test_signing_out(browse: Browse) -> None:
    client = await browse(ADMIN)
    page = await client.get("/admin/")
    left = await client.post("/admin/logout", data={"csrftoken": csrf_token(page)})
    assert (left.url.path, COOKIE in client.cookies) == (SIGN_IN, False)


async def test_the_trail_tells_who_came_in_and_who_left(
    app: FastAPI, browse: Browse, uow_factory: UnitOfWorkFactory, lines: io.StringIO
) -> None:
    password_hash = await app.state.keyring.passwords.hash(PASSWORD)
    async with uow_factory.open(SYSTEM) as uow:
        asha = await create_user_account(
            uow, role=Role.CUSTOMER, name="Asha", email="asha@example.in", password_hash=password_hash, customer_id=1
        )
    client = await browse(ADMIN)
    stranger = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://kist.example")
    async with stranger:
        for email, password in ((ADMIN, "another password"), ("asha@example.in", PASSWORD)):
            await attempt(stranger, email=email, password=password)
    page = await client.get("/admin/")
    await client.post("/admin/logout", data={"csrftoken": csrf_token(page)})

    async with uow_factory.open(SYSTEM) as uow:
        seen = await list_events(uow, EventFilter(object_kind="principal"), before=2**62, limit=100)
        tokens = await uow.session.scalar(select(func.count()).select_from(RefreshToken))
    events = [event for event in reversed(seen.events) if event.action != "principal_made"]
    meera = events[0].actor
    assert meera.startswith("admin:")
    number = meera.removeprefix("admin:")
    assert [(event.action, event.actor, event.object_id) for event in events] == [
        ("signed_in", meera, number),
        ("sign_in_refused", "anonymous", number),
        ("sign_in_refused", asha.label, str(asha.user_account_id)),
        ("signed_out", meera, number),
    ]
    assert [event.details for event in events] == [{"at": "admin pages"}] * 4
    signing_in = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["actor"] for line in signing_in if line["event"] == "request" and line["method"] == "POST"] == [
        meera, None, None, meera,
    ]  # fmt: skip
    assert {event.client_address for event in events} == {"127.0.0.1"}
    assert all(event.request_id for event in events)
    assert tokens == 0  # The session is the cookie; no refresh token is made.


@pytest.mark.parametrize("next_url", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
async def test_sign_in_never_redirects_to_another_site(client: httpx.AsyncClient, staff: None, next_url: str) -> None:
    form = await client.get(SIGN_IN, params={"next": next_url})
    answer = await client.post(
        SIGN_IN, params={"next": next_url},
        data={"username": ADMIN, "password": PASSWORD, "csrftoken": csrf_token(form)},
    )  # fmt: skip
    assert (answer.status_code, answer.headers["location"]) == (303, "http://kist.example/admin/")


def broken(cookie: str) -> list[str]:
    """A valid cookie, broken in many ways."""
    head, _, tail = cookie.rpartition(".")
    return [
        "",
        "x",
        "." * 9,
        head,
        f"{head}.",
        f"{head}.{tail[:-2]}AA",
        cookie[1:],
        f"{cookie}x",
        "é" * 10,
        cookie * 50,
    ]


async def test_a_cookie_that_is_not_ours_is_no_session(client: httpx.AsyncClient, staff: None) -> None:
    await attempt(client, email=ADMIN)
    cookie = client.cookies[COOKIE]
    for value in broken(cookie):
        headers: dict[str, Any] = {"cookie": f"{COOKIE}={value}".encode()}
        answer = await client.get("/admin/", headers=headers)
        assert answer.status_code == 303, value


def test_each_purpose_has_a_key_of_its_own() -> None:
    keys = {derive_key("s" * 32, purpose=purpose) for purpose in ("a", "b")} | {derive_key("t" * 32, purpose="a")}
    assert len(keys) == 3
    assert all(len(key) == 64 for key in keys)


async def test_the_log_line_names_the_page_and_the_caller(browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging("INFO")
    client = await browse(OFFICER)
    for path in ("/admin/loans/list?q=234567890124", "/admin/static/kist/admin.css", "/admin/nothing/at/all"):
        await client.get(path)
    logged = [json.loads(line) for line in stream.getvalue().splitlines()]
    (officer,) = {line["actor"] for line in logged} - {None}
    assert officer.startswith("officer:")
    assert [(line["method"], line["route"], line["status"], line["actor"]) for line in logged] == [
        ("GET", "/admin/{path}", 303, None),  # The sign-in check runs before the pages' own routes.
        ("GET", "/admin/login", 200, None),
        ("POST", "/admin/login", 303, officer),
        ("GET", "/admin/", 200, officer),
        ("GET", "/admin/{key}/list", 200, officer),
        ("GET", "/admin/static/{path}", 200, None),
        ("GET", "/admin/{path}", 404, officer),
    ]
    assert "234567890124" not in stream.getvalue()
