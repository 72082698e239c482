"""The business date: everybody reads it, an admin moves it forward, and in production nobody can."""

import httpx
import pytest

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import HeadersOf, Time

CLOCK = "/api/v1/clock"


async def move(client: httpx.AsyncClient, headers: dict[str, str], to: object) -> httpx.Response:
    return await client.put(CLOCK, json={"business_date": to}, headers=headers)


async def test_it_is_the_date_in_india(client: httpx.AsyncClient, officer: dict[str, str], time: Time) -> None:
    assert (await client.get(CLOCK, headers=officer)).json() == {"business_date": "2026-11-21"}


async def test_it_moves_forward_and_stays(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    assert (await move(client, admin, "2026-12-21")).json() == {"business_date": "2026-12-21"}
    assert (await client.get(CLOCK, headers=admin)).json() == {"business_date": "2026-12-21"}
    back = await move(client, admin, "2026-12-20")
    assert (back.status_code, back.json()["code"], back.json()["field"]) == (
        409, "clock_moves_forward", "business_date",
    )  # fmt: skip
    assert (await client.get(CLOCK, headers=admin)).json() == {"business_date": "2026-12-21"}


async def test_moving_it_does_not_age_a_token(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    assert (await move(client, admin, "2036-01-01")).status_code == 200
    assert (await client.get(CLOCK, headers=admin)).status_code == 200


@pytest.mark.parametrize(
    "to",
    [None, "", 20261221, 1797811200, 1797811200.5, "1797811200", True, "21-12-2026", "2026-13-01", "2026-02-30",
     "2026-12-21T00:00:00", "2026-12-21 ", "20261221", "2026-W52-1", "9999-12-31", "0001-01-01", ["2026-12-21"]],
)  # fmt: skip
async def test_only_an_iso_date_is_one(client: httpx.AsyncClient, admin: dict[str, str], to: object) -> None:
    answer = await move(client, admin, to)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["field"] == "business_date"
    assert fault["code"] in {"not_a_date", "date_out_of_range"}
    assert (await client.get(CLOCK, headers=admin)).json() == {"business_date": "2026-11-21"}


async def test_production_has_no_such_route(settings: Settings, headers_of: HeadersOf) -> None:
    app = create_app(settings.model_copy(update={"env": "production"}))
    assert sorted(app.openapi()["paths"][CLOCK]) == ["get"]
