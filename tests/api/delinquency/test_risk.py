"""`/api/v1/risk`: each report as JSON and as CSV, for staff only."""

import httpx
import pytest

from app.services.unit_of_work import UnitOfWorkFactory
from tests.services.delinquency.conftest import Desk
from tests.services.delinquency.test_risk import book
from tests.services.lending_desk import LendingHelper


async def test_provisions_as_json_and_csv(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, opened: None, officer: dict[str, str]
) -> None:
    await book(Desk(LendingHelper(uow_factory)))
    answer = await client.get("/api/v1/risk/provisions", headers=officer)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["on"], body["judged_through"]) == ("2027-03-21", "2027-03-21")
    assert body["provisions"][-1] == {
        "asset_class": "sub_standard", "is_secured": False, "loans": 1, "principal": 120000.0, "interest": 4228.5,
        "suspended": 4228.5, "net": 120000.0, "rate_percent": 10.0,
        "rule": "provision_sub_standard_unsecured_percent", "reference": "NBFC Prudential Norms Directions of 2007",
        "provision": 12000.0,
    }  # fmt: skip
    assert body["provision"] == sum(line["provision"] for line in body["provisions"])

    table = await client.get("/api/v1/risk/provisions", params={"format": "csv"}, headers=officer)
    assert table.headers["content-type"].startswith("text/csv")
    lines = table.text.splitlines()
    assert (
        lines[0]
        == "asset_class,is_secured,loans,principal,interest,suspended,net,rate_percent,rule,reference,provision"
    )
    assert lines[-1] == (
        "sub_standard,False,1,120000.00,4228.50,4228.50,120000.00,10,provision_sub_standard_unsecured_percent,"
        "NBFC Prudential Norms Directions of 2007,12000.00"
    )


@pytest.mark.parametrize(
    "path, first, last",
    [
        ("portfolio-at-risk", "after_days,loans,principal,share_percent", "90,1,120000.00,"),
        ("vintages", "month,loans,disbursed,age_months,failed_percent", "2026-11-01,2,240000.00,4,50.00"),
        ("roll-rates", "from,to,loans,principal,share_percent", "sma_2,sub_standard,1,120000.00,100.00"),
    ],
)
async def test_the_other_reports(
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    opened: None,
    officer: dict[str, str],
    path: str,
    first: str,
    last: str,
) -> None:
    await book(Desk(LendingHelper(uow_factory)))
    assert (await client.get(f"/api/v1/risk/{path}", headers=officer)).status_code == 200
    table = await client.get(f"/api/v1/risk/{path}", headers={**officer, "Accept": "text/csv"})
    lines = table.text.splitlines()
    assert lines[0] == first
    assert lines[-1].startswith(last)


@pytest.mark.parametrize("path", ["provisions", "portfolio-at-risk", "vintages", "roll-rates"])
async def test_only_staff_read_them(client: httpx.AsyncClient, opened: None, path: str) -> None:
    assert (await client.get(f"/api/v1/risk/{path}")).status_code == 401
